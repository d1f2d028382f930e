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

    /** All of them, connected lazily, of the node with this id. Throws IllegalArgumentException where the URI is none. */
    public static Pools open(Vertx vertx, String uri, String nodeId) {
        Postgres main = Postgres.openForNode(vertx, uri, nodeId);
        return new Pools(main, main.forLookups(), main.forRecording(), main.forLeases());
    }

    /** One for everything: enough for a command, or a test. */
    public static Pools of(Postgres one) {
        return new Pools(one, one, one, one);
    }

    /** Closes all connections. */
    public Future<Void> close() {
        List<Future<Void>> closed = Stream.of(lookups, recording, leases)
                .filter(pool -> pool != main)
                .map(Postgres::close)
                .toList();
        // Last: it looks after the others.
        return Future.join(closed).eventually(main::close).mapEmpty();
    }
}
