package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Compares the end of a lane's ledger with what PostgreSQL has recorded and with what callers of this node were told of, once for
 * each lane and connection, and again after Redis said that it does not have the lane. PostgreSQL is asked once for each lane and run
 * of the Redis process: a connection that broke while both ends lived on lost nothing, and sales go on while PostgreSQL is away. To be
 * used on the event loop of its connection.
 */
public final class RedisLaneTrust implements LaneTrust {

    /** Longer than PostgreSQL needs on a bad day; a caller who waits for it will not wait much longer than this. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String RUN_ID = "run_id:";

    private final ScriptCalls calls;
    private final LedgerStream stream;
    private final LaneBook book;
    private final Map<Lane, Check> checks = new HashMap<>();
    private long runGeneration = -1;
    private Future<Optional<String>> runId = Future.succeededFuture(Optional.empty());

    /** The stream must use the connection of the calls. */
    public RedisLaneTrust(ScriptCalls calls, LedgerStream stream, LaneBook book) {
        this.calls = calls;
        this.stream = stream;
        this.book = book;
        calls.onStaleLane(this::distrust);
    }

    @Override
    public Future<Lane> require(Lane lane) {
        long generation = calls.redis().generation();
        Check known = checks.get(lane);
        return known != null && known.generation == generation ? known.result : check(lane, generation);
    }

    /** These sales are over for good. Safe for all threads. */
    public void forget(Set<SaleId> saleIds) {
        calls.redis().onLoop(() -> checks.keySet().removeIf(lane -> saleIds.contains(lane.saleId())));
    }

    private Future<Lane> check(Lane lane, long generation) {
        Future<Lane> result = runId(generation)
                .compose(run -> compare(lane, run))
                .compose(whole ->
                        calls.redis().generation() == generation ? Future.succeededFuture(whole) : require(whole));
        if (!result.failed()) {
            remember(lane, new Check(generation, result));
        }
        return result.onFailure(failure -> forget(lane, generation));
    }

    /**
     * What must be in Redis is read first, and Redis's end after it: what is recorded and told meanwhile must not look as if it
     * were missing.
     */
    private Future<Lane> compare(Lane lane, Optional<String> run) {
        if (run.isPresent() && calls.witnesses().isVouched(lane, run.get())) {
            return compare(lane, 0, calls.witnesses().lastTold(lane));
        }
        return inTime(lane, book.recordedSeq(lane))
                .compose(recorded -> compare(lane, recorded, calls.witnesses().lastTold(lane)))
                .onSuccess(whole -> run.ifPresent(id -> calls.witnesses().vouch(lane, id)));
    }

    /** Which run of the Redis process this connection reaches; empty where it does not tell, as some managed ones. */
    private Future<Optional<String>> runId(long generation) {
        if (runGeneration != generation || runId.failed()) {
            runGeneration = generation;
            runId = calls.redis()
                    .send("asking Redis which run it is", Effect.READS, commands -> commands.info("server"))
                    .map(RedisLaneTrust::runIdIn)
                    .recover(failure -> failure instanceof Unavailable
                            ? Future.failedFuture(failure)
                            : Future.succeededFuture(Optional.empty()));
        }
        return runId;
    }

    private static Optional<String> runIdIn(String info) {
        return info.lines()
                .filter(line -> line.startsWith(RUN_ID))
                .map(line -> line.substring(RUN_ID.length()))
                .findFirst();
    }

    private void distrust(Lane lane) {
        checks.remove(lane);
        calls.witnesses().withdraw(lane);
    }

    private Future<Lane> compare(Lane lane, long recorded, long told) {
        return stream.lastSeq(lane)
                .recover(failure -> failure instanceof StaleLane
                        ? lost(lane, String.valueOf(failure.getMessage()))
                        : Future.failedFuture(failure))
                .compose(last -> last >= Math.max(recorded, told)
                        ? Future.succeededFuture(lane)
                        : lost(
                                lane,
                                "the ledger ends at " + last + ", recorded is " + recorded + ", callers were told of "
                                        + told));
    }

    private <T> Future<T> lost(Lane lane, String why) {
        return inTime(lane, book.reportLost(lane, why))
                .compose(reported -> Future.failedFuture(new StaleLane(lane, "lost history: " + why)));
    }

    /** A PostgreSQL that is silent, and not away, would keep every caller waiting. */
    private static <T> Future<T> inTime(Lane lane, Future<T> asked) {
        return asked.timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(failure instanceof TimeoutException ? silent(lane) : failure));
    }

    private static Unavailable silent(Lane lane) {
        return new Unavailable(
                Reason.POSTGRES_UNAVAILABLE,
                "asking PostgreSQL about lane " + lane + ": no answer in " + PATIENCE.toMillis() + " ms",
                null);
    }

    private void remember(Lane lane, Check check) {
        checks.keySet()
                .removeIf(old -> old.number() == lane.number()
                        && old.epoch() != lane.epoch()
                        && old.saleId().equals(lane.saleId()));
        checks.put(lane, check);
    }

    private void forget(Lane lane, long generation) {
        checks.computeIfPresent(lane, (key, check) -> check.generation == generation ? null : check);
    }

    /** What was found on one connection, or is being found. */
    private record Check(long generation, Future<Lane> result) {}
}
