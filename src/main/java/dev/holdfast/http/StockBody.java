package dev.holdfast.http;

import dev.holdfast.admin.StockDraft;

/** Reads the body of PUT stock. */
final class StockBody {

    /** Of one SKU. */
    static final long MOST_UNITS = 1_000_000_000;

    private static final long MOST_MINOR_UNITS = 1_000_000_000_000L;
    private static final int MOST_UNITS_PER_CUSTOMER = 1_000_000;
    private static final JsonFields.TextsLimit ATTRIBUTES = new JsonFields.TextsLimit(20, 64, 256);

    private StockBody() {}

    /** Throws validation-failed. */
    static StockDraft read(JsonFields body) {
        var draft = new StockDraft(
                body.whole("capacity", 0, MOST_UNITS),
                body.optionalIdentifier("productId"),
                body.optionalTexts("attributes", ATTRIBUTES),
                body.optionalWhole("price", 0, MOST_MINOR_UNITS),
                body.optionalWhole("perCustomerLimit", 1, MOST_UNITS_PER_CUSTOMER),
                body.optionalWhole("lowStockThreshold", 0, MOST_UNITS),
                body.optionalWhole("reorderQuantity", 0, MOST_UNITS));
        body.check();
        return draft;
    }
}
