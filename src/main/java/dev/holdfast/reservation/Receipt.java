package dev.holdfast.reservation;

/**
 * What a caller was told of a reservation, with all that is needed to put it back after a loss.
 *
 * @param state held, confirmed or released, as a rule; expired where a repeated hold was answered so
 * @param heldAtMs when it was made, ms since 1970 by the sale's clock
 * @param expiresAtMs deadline of its hold, ms since 1970
 * @param endedAtMs when it ended, ms since 1970; 0 while held
 * @param mark which of its states the caller was told of
 */
public record Receipt(
        SaleId saleId,
        ReservationId id,
        CustomerId customerId,
        ReservationState state,
        Cart cart,
        long heldAtMs,
        long expiresAtMs,
        long endedAtMs,
        Reservation.Mark mark) {

    /** The reservation as it has become where nothing of it is left: it was released, as the receipt says, or its hold ran out. */
    public Reservation asItEnded() {
        boolean released = state == ReservationState.RELEASED;
        long endMs = released ? endedAtMs : expiresAtMs;
        return new Reservation(
                id,
                saleId,
                customerId,
                released ? ReservationState.RELEASED : ReservationState.EXPIRED,
                cart,
                heldAtMs,
                expiresAtMs,
                endMs,
                endMs,
                false,
                mark);
    }
}
