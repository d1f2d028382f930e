package dev.holdfast.http;

import dev.holdfast.admin.StockDraft;

/** Reads the body of PUT stock. */
final class StockBody {

    private static final JsonFields.TextsLimit ATTRIBUTES = new JsonFields.TextsLimit(
            StockDraft.MOST_ATTRIBUTES, StockDraft.LONGEST_ATTRIBUTE_NAME, StockDraft.LONGEST_ATTRIBUTE);

    private StockBody() {}

    /** Throws validation-failed. */
    static StockDraft read(JsonFields body) {
        var draft = new StockDraft(
                body.whole("capacity", 0, StockDraft.MOST_UNITS),
                body.optionalIdentifier("productId"),
                body.optionalTexts("attributes", ATTRIBUTES),
                body.optionalWhole("price", 0, StockDraft.MOST_MINOR_UNITS),
                body.optionalWhole("perCustomerLimit", 1, StockDraft.MOST_UNITS_PER_CUSTOMER),
                body.optionalWhole("lowStockThreshold", 0, StockDraft.MOST_UNITS),
                body.optionalWhole("reorderQuantity", 0, StockDraft.MOST_UNITS));
        body.check();
        return draft;
    }
}
