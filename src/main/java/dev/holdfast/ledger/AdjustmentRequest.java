package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * An adjustment as an admin asks for it: by so many units, or to so many.
 *
 * @param delta units more, less where negative; null where {@code capacity} is given
 * @param capacity units from then on; null where {@code delta} is given
 * @param expectedVersion of the capacity as the admin saw it; null: whatever it is by now
 * @param reference of the admin's own, such as a purchase order; null for none
 * @param allowBelowHeld whether capacity that is held is to go as holds end
 * @param idempotencyKey names this request within its sale
 */
public record AdjustmentRequest(
        @Nullable Long delta,
        @Nullable Long capacity,
        @Nullable Long expectedVersion,
        @Nullable String reference,
        boolean allowBelowHeld,
        String idempotencyKey) {

    /** Units from then on. */
    long after(long before) {
        return delta == null ? capacity == null ? before : capacity : before + delta;
    }

    /** What else was asked for under this key: another text for every other request. */
    String fingerprint(String sku, @Nullable String reason) {
        return sku
                + '\n'
                + delta
                + '\n'
                + capacity
                + '\n'
                + expectedVersion
                + '\n'
                + allowBelowHeld
                + '\n'
                + reference
                + '\n'
                + reason;
    }
}
