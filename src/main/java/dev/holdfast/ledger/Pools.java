package dev.holdfast.ledger;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.Stream;

/**
 * A node's connections to PostgreSQL, by what must not wait for each other.
 *
 * @param main what admins do, and what runs beside the requests
 * @param lookups what callers may look up
 * @param recording the recorder's transactions
 * @param leases which node records which lanes
 */
public record Pools(Postgres main, Postgres lookups, Postgres recording, Postgres leases) {

    /** All of them, connected lazily. Throws IllegalArgumentException where the URI is none. */
    public static Pools open(Vertx vertx, String uri) {
        return new Pools(
                Postgres.open(vertx, uri),
                Postgres.openForLookups(vertx, uri),
                Postgres.openForRecording(vertx, uri),
                Postgres.openForLeases(vertx, uri));
    }

    /** One for everything: enough for a command, or a test. */
    public static Pools of(Postgres one) {
        return new Pools(one, one, one, one);
    }

    /** Closes all connections. */
    public Future<Void> close() {
        List<Future<Void>> closed = Stream.of(main, lookups, recording, leases)
                .distinct()
                .map(Postgres::close)
                .toList();
        return Future.join(closed).mapEmpty();
    }
}
