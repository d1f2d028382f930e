package dev.holdfast.redis;

import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import java.util.Optional;

/** Tells what is surely not done from what may have been. */
final class RedisFailures {

    /** Redis's words for a stream id that is not above the last one. */
    private static final String ENTRY_REFUSED = "equal or smaller than the target stream top item";

    private static final String WRONG_TYPE = "WRONGTYPE ";

    private RedisFailures() {}

    /** For a command that was sent: Redis's refusal, or no answer at all. */
    static Throwable ofReply(String what, Effect effect, Throwable failure) {
        if (failure instanceof RedisNoScriptException) {
            return failure;
        }
        if (failure instanceof RedisCommandExecutionException) {
            return ofErrorReply(what, failure);
        }
        return new Unavailable(withoutReply(effect), what + ": " + failure.getMessage(), failure);
    }

    /** For a command that lettuce refused before sending it. */
    static Unavailable notSent(String what, Throwable refusal) {
        String message = String.valueOf(refusal.getMessage());
        Reason reason = message.contains("size exceeded") ? Reason.OVERLOADED : Reason.REDIS_UNAVAILABLE;
        return new Unavailable(reason, what + ": " + message, refusal);
    }

    /** For a command that is not sent, because Redis is known not to take it. */
    static Unavailable notSent(String what, RedisTrouble trouble, String where) {
        return new Unavailable(
                trouble.reason(), trouble.sentence(), what + " at " + where + ": " + trouble.sentence(), null);
    }

    /** What a lost answer means. */
    static Reason withoutReply(Effect effect) {
        return switch (effect) {
            case READS -> Reason.REDIS_UNAVAILABLE;
            case CHANGES -> Reason.OUTCOME_UNKNOWN;
        };
    }

    /** Whether Redis answered, and would not do it. */
    static boolean isAnswer(Throwable failure) {
        return failure.getCause() instanceof RedisCommandExecutionException;
    }

    /**
     * Whether a script was refused its first ledger entry, because the stream already ends at that place or behind it: then it changed
     * nothing (include/lane.lua).
     */
    static boolean isEntryRefused(Throwable failure) {
        return failure.getMessage() != null && failure.getMessage().contains(ENTRY_REFUSED);
    }

    /** Whether a key is of another type than the command needs: somebody else wrote it. */
    static boolean isWrongType(Throwable failure) {
        return failure.getMessage() != null && failure.getMessage().contains(WRONG_TYPE);
    }

    /** Whether Redis refused the command for want of memory. */
    static boolean isFull(Throwable failure) {
        return failure instanceof Unavailable
                && RedisTrouble.of(failure).filter(RedisTrouble.FULL::equals).isPresent();
    }

    /** With these Redis refuses a command before it does any of it; every other one is a bug of ours. */
    private static Throwable ofErrorReply(String what, Throwable error) {
        String message = what + ": " + error.getMessage();
        Optional<RedisTrouble> trouble = RedisTrouble.ofErrorReply(error.getMessage());
        return trouble.isPresent()
                ? new Unavailable(trouble.get().reason(), trouble.get().sentence(), message, error)
                : new IllegalStateException(message, error);
    }
}
