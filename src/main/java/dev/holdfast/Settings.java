package dev.holdfast;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that the service is told from outside, checked.
 *
 * @param secret at least 32 characters, the same on all nodes
 * @param paymentSecrets {@code whsec_...}, of webhooks; several while one is rotated
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
        List<String> paymentSecrets,
        boolean allowUnsafeRedis) {

    /** Keeps its own copy. */
    public Settings {
        paymentSecrets = List.copyOf(paymentSecrets);
    }

    /** The same, listening elsewhere. */
    public Settings listeningAt(Listener publicListener, Listener adminListener) {
        return new Settings(
                publicListener,
                adminListener,
                redisUri,
                postgresUri,
                secret,
                checkoutKeys,
                adminKeys,
                paymentSecrets,
                allowUnsafeRedis);
    }

    /** Without secrets, for a log that meets it by accident. */
    @Override
    public String toString() {
        return SettingsPrinter.print(this);
    }

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

    /** Settings that are missing or wrong: the message has a line for each, which names it. */
    public static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** A line for each setting. */
        public Problem(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
