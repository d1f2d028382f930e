package dev.holdfast.ledger;

import dev.holdfast.reservation.Adjustment;
import org.jspecify.annotations.Nullable;

/**
 * An adjustment with all that the books say about it.
 *
 * @param pendingReduction units that were to go as holds ended when it was applied; null where it was not
 * @param createdAtMs when it was asked for, ms since 1970 by PostgreSQL's clock
 */
public record StoredAdjustment(
        Adjustment adjustment,
        State state,
        @Nullable Long pendingReduction,
        String reason,
        @Nullable String reference,
        Author author,
        long createdAtMs) {

    /** How far it has come. */
    public enum State {
        /** It is on its way to Redis. */
        PENDING,
        /** It is in force. */
        APPLIED,
        /** Redis refused it: nothing changed. */
        REFUSED
    }
}
