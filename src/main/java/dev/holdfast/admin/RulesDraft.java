package dev.holdfast.admin;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of a SKU while the cells of a file are put over what is there. */
final class RulesDraft {

    private final @Nullable SkuRules before;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private @Nullable Long capacity;
    private @Nullable String productId;
    private @Nullable Long price;
    private long perCustomerLimit;
    private @Nullable Long lowStockThreshold;
    private @Nullable Long reorderQuantity;

    private RulesDraft(@Nullable SkuRules before) {
        this.before = before;
        if (before != null) {
            attributes.putAll(before.attributes());
            capacity = before.capacity();
            productId = before.productId();
            price = before.price();
            perCustomerLimit = before.perCustomerLimit();
            lowStockThreshold = before.lowStockThreshold();
            reorderQuantity = before.reorderQuantity();
        }
    }

    /** What a cell does to it. */
    @FunctionalInterface
    interface Edit {
        void putOver(RulesDraft draft);
    }

    /** Begins with these; with nothing where it is a new SKU. */
    static RulesDraft over(@Nullable SkuRules before) {
        return new RulesDraft(before);
    }

    /** Null: as it is. */
    void capacity(@Nullable Long units) {
        if (units != null) {
            capacity = units;
        }
    }

    void productId(@Nullable String id) {
        productId = id;
    }

    void price(@Nullable Long minorUnits) {
        price = minorUnits;
    }

    void perCustomerLimit(@Nullable Long units) {
        perCustomerLimit = units == null ? 0 : units;
    }

    void lowStockThreshold(@Nullable Long units) {
        lowStockThreshold = units;
    }

    void reorderQuantity(@Nullable Long units) {
        reorderQuantity = units;
    }

    /** Empty: it has none. */
    void attribute(String name, String text) {
        if (text.isEmpty()) {
            attributes.remove(name);
        } else {
            attributes.put(name, text);
        }
    }

    /** Why this cannot be, for people; null where it can. */
    @Nullable
    String problem() {
        if (capacity == null) {
            return "capacity is needed for a SKU that is new";
        }
        return attributes.size() > StockDraft.MOST_ATTRIBUTES
                ? "it would have " + attributes.size() + " attributes: at most " + StockDraft.MOST_ATTRIBUTES
                : null;
    }

    /** Whether anything is other than it was. */
    boolean changesAnything(Sku sku) {
        return before == null || !rules(sku).equals(before);
    }

    /** Of a draft without a problem; with the version that is there. */
    SkuRules rules(Sku sku) {
        return new SkuRules(
                sku,
                capacity == null ? 0 : capacity,
                productId,
                Collections.unmodifiableMap(attributes),
                price,
                perCustomerLimit,
                lowStockThreshold,
                reorderQuantity,
                before == null ? 0 : before.version());
    }
}
