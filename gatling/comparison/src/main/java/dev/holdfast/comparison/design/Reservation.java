package dev.holdfast.comparison.design;

/**
 * What one buyer has.
 *
 * @param state held, confirmed or expired
 */
public record Reservation(
        String id,
        String saleId,
        String sku,
        int quantity,
        String customerId,
        String state,
        long heldAtMs,
        long expiresAtMs) {

    /** Whether this is what the request asks for, or its key was used for something else. */
    boolean answers(HoldRequest request) {
        return sku.equals(request.sku()) && quantity == request.quantity();
    }
}
