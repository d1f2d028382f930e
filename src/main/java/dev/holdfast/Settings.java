package dev.holdfast;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that the service is told from outside, checked.
 *
 * @param secret at least 32 characters, the same on all nodes
 * @param allowUnsafeRedis whether to sell on a Redis that evicts or does not persist
 */
public record Settings(
        Listener publicListener,
        Listener adminListener,
        String redisUri,
        String postgresUri,
        String secret,
        Keys checkoutKeys,
        Keys adminKeys,
        boolean allowUnsafeRedis) {

    /** Where to listen; port 0 for any free one. */
    public record Listener(String host, int port) {}

    /** API keys by their names. */
    public record Keys(Map<String, String> byName) {
        /** Keeps its own copy. */
        public Keys {
            byName = Map.copyOf(byName);
        }

        @Override
        public String toString() {
            return byName.keySet().toString();
        }
    }

    /** A setting that is missing or wrong: the message is one line that names it. */
    public static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** One line. */
        public Problem(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
