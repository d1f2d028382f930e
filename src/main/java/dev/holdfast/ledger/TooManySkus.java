package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;

/** Rolls a transaction back that would leave a sale with more SKUs than {@link SkuBook#MOST_SKUS}. */
public final class TooManySkus extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooManySkus(SaleId saleId, long skus) {
        super("sale " + saleId + " would have " + skus + " SKUs", null, false, false);
    }
}
