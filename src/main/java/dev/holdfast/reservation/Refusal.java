package dev.holdfast.reservation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a cart cannot be had now. Nothing changed, and the same request may succeed later. */
public sealed interface Refusal {

    /**
     * At least one SKU is short.
     *
     * @param retryAfterMs when it is worth to ask again, ms: until the lane's next hold is due, but 5,000 at most, because that
     *     hold may be of other SKUs, and what is short may be released before; null when nothing that is short is held either
     */
    record OutOfStock(
            List<Shortage> shortages,
            List<Alternative> alternatives,
            @Nullable Long retryAfterMs) implements Refusal {}

    /**
     * The buyer would have more units than allowed.
     *
     * @param limit units
     * @param taken units the buyer holds or bought already, without this cart
     * @param sku whose own limit it is; null for the sale's
     */
    record PurchaseLimit(long limit, long taken, @Nullable Sku sku) implements Refusal {}

    /** The sale does not have these SKUs. */
    record UnknownSkus(List<Sku> skus) implements Refusal {}

    /** Too early, by the sale's clock. */
    record SaleNotOpen(long nowMs, long opensAtMs) implements Refusal {}

    /** An admin has paused the sale. */
    record SalePaused() implements Refusal {}

    /** Closed by an admin, or its window is over. */
    record SaleClosed() implements Refusal {}

    /** A SKU with fewer units than asked for; the buyer's own cart counts as free in {@code available}. */
    record Shortage(Sku sku, long requested, long available, long held) {

        /** Nothing is available and nothing can come back from a hold. */
        public boolean soldOut() {
            return available == 0 && held == 0;
        }
    }

    /** Another SKU of the same product, with stock. */
    record Alternative(Sku sku, long available) {}
}
