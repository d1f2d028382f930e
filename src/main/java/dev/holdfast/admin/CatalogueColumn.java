package dev.holdfast.admin;

import dev.holdfast.reservation.SkuRules;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The columns of our own format, in their order, but for {@code sku} before and attributes after them. */
@SuppressWarnings("ImmutableEnumChecker") // its functions keep nothing
enum CatalogueColumn {
    CAPACITY("capacity", 0, StockDraft.MOST_UNITS, RulesDraft::capacity, SkuRules::capacity),
    PRODUCT_ID("product_id", CatalogueColumn::productId, rules -> rules.productId()),
    PRICE("price", 0, StockDraft.MOST_MINOR_UNITS, RulesDraft::price, SkuRules::price),
    PER_CUSTOMER_LIMIT(
            "per_customer_limit",
            1,
            StockDraft.MOST_UNITS_PER_CUSTOMER,
            RulesDraft::perCustomerLimit,
            rules -> rules.perCustomerLimit() == 0 ? null : Long.valueOf(rules.perCustomerLimit())),
    LOW_STOCK_THRESHOLD(
            "low_stock_threshold",
            0,
            StockDraft.MOST_UNITS,
            RulesDraft::lowStockThreshold,
            SkuRules::lowStockThreshold),
    REORDER_QUANTITY(
            "reorder_quantity", 0, StockDraft.MOST_UNITS, RulesDraft::reorderQuantity, SkuRules::reorderQuantity);

    /** The column that says which SKU a row is about. */
    static final String SKU = "sku";

    /** What the name of an attribute's column begins with. */
    static final String ATTRIBUTE = "attribute:";

    private final String header;
    private final Function<String, RulesDraft.Edit> reader;
    private final Function<SkuRules, @Nullable Object> writer;

    CatalogueColumn(
            String header, Function<String, RulesDraft.Edit> reader, Function<SkuRules, @Nullable Object> writer) {
        this.header = header;
        this.reader = reader;
        this.writer = writer;
    }

    CatalogueColumn(
            String header, long least, long most, NumberEdit edit, Function<SkuRules, @Nullable Object> writer) {
        this(
                header,
                cell -> {
                    Long number = Cells.whole(header, cell, least, most);
                    return draft -> edit.put(draft, number);
                },
                writer);
    }

    /** Its name in the first row. */
    String header() {
        return header;
    }

    /** What the cell says; throws {@link BadCell}. */
    RulesDraft.Edit read(String cell) {
        return reader.apply(cell);
    }

    /** The cell that says this again. */
    String write(SkuRules rules) {
        Object value = writer.apply(rules);
        return value == null ? "" : value.toString();
    }

    /** Of an attribute; throws {@link BadCell}. */
    static RulesDraft.Edit readAttribute(String name, String cell) {
        String text = Cells.text(ATTRIBUTE + name, FormulaGuard.unguarded(cell), StockDraft.LONGEST_ATTRIBUTE);
        return draft -> draft.attribute(name, text);
    }

    private static RulesDraft.Edit productId(String cell) {
        String id = Cells.optionalIdentifier("product_id", cell);
        return draft -> draft.productId(id);
    }

    private interface NumberEdit {
        void put(RulesDraft draft, @Nullable Long number);
    }
}
