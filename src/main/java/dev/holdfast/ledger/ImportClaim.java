package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import java.util.UUID;

/**
 * The right to do an import that has an Idempotency-Key, until its lease runs out and somebody else makes a later attempt.
 *
 * @param attempt counts from 1
 */
public record ImportClaim(SaleId saleId, String idempotencyKey, UUID importId, int attempt) {

    /** Whether another node began the import and may have done a part of it. */
    public boolean isTakenOver() {
        return attempt > 1;
    }

    @Override
    public String toString() {
        return "import " + importId + " of " + saleId;
    }
}
