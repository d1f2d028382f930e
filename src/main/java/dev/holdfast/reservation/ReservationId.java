package dev.holdfast.reservation;

/**
 * Names one reservation; unguessable, so that whoever has it may end it.
 *
 * @param value matches {@link Identifiers#isReservationId}
 */
public record ReservationId(String value) {

    /** Throws IllegalArgumentException where the value is not a reservation id. */
    public ReservationId {
        if (!Identifiers.isReservationId(value)) {
            throw new IllegalArgumentException("not a reservation id: " + value);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
