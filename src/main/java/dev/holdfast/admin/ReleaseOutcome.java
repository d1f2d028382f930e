package dev.holdfast.admin;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Unavailable;

/** What may come of an admin's release. */
public sealed interface ReleaseOutcome {

    /** As of anybody's release. */
    record Decided(ChangeOutcome outcome) implements ReleaseOutcome {}

    /** PostgreSQL has it, and Redis will be told as soon as it can be: it need not be asked for again. */
    record Stored(Unavailable.Reason reason) implements ReleaseOutcome {}
}
