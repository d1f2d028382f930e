package dev.holdfast.redis;

import java.time.Duration;

/**
 * How to reach Redis and how long to wait for it.
 *
 * @param uri redis:// or rediss://, with user, password and database where needed
 * @param connectTimeout for a connection and its handshake
 * @param commandTimeout from sending a command to its reply
 * @param requestQueueSize commands of one connection that may wait for a reply; one more is refused as overload
 */
public record RedisSettings(String uri, Duration connectTimeout, Duration commandTimeout, int requestQueueSize) {

    /** Throws IllegalArgumentException where a value cannot work; the URI, which may hold a password, is not repeated. */
    public RedisSettings {
        if (!uri.startsWith("redis://") && !uri.startsWith("rediss://")) {
            throw new IllegalArgumentException("the Redis URI must begin with redis:// or rediss://");
        }
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("commandTimeout", commandTimeout);
        if (requestQueueSize < 1) {
            throw new IllegalArgumentException("requestQueueSize is not positive: " + requestQueueSize);
        }
    }

    /**
     * With 2 s to connect, 500 ms for a command, and as many in flight as Redis answers in about a tenth of a second: a
     * longer queue would only turn overload into time-outs.
     */
    public static RedisSettings of(String uri) {
        return new RedisSettings(uri, Duration.ofSeconds(2), Duration.ofMillis(500), 4096);
    }

    /** For a command of a program that has just started: its first call, on a busy machine, takes seconds. */
    public static RedisSettings ofCommand(String uri) {
        return new RedisSettings(uri, Duration.ofSeconds(30), Duration.ofSeconds(5), 4096);
    }

    @Override
    public String toString() {
        return "RedisSettings[connectTimeout=" + connectTimeout + ", commandTimeout=" + commandTimeout
                + ", requestQueueSize=" + requestQueueSize + "]";
    }

    private static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " is not positive: " + value);
        }
    }
}
