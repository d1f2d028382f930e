package dev.holdfast.ledger;

import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.StockedSku;
import java.util.List;

/**
 * What admins decided about a sale and its SKUs, as far as Redis keeps it.
 *
 * @param sale without name, currency and reason, which Redis does not have
 * @param skus likewise without attributes, prices and thresholds
 */
public record LaneSettings(Sale sale, List<StockedSku> skus) {

    /** Keeps its own copy. */
    public LaneSettings {
        skus = List.copyOf(skus);
    }
}
