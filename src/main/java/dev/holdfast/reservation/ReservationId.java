package dev.holdfast.reservation;

/**
 * Names one reservation; unguessable, so that whoever has it may end it.
 *
 * <p>It is a key of {@link #KEY_LENGTH} characters, made from the caller's Idempotency-Key or by chance, and the moment of the
 * hold in base 36. A key may be used again a day after its reservation ended: that makes another reservation, of another moment.
 *
 * @param value matches {@link Identifiers#isReservationId}
 */
public record ReservationId(String value) {

    /** Characters of the key: 128 bits in base 64. */
    public static final int KEY_LENGTH = 22;

    private static final int RADIX = 36;

    /** No reservation was held then. */
    private static final long NEVER_MS = 999_999_999_999_999L;

    /** Throws IllegalArgumentException where the value is not a reservation id. */
    public ReservationId {
        if (!Identifiers.isReservationId(value)) {
            throw new IllegalArgumentException("not a reservation id: " + value);
        }
    }

    /** The reservation of this key that was held at this moment, ms since 1970 by the sale's clock. */
    public static ReservationId of(String key, long heldAtMs) {
        return new ReservationId(key + Long.toString(heldAtMs, RADIX));
    }

    /** What Redis keeps it under. */
    public String key() {
        return value.substring(0, KEY_LENGTH);
    }

    /** When it was held, ms since 1970; 0 where the id is a key alone, which means the newest of that key. */
    public long heldAtMs() {
        if (value.length() == KEY_LENGTH) {
            return 0;
        }
        try {
            long heldAtMs = Long.parseLong(value, KEY_LENGTH, value.length(), RADIX);
            // Only one way of writing a moment is its name.
            return heldAtMs > 0 && heldAtMs < NEVER_MS && of(key(), heldAtMs).equals(this) ? heldAtMs : NEVER_MS;
        } catch (NumberFormatException e) {
            return NEVER_MS;
        }
    }

    /** Whether it says when it was held, as all do that were answered to anybody. */
    public boolean isOfOneMoment() {
        long heldAtMs = heldAtMs();
        return heldAtMs > 0 && heldAtMs < NEVER_MS;
    }

    @Override
    public String toString() {
        return value;
    }
}
