package dev.holdfast.reservation;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something that is needed to answer is broken or away. */
public final class Unavailable extends RuntimeException {

    /** What callers are told of a reservation that Redis does not have any more, while it is put back. */
    public static final String RESERVATION_LOST =
            "Redis lost this reservation. It is put back as PostgreSQL has it; all others are as they were.";

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final @Nullable String told;
    private final long retryAfterMs;

    /** The message names the operation and its object; callers see only the reason. */
    public Unavailable(Reason reason, String message, @Nullable Throwable cause) {
        this(reason, null, message, cause);
    }

    /**
     * The same with more for callers.
     *
     * @param told one sentence that says what is wrong, without names of hosts, keys or users; null where the reason says it all
     */
    public Unavailable(Reason reason, @Nullable String told, String message, @Nullable Throwable cause) {
        this(reason, told, 0, message, cause);
    }

    private Unavailable(
            Reason reason, @Nullable String told, long retryAfterMs, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.reason = reason;
        this.told = told;
        this.retryAfterMs = retryAfterMs;
    }

    /** Recovering, and it is known for how long: ms. */
    static Unavailable recovering(String told, long retryAfterMs, String message) {
        return new Unavailable(Reason.RECOVERING, told, retryAfterMs, message, null);
    }

    /** Whether this failure is one of these, and for this reason. */
    public static boolean isBecause(Reason reason, Throwable failure) {
        return failure instanceof Unavailable unavailable && unavailable.reason == reason;
    }

    /** What to tell the caller. */
    public Reason reason() {
        return reason;
    }

    /** What is wrong, as a sentence that callers may read; empty where the reason says it all. */
    public Optional<String> told() {
        return Optional.ofNullable(told);
    }

    /** After how long it is worth to try again, ms; 0 where only the reason tells. */
    public long retryAfterMs() {
        return retryAfterMs;
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
