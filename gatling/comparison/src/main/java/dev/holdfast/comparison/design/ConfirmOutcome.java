package dev.holdfast.comparison.design;

/** What became of a request to confirm. */
public sealed interface ConfirmOutcome {

    /** The units are sold, now or since an earlier call. */
    record Confirmed(Reservation reservation) implements ConfirmOutcome {}

    /** The hold ended before. */
    record TooLate(Reservation reservation) implements ConfirmOutcome {}

    /** No such reservation. */
    record Unknown() implements ConfirmOutcome {}

    /** Others had the lock for too long: nothing was done. */
    record LockNotTaken() implements ConfirmOutcome {}
}
