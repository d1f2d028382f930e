package dev.holdfast.cli;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.DeadLetterBook;
import dev.holdfast.ledger.DeploymentRows;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.Migrations;
import dev.holdfast.ledger.Postgres;
import dev.holdfast.redis.Admission;
import dev.holdfast.redis.Deployment;
import dev.holdfast.redis.LedgerText;
import dev.holdfast.redis.PinnedRedis;
import dev.holdfast.redis.RedisSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;

/** The servers that a command works on, opened for it and closed after it. */
final class Servers implements AutoCloseable {

    /** A cold JVM on a busy machine needs some of it for its first connection. */
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final Postgres postgres;
    private final Books books;

    private Servers(String postgresUri) {
        // As in a node: lettuce shares Vert.x's loops.
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
        postgres = Postgres.openForCommand(vertx, postgresUri);
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

    /** With what reads the entries of the ledger. */
    DeadLetterBook letters() {
        return new DeadLetterBook(postgres, books.sales(), LedgerText::parse);
    }

    /** Which deployment PostgreSQL belongs to. */
    DeploymentRows deployment() {
        return new DeploymentRows(postgres);
    }

    /** What inspections and repairs read of the books. */
    InspectionBook inspections() {
        return new InspectionBook(postgres, LedgerText::parse);
    }

    /**
     * What the work on lanes comes to, done on the event loop of a connection to Redis; throws what it fails with, and IllegalStateException
     * where that Redis is not this deployment's.
     */
    <T> T onLanes(String redisUri, Function<LaneTools, Future<T>> work) {
        return onRedis(
                redisUri,
                new Deployment(deployment(), FIRST_ANSWER),
                redis -> redis.requireAdmitted()
                        .compose(admitted -> LaneTools.over(vertx, books, redis))
                        .compose(work));
    }

    /** What the work comes to, done on the event loop of a connection to whatever Redis that is; throws what it fails with. */
    <T> T onAnyRedis(String redisUri, Function<PinnedRedis, Future<T>> work) {
        return onRedis(redisUri, Admission.OF_ANY, work);
    }

    private <T> T onRedis(String redisUri, Admission admission, Function<PinnedRedis, Future<T>> work) {
        Context loop = ((VertxInternal) vertx).createEventLoopContext();
        PinnedRedis redis = PinnedRedis.on(loop, RedisSettings.ofCommand(redisUri), admission);
        Promise<T> done = Promise.promise();
        loop.runOnContext(
                on -> redis.connect().compose(connected -> work.apply(redis)).onComplete(done));
        try {
            return done.future().await();
        } finally {
            redis.close().await();
        }
    }

    @Override
    public void close() {
        postgres.close().await();
        // Not chained: the event loop that would answer is gone by then.
        vertx.close().await();
    }
}
