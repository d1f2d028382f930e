package dev.holdfast.dev;

import dev.holdfast.Settings;
import dev.holdfast.SettingsReader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of dev mode: the environment's, with defaults for what production requires, and with free ports.
 *
 * @param service complete, with the addresses of servers that may not run yet
 * @param redisPort where to start Redis; empty if one is configured
 * @param postgresPort where to start PostgreSQL; empty if one is configured
 * @param dataDir where to keep data; empty for a temporary folder
 * @param notes what a person may not expect, a line each
 */
record DevSettings(
        Settings service,
        Optional<Integer> redisPort,
        Optional<Integer> postgresPort,
        Optional<Path> dataDir,
        List<String> notes) {
    private static final String REDIS_URI = "HOLDFAST_REDIS_URI";
    private static final String POSTGRES_URI = "HOLDFAST_POSTGRES_URI";
    private static final String DATA_DIR = "HOLDFAST_DATA_DIR";
    private static final String LOOPBACK = "127.0.0.1";

    /** Away from 6379 and 5432, which servers of other projects use. */
    private static final int REDIS_PORT = 16379;

    private static final int POSTGRES_PORT = 15432;

    /** No port at all. */
    private static final int NONE = -1;

    /** Fixed, so that reservation ids hold over restarts. Known to all who read this: nothing here is secret. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "HOLDFAST_SECRET", "dev-secret-that-everybody-knows-0123456789",
            "HOLDFAST_CHECKOUT_KEYS", "dev:dev-checkout-key",
            "HOLDFAST_ADMIN_KEYS", "dev:dev-admin-key",
            "HOLDFAST_PAYMENT_SECRETS", "whsec_ZGV2LW1vZGUtcGF5bWVudC1zZWNyZXQtMDAwMQ==",
            // No load balancer looks at it, and somebody waits for their prompt.
            "HOLDFAST_DRAIN_SECONDS", "0");

    /**
     * Reads the environment and finds free ports.
     *
     * @throws Settings.Problem as {@link SettingsReader#read} does
     */
    static DevSettings read(Map<String, String> environment) {
        Ports ports = new Ports();
        Map<String, String> variables = withDefaults(environment);
        Optional<Integer> redisPort = localPort(environment, REDIS_URI, "Redis", REDIS_PORT, ports);
        Optional<Integer> postgresPort = localPort(environment, POSTGRES_URI, "PostgreSQL", POSTGRES_PORT, ports);
        redisPort.ifPresent(port -> variables.put(REDIS_URI, LocalRedis.uriAt(port)));
        postgresPort.ifPresent(port -> variables.put(POSTGRES_URI, LocalPostgres.uriAt(port)));
        Settings asked = SettingsReader.read(variables);
        Settings.Listener publicListener = ports.choose(
                "public", asked.publicListener(), asked.adminListener().port());
        Settings.Listener adminListener = ports.choose("admin", asked.adminListener(), publicListener.port());
        Settings service = asked.listeningAt(publicListener, adminListener);
        return new DevSettings(service, redisPort, postgresPort, dataDir(environment), ports.notes);
    }

    /** A default stands back for the variable's {@code _FILE} variant, too. */
    private static Map<String, String> withDefaults(Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        DEFAULTS.forEach((name, value) -> {
            if (!environment.containsKey(name + "_FILE")) {
                variables.putIfAbsent(name, value);
            }
        });
        return variables;
    }

    private static Optional<Integer> localPort(
            Map<String, String> environment, String variable, String name, int wanted, Ports ports) {
        return environment.containsKey(variable)
                ? Optional.empty()
                : Optional.of(ports.choose(name, LOOPBACK, wanted, NONE));
    }

    private static Optional<Path> dataDir(Map<String, String> environment) {
        try {
            return Optional.ofNullable(environment.get(DATA_DIR)).map(Path::of);
        } catch (InvalidPathException e) {
            throw new Settings.Problem(DATA_DIR + ": not a path: " + e.getReason(), e);
        }
    }

    /** Chooses free ports and notes where that is not the port wanted. */
    private static final class Ports {
        private final List<String> notes = new ArrayList<>();

        Settings.Listener choose(String name, Settings.Listener wanted, int taken) {
            return new Settings.Listener(wanted.host(), choose(name, wanted.host(), wanted.port(), taken));
        }

        int choose(String name, String host, int wanted, int taken) {
            int port = FreePort.from(host, wanted);
            if (port != 0 && port == taken) {
                port = FreePort.from(host, taken + 1);
            }
            if (port != wanted) {
                notes.add("port %d is busy: %s listens on %d".formatted(wanted, name, port));
            }
            return port;
        }
    }
}
