package dev.holdfast.reservation;

/** What may come of a request to hold. */
public sealed interface HoldOutcome {

    /** The units are set aside. */
    record Held(Reservation reservation) implements HoldOutcome {}

    /** The same request came before: the reservation as it is now. */
    record Replayed(Reservation reservation) implements HoldOutcome {}

    /** The idempotency key stands for another request. */
    record KeyReused() implements HoldOutcome {}

    /** More time was asked for than the sale gives: {@code maxHoldMs} at most. */
    record HoldTooLong(long maxHoldMs) implements HoldOutcome {}

    /** Nothing was set aside, for a reason of the sale or its stock. */
    record Refused(Refusal refusal) implements HoldOutcome {}

    /** Neither PostgreSQL nor Redis knows the sale. */
    record NoSuchSale() implements HoldOutcome {}
}
