package dev.holdfast.reservation;

/** What may come of confirm, release, extend, replace and find: a verb on a reservation that should be there. */
public sealed interface ChangeOutcome {

    /** The verb's promise holds, now or since an earlier call: the reservation as it is now. */
    record Done(Reservation reservation) implements ChangeOutcome {}

    /** It ended in another way: nothing changed. */
    record Ended(Reservation reservation) implements ChangeOutcome {}

    /** It has another revision than the caller expects (extend and replace only): nothing changed. */
    record OtherRevision(Reservation reservation) implements ChangeOutcome {}

    /** The new lines cannot be had (replace only): the cart is as it was. */
    record Refused(Refusal refusal) implements ChangeOutcome {}

    /** The sale has no such reservation. */
    record NoSuchReservation() implements ChangeOutcome {}

    /** Neither PostgreSQL nor Redis knows the sale. */
    record NoSuchSale() implements ChangeOutcome {}
}
