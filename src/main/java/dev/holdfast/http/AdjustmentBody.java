package dev.holdfast.http;

import dev.holdfast.admin.StockDraft;
import dev.holdfast.ledger.AdjustmentRequest;

/**
 * The body of POST adjustments.
 *
 * @param reason why, for the trail
 */
record AdjustmentBody(AdjustmentRequest request, String reason) {

    private static final int MAX_REFERENCE_LENGTH = 100;
    private static final long MOST_VERSIONS = 999_999_999_999_999L;

    /** Throws validation-failed. */
    static AdjustmentBody read(JsonFields body, String idempotencyKey) {
        Long delta = body.optionalWhole("delta", -StockDraft.MOST_UNITS, StockDraft.MOST_UNITS);
        Long capacity = body.optionalWhole("capacity", 0, StockDraft.MOST_UNITS);
        Long expectedVersion = body.optionalWhole("expectedVersion", 1, MOST_VERSIONS);
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        String reference = body.optionalText("reference", MAX_REFERENCE_LENGTH);
        boolean allowBelowHeld = Boolean.TRUE.equals(body.optionalFlag("allowBelowHeld"));
        if ((delta == null) == (capacity == null)) {
            body.reject(
                    "delta",
                    delta == null
                            ? "must be given, or capacity instead of it"
                            : "must not be given together with capacity");
        }
        if (delta != null && delta == 0) {
            body.reject("delta", "must not be 0");
        }
        if (capacity != null && expectedVersion == null) {
            body.reject("expectedVersion", "must be given with capacity: the version of the stock as you saw it");
        }
        body.check();
        return new AdjustmentBody(
                new AdjustmentRequest(delta, capacity, expectedVersion, reference, allowBelowHeld, idempotencyKey),
                reason);
    }
}
