package dev.holdfast.cli;

import dev.holdfast.admin.Auditor;
import dev.holdfast.admin.EndedRestore;
import dev.holdfast.admin.LaneRebuild;
import dev.holdfast.admin.RedissonSaleLock;
import dev.holdfast.admin.inspection.Repairs;
import dev.holdfast.admin.inspection.RowsByLedger;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.CheckedLosses;
import dev.holdfast.redis.ClockSampler;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.PinnedRedis;
import dev.holdfast.redis.RedisLaneTrust;
import dev.holdfast.redis.RedisLedgerStream;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.redis.Scripts;
import dev.holdfast.redis.Witnesses;
import dev.holdfast.reservation.LaneTrust;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;

/** What works on the lanes of sales, all over one connection and to be used on its event loop. */
record LaneTools(Vertx vertx, Books books, ScriptCalls calls, RedisLedgerStream stream, LaneTrust trust) {

    /** Knows Redis's clock when it is answered. The connection must be made. */
    static Future<LaneTools> over(Vertx vertx, Books books, PinnedRedis redis) {
        Witnesses witnesses = new Witnesses();
        return new ClockSampler(redis, witnesses.clock())
                .begin(books.clock())
                .map(begun -> over(vertx, books, new ScriptCalls(redis, Scripts.bundled(), witnesses)));
    }

    private static LaneTools over(Vertx vertx, Books books, ScriptCalls calls) {
        RedisLedgerStream stream = new RedisLedgerStream(calls);
        CheckedLosses losses = new CheckedLosses(calls.redis(), books.lanes());
        return new LaneTools(vertx, books, calls, stream, new RedisLaneTrust(calls, stream, losses));
    }

    Auditor auditor() {
        return new Auditor(vertx, stream, new LaneScan(calls), trust, books, new Metrics(new SimpleMeterRegistry()));
    }

    /**
     * The work with what mends what inspections find, under the same lock as the nodes'.
     *
     * @param detailsKept how long PostgreSQL keeps what has ended, and the ledger
     */
    <T> Future<T> repair(
            String redisUri, InspectionBook book, Duration detailsKept, Function<Repairs, Future<T>> work) {
        RedissonSaleLock lock = new RedissonSaleLock(vertx, redisUri, books.fences());
        Metrics metrics = new Metrics(new SimpleMeterRegistry());
        return work.apply(
                        new Repairs(vertx, new LaneScan(calls), stream, trust, books, book, lock, metrics, detailsKept))
                .eventually(() -> lock.close());
    }

    /**
     * The work with what rebuilds lanes, under the same lock as the nodes'.
     *
     * @param retention how long Redis keeps what has ended
     */
    <T> Future<T> rebuild(
            String redisUri, RowsByLedger rows, Duration retention, Function<LaneRebuild, Future<T>> work) {
        RedissonSaleLock lock = new RedissonSaleLock(vertx, redisUri, books.fences());
        EndedRestore ended = new EndedRestore(books.ended(), calls, "command " + UUID.randomUUID());
        LaneRebuild.Tools tools = new LaneRebuild.Tools(calls, stream, retention, ended, rows);
        return work.apply(new LaneRebuild(vertx, books, lock, tools)).eventually(() -> lock.close());
    }
}
