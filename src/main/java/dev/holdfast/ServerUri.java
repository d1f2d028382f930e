package dev.holdfast;

import io.vertx.pgclient.PgConnectOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the address of a server must look like. Problems never repeat the address: it may hold a password. */
enum ServerUri {
    REDIS("redis", "rediss", "redis://host:6379", "(/[0-9]{0,3})?") {
        @Override
        Optional<String> problemOfUser(URI uri) {
            return Optional.empty();
        }

        @Override
        String problemOfPath() {
            return "names no number of a database after the host";
        }
    },

    POSTGRES("postgresql", "postgres", "postgresql://user:password@host:5432/db", "/[^/]+") {
        @Override
        Optional<String> problemOfUser(URI uri) {
            String user = uri.getRawUserInfo();
            return user == null || user.isEmpty() || user.startsWith(":")
                    ? Optional.of("names no user")
                    : Optional.empty();
        }

        @Override
        String problemOfPath() {
            return "names no database";
        }

        @Override
        Optional<String> problemOfDriver(String text) {
            try {
                return PgConnectOptions.fromUri(text).getHost() == null
                        ? Optional.of("names no host")
                        : Optional.empty();
            } catch (IllegalArgumentException e) {
                // Its message repeats the address.
                return Optional.of("has a parameter that the driver does not take, such as an unknown sslmode");
            }
        }
    };

    private static final int MAX_PORT = 65_535;

    private final String scheme;
    private final String otherScheme;
    private final String example;
    private final Pattern path;

    ServerUri(String scheme, String otherScheme, String example, String path) {
        this.scheme = scheme;
        this.otherScheme = otherScheme;
        this.example = example;
        this.path = Pattern.compile(path);
    }

    String example() {
        return example;
    }

    /** Answers what is wrong with the address; empty if nothing is. */
    Optional<String> problemOf(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return Optional.of("not a URI: " + e.getReason());
        }
        if (!scheme.equals(uri.getScheme()) && !otherScheme.equals(uri.getScheme())) {
            return Optional.of("must start with " + scheme + ":// or " + otherScheme + "://");
        }
        if (uri.getHost() == null) {
            return Optional.of("names no host, as in " + example);
        }
        if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
            return Optional.of("not a port: " + uri.getPort());
        }
        return problemOfUser(uri)
                .or(() -> path.matcher(uri.getRawPath()).matches() ? Optional.empty() : Optional.of(problemOfPath()))
                .or(() -> problemOfDriver(text));
    }

    abstract Optional<String> problemOfUser(URI uri);

    /** What only the driver finds, such as an unknown parameter. */
    Optional<String> problemOfDriver(String text) {
        return Optional.empty();
    }

    abstract String problemOfPath();
}
