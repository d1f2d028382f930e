package dev.holdfast.cli;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Migrations;
import dev.holdfast.ledger.Postgres;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;

/** The PostgreSQL that a command works on, opened for it and closed after it. */
final class Servers implements AutoCloseable {

    private final Vertx vertx;
    private final Postgres postgres;
    private final Books books;

    private Servers(String postgresUri) {
        // As in a node: lettuce shares Vert.x's loops.
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
        postgres = Postgres.open(vertx, postgresUri);
        books = Books.on(postgres, InstantSource.system());
    }

    /** Throws IllegalStateException, in one line, where PostgreSQL is away or its schema is not up to date. */
    static Servers open(String postgresUri) {
        Migrations.require(postgresUri);
        return new Servers(postgresUri);
    }

    Vertx vertx() {
        return vertx;
    }

    Books books() {
        return books;
    }

    /** What the future comes to; throws what it fails with. */
    static <T> T await(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception failure ? failure : e;
        }
    }

    @Override
    public void close() throws Exception {
        await(postgres.close().eventually(vertx::close));
    }
}
