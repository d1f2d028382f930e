package dev.holdfast.admin;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A SKU as an admin asks for it: as in {@link dev.holdfast.reservation.SkuRules}; null for what was not given. */
public record StockDraft(
        long capacity,
        @Nullable String productId,
        Map<String, String> attributes,
        @Nullable Long price,
        @Nullable Long perCustomerLimit,
        @Nullable Long lowStockThreshold,
        @Nullable Long reorderQuantity) {

    /** Of a capacity, a threshold, an order. */
    public static final long MOST_UNITS = 1_000_000_000;

    /** Of a price. */
    public static final long MOST_MINOR_UNITS = 1_000_000_000_000L;

    /** Of a limit. */
    public static final long MOST_UNITS_PER_CUSTOMER = 1_000_000;

    /** Of one SKU. */
    public static final int MOST_ATTRIBUTES = 20;

    /** Characters. */
    public static final int LONGEST_ATTRIBUTE_NAME = 64;

    /** Characters. */
    public static final int LONGEST_ATTRIBUTE = 256;
}
