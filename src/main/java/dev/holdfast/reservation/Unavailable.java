package dev.holdfast.reservation;

import org.jspecify.annotations.Nullable;

/** Something that is needed to answer is broken or away. */
public final class Unavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** The message names the operation and its object; callers see only the reason. */
    public Unavailable(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.reason = reason;
    }

    /** What to tell the caller. */
    public Reason reason() {
        return reason;
    }

    /** Each is a code of the contract with status 503. */
    public enum Reason {
        /** It may have been done: the caller repeats with the same key, or looks. */
        OUTCOME_UNKNOWN,
        /** Redis lost the sale's history: nothing is sold until it is rebuilt. */
        RECOVERING,
        /** Redis cannot be reached: nothing was done. */
        REDIS_UNAVAILABLE,
        /** PostgreSQL cannot be reached and only it has the answer: nothing was done. */
        POSTGRES_UNAVAILABLE,
        /** Too much at once, or Redis is full: nothing was done. */
        OVERLOADED
    }
}
