package dev.holdfast.redis;

import dev.holdfast.reservation.Unavailable.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why Redis does not do what this node needs: each refusal that is no bug of ours, and silence. */
public enum RedisTrouble {
    /** There is no connection. */
    DISCONNECTED(Reason.REDIS_UNAVAILABLE, "Redis cannot be reached."),
    /** There is a connection, and no replies come. */
    SILENT(Reason.REDIS_UNAVAILABLE, "Redis does not answer."),
    /** It belongs to another deployment, or this node must not serve for another reason. */
    NOT_SERVED(
            Reason.REDIS_UNAVAILABLE, "This node serves nothing: its servers or its secret are not this deployment's."),
    /** This node stood still for a while. */
    UNPROVEN(Reason.REDIS_UNAVAILABLE, "This node has not written to Redis for some seconds."),
    /** It was started a moment ago. */
    LOADING(Reason.REDIS_UNAVAILABLE, "Redis is loading its data.", "LOADING"),
    /** It was demoted, or the address is that of a replica. */
    REPLICA(Reason.REDIS_UNAVAILABLE, "Redis is a replica and takes no writes.", "READONLY"),
    /** A replica that does not serve its old data. */
    REPLICA_WITHOUT_MASTER(Reason.REDIS_UNAVAILABLE, "Redis is a replica and has lost its master.", "MASTERDOWN"),
    /** {@code min-replicas-to-write} is not met. */
    TOO_FEW_REPLICAS(Reason.REDIS_UNAVAILABLE, "Redis has fewer replicas than it needs to take writes.", "NOREPLICAS"),
    /** A snapshot or the append-only file could not be written. */
    CANNOT_SAVE(Reason.REDIS_UNAVAILABLE, "Redis cannot save its data to disk, so it takes no writes.", "MISCONF"),
    /** {@code maxmemory} is reached. */
    FULL(Reason.OVERLOADED, "Redis is full: its memory limit is reached.", "OOM"),
    /** A script or function of somebody runs and runs. */
    BUSY(Reason.REDIS_UNAVAILABLE, "Redis is busy with one long script.", "BUSY"),
    /** It is a node of a cluster that has no say over our keys at present. */
    CLUSTERED(
            Reason.REDIS_UNAVAILABLE,
            "Redis is a node of a cluster that does not serve these keys.",
            "MOVED",
            "ASK",
            "TRYAGAIN",
            "CLUSTERDOWN"),
    /** The user, the password, or what the user may do. */
    NOT_ALLOWED(
            Reason.REDIS_UNAVAILABLE,
            "Redis does not allow what this node needs: its user, password or permissions are wrong.",
            "NOAUTH",
            "WRONGPASS",
            "NOPERM");

    private final Reason reason;
    private final String sentence;

    @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot change
    private final List<String> errorCodes;

    RedisTrouble(Reason reason, String sentence, String... errorCodes) {
        this.reason = reason;
        this.sentence = sentence;
        this.errorCodes = List.of(errorCodes);
    }

    /** What callers are told: nothing was done. */
    public Reason reason() {
        return reason;
    }

    /** One sentence that callers and operators may read: it names no host, key or user. */
    public String sentence() {
        return sentence;
    }

    /** Whether it is over as soon as Redis takes one write: it cannot come and go while Redis runs and is connected. */
    boolean endsWithOneWrite() {
        return this == DISCONNECTED || this == LOADING;
    }

    /** Whether Redis says nothing, rather than no. */
    boolean isAbsence() {
        return this == DISCONNECTED || this == SILENT || this == LOADING;
    }

    /** What the error reply of a command means; empty where the command itself was wrong. */
    static Optional<RedisTrouble> ofErrorReply(@Nullable String message) {
        String code = code(message);
        for (RedisTrouble trouble : values()) {
            if (trouble.errorCodes.contains(code)) {
                return Optional.of(trouble);
            }
        }
        return Optional.empty();
    }

    /** The first error reply among the failure and its causes; empty where Redis did not reply or called a command wrong. */
    static Optional<RedisTrouble> of(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RedisCommandExecutionException) {
                return ofErrorReply(cause.getMessage());
            }
        }
        return Optional.empty();
    }

    private static String code(@Nullable String message) {
        if (message == null) {
            return "";
        }
        int end = message.indexOf(' ');
        return end < 0 ? message : message.substring(0, end);
    }
}
