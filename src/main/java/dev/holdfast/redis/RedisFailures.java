package dev.holdfast.redis;

import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what is surely not done from what may have been. */
final class RedisFailures {

    /** Error codes with which Redis refuses a command before doing any of it. */
    private static final Set<String> REFUSED_UNDONE = Set.of(
            "LOADING",
            "READONLY",
            "MISCONF",
            "CLUSTERDOWN",
            "MASTERDOWN",
            "NOREPLICAS",
            "MOVED",
            "ASK",
            "TRYAGAIN",
            "BUSY",
            "NOAUTH",
            "WRONGPASS",
            "NOPERM");

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

    /** What a lost answer means. */
    static Reason withoutReply(Effect effect) {
        return switch (effect) {
            case READS -> Reason.REDIS_UNAVAILABLE;
            case CHANGES -> Reason.OUTCOME_UNKNOWN;
        };
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

    private static Throwable ofErrorReply(String what, Throwable error) {
        String code = code(error.getMessage());
        if (code.equals("OOM")) {
            return new Unavailable(Reason.OVERLOADED, what + ": Redis is full", error);
        }
        if (REFUSED_UNDONE.contains(code)) {
            return new Unavailable(Reason.REDIS_UNAVAILABLE, what + ": " + error.getMessage(), error);
        }
        return new IllegalStateException(what + ": " + error.getMessage(), error);
    }

    private static String code(@Nullable String message) {
        if (message == null) {
            return "";
        }
        int end = message.indexOf(' ');
        return end < 0 ? message : message.substring(0, end);
    }
}
