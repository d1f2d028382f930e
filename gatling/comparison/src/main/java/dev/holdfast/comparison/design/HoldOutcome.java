package dev.holdfast.comparison.design;

/** What became of a request to hold. */
public sealed interface HoldOutcome {

    /** The units are set aside. */
    record Held(Reservation reservation) implements HoldOutcome {}

    /** The same request came before; this is what became of it. */
    record Replayed(Reservation reservation) implements HoldOutcome {}

    /** Another request had the same key. */
    record KeyReused() implements HoldOutcome {}

    /** Fewer units are free than were asked for. */
    record OutOfStock(long available) implements HoldOutcome {}

    /** The sale has no such SKU. */
    record UnknownSku() implements HoldOutcome {}

    /** Others had the lock for too long: nothing was done. */
    record LockNotTaken() implements HoldOutcome {}
}
