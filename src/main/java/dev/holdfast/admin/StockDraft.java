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
        @Nullable Long reorderQuantity) {}
