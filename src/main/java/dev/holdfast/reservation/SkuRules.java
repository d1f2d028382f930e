package dev.holdfast.reservation;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A SKU as its admin set it up.
 *
 * @param capacity units it was put up with; later changes are adjustments
 * @param productId SKUs of one product are offered for each other; null for none
 * @param attributes size, colour and the like, for people; in the order given
 * @param price minor units of the sale's currency; null if it has none
 * @param perCustomerLimit units of this SKU for each customer; 0 for no limit of its own
 * @param lowStockThreshold units; null for none
 * @param reorderQuantity units; null for none
 * @param version counts every change of these rules, from 1
 */
public record SkuRules(
        Sku sku,
        long capacity,
        @Nullable String productId,
        Map<String, String> attributes,
        @Nullable Long price,
        long perCustomerLimit,
        @Nullable Long lowStockThreshold,
        @Nullable Long reorderQuantity,
        long version) {}
