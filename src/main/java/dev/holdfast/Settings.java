package dev.holdfast;

import dev.holdfast.reservation.Secrets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that the service is told from outside, checked.
 *
 * @param secretText one secret of at least 32 characters, the same on all nodes; or two with a comma between them, while it is exchanged
 * @param paymentSecrets {@code whsec_...}, of webhooks; several while one is rotated
 * @param allowUnsafeRedis whether to sell on a Redis that evicts or does not persist
 * @param rush what to do when more ask than can be served
 * @param keeping how long what has ended is kept
 * @param drain how long a node that was told to end goes on serving, and says that it is not ready; may be zero
 */
public record Settings(
        Listener publicListener,
        Listener adminListener,
        String redisUri,
        String postgresUri,
        String secretText,
        Keys checkoutKeys,
        Keys adminKeys,
        List<String> paymentSecrets,
        boolean allowUnsafeRedis,
        Rush rush,
        Keeping keeping,
        Duration drain) {

    private static final String SECRET_SEPARATOR = ",";

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
                secretText,
                checkoutKeys,
                adminKeys,
                paymentSecrets,
                allowUnsafeRedis,
                rush,
                keeping,
                drain);
    }

    /** From which reservation ids are derived. */
    public Secrets secret() {
        return secrets(secretText);
    }

    static Secrets secrets(String text) {
        String[] both = text.split(SECRET_SEPARATOR, 2);
        return new Secrets(both[0], both.length == 1 ? null : both[1]);
    }

    /** The names of all keys. */
    public Set<String> keyNames() {
        return Stream.of(checkoutKeys, adminKeys)
                .flatMap(keys -> keys.byName().keySet().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Without secrets, for a log that meets it by accident. */
    @Override
    public String toString() {
        return SettingsPrinter.print(this);
    }

    /** Where to listen; port 0 for any free one. */
    public record Listener(String host, int port) {}

    /**
     * How a node goes through a rush.
     *
     * @param nearCache how long a node may refuse by what Redis refused before, without asking again; zero for never
     * @param maxWaitingHolds holds of one event loop that may wait for an answer; more are turned away
     */
    public record Rush(Duration nearCache, int maxWaitingHolds) {

        /** Three commands for each, the most that can come of them, still leave room for other calls in a connection's queue of 4,096. */
        public static final int MOST_WAITING_HOLDS = 1300;

        /** 50 ms, and as many holds as Redis answers in about a tenth of a second. */
        public static Rush usual() {
            return new Rush(Duration.ofMillis(50), 1000);
        }
    }

    /**
     * How long what has ended is kept, the same on all nodes.
     *
     * @param redis in Redis, where its Idempotency-Key stands for it; a day and more
     * @param details in PostgreSQL, in detail; not shorter than in Redis
     * @param ledgerBehind in the ledger in Redis after it was recorded, for a PostgreSQL that comes back older
     */
    public record Keeping(Duration redis, Duration details, Duration ledgerBehind) {

        /** A day, thirty, and ten minutes. */
        public static Keeping usual() {
            return new Keeping(Duration.ofHours(24), Duration.ofDays(30), Duration.ofMinutes(10));
        }
    }

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
