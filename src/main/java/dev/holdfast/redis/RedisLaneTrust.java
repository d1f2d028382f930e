package dev.holdfast.redis;

import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Compares a lane's ledger with what PostgreSQL has recorded, with what callers of this node were told of, and with what it saw before. It
 * does so for each lane and connection, and again after anything on any connection of the node gave reason to doubt it. PostgreSQL is asked
 * once for each lane and {@link Reign}: a connection that broke while Redis lived on lost nothing, and sales go on while PostgreSQL is
 * away. To be used on the event loop of its connection.
 */
public final class RedisLaneTrust implements LaneTrust {

    /** Longer than PostgreSQL needs on a bad day; a caller who waits for it will not wait much longer than this. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What is doubted again each time while it is being looked at is in no state to sell. */
    private static final int MOST_ROUNDS = 5;

    private final ScriptCalls calls;
    private final Witnesses witnesses;
    private final LedgerStream stream;
    private final LaneBook book;
    private final Map<Lane, Check> checks = new HashMap<>();
    private @Nullable Asked asked;
    private @Nullable Reign lastReign;

    /** The stream must use the connection of the calls; what is lost is reported to the book. */
    public RedisLaneTrust(ScriptCalls calls, LedgerStream stream, LaneBook book) {
        this.calls = calls;
        this.witnesses = calls.witnesses();
        this.stream = stream;
        this.book = book;
    }

    @Override
    public Future<Lane> require(Lane lane) {
        Check known = checks.get(lane);
        return known != null && known.isGood(lane) ? known.result() : check(lane, MOST_ROUNDS);
    }

    /** These sales are over for good. Safe for all threads. */
    public void forget(Set<SaleId> saleIds) {
        calls.redis().onLoop(() -> checks.keySet().removeIf(lane -> saleIds.contains(lane.saleId())));
    }

    @Override
    public Future<Void> look() {
        long doubts = witnesses.doubts();
        return calls.redis().look().map(found -> noted(found, doubts)).mapEmpty();
    }

    private Future<Lane> check(Lane lane, int roundsLeft) {
        Check check = new Check(calls.redis().generation(), witnesses.doubts());
        Future<Lane> result = reign().compose(now -> compare(lane, check.of(now)))
                .compose(whole -> check.isGood(whole) ? Future.succeededFuture(whole) : checkAgain(lane, roundsLeft));
        check.result = result;
        if (!result.failed()) {
            remember(lane, check);
        }
        return result.onFailure(failure -> checks.remove(lane, check));
    }

    /** It was doubted meanwhile; whoever came after that looks already. */
    private Future<Lane> checkAgain(Lane lane, int roundsLeft) {
        Check later = checks.get(lane);
        if (later != null && later.isGood(lane)) {
            return later.result();
        }
        return roundsLeft > 0
                ? check(lane, roundsLeft - 1)
                : Future.failedFuture(new Unavailable(
                        Reason.REDIS_UNAVAILABLE,
                        "Redis does not stay the same for lane " + lane + " to be looked at",
                        null));
    }

    /** Asked for once in a connection, for as long as nothing is doubted. */
    private Future<Seen> reign() {
        long generation = calls.redis().generation();
        long doubts = witnesses.doubts();
        Asked before = asked;
        if (before != null && before.generation == generation && before.isOf(doubts)) {
            return before.answer;
        }
        Asked now = new Asked(generation, doubts, calls.redis().look().map(found -> noted(found, doubts)));
        asked = now;
        return now.answer;
    }

    /** Of another reign nothing is known yet, on no connection of this node. */
    private Seen noted(Identity found, long doubts) {
        Reign before = lastReign;
        lastReign = found.reign();
        return new Seen(
                found.reign(), before == null || before.equals(found.reign()) ? doubts : witnesses.doubtAll(doubts));
    }

    /**
     * What must be in Redis is read first, and Redis's end after it: what is recorded and told meanwhile must not look as if it
     * were missing.
     */
    private Future<Lane> compare(Lane lane, Seen now) {
        if (witnesses.isVouched(lane, now.reign)) {
            return compareEnd(lane, Cursor.START);
        }
        return inTime(lane, book.cursor(lane))
                .compose(cursor -> compare(lane, cursor, MOST_ROUNDS))
                .onSuccess(whole -> witnesses.vouch(lane, now.reign, now.doubts));
    }

    private Future<Lane> compare(Lane lane, Cursor cursor, int roundsLeft) {
        witnesses.see(lane, cursor.seq());
        Future<Lane> end = compareEnd(lane, cursor);
        return cursor.canBeCompared() ? end.compose(whole -> comparePast(whole, cursor, roundsLeft)) : end;
    }

    private Future<Lane> compareEnd(Lane lane, Cursor cursor) {
        long latest = witnesses.latestEpoch(lane);
        if (latest > lane.epoch()) {
            // A node that has not heard of a rebuild yet reports nothing by this: PostgreSQL has that epoch.
            return lost(
                    lane,
                    "this node knows of the epoch " + latest
                            + " of it, which came after a rebuild: Redis and PostgreSQL are both older than they were");
        }
        long known = Math.max(cursor.seq(), witnesses.known(lane));
        String missing = ", recorded is " + cursor.seq() + ", callers were told of " + witnesses.lastTold(lane)
                + ", this node knows of " + known;
        return stream.lastSeq(lane)
                .recover(failure -> failure instanceof StaleLane
                        ? lost(lane, failure.getMessage() + missing)
                        : Future.failedFuture(failure))
                .compose(last -> last >= known
                        ? Future.succeededFuture(lane)
                        : lost(lane, "the ledger ends at " + last + missing));
    }

    /** A Redis that came back older may have sold as much again as it forgot: then its end is no earlier, but its past is another one. */
    private Future<Lane> comparePast(Lane lane, Cursor cursor, int roundsLeft) {
        return stream.read(lane, cursor.seq() - 1, 1)
                .recover(failure -> failure instanceof StaleLane
                        ? lost(lane, String.valueOf(failure.getMessage()))
                        : Future.failedFuture(failure))
                .compose(found -> comparePast(lane, cursor, found, roundsLeft));
    }

    private Future<Lane> comparePast(Lane lane, Cursor cursor, List<LedgerEntry> found, int roundsLeft) {
        if (found.isEmpty() || found.getFirst().seq() != cursor.seq()) {
            return afterMissing(lane, cursor, roundsLeft);
        }
        return cursor.matches(found.getFirst())
                ? Future.succeededFuture(lane)
                : lost(lane, "the ledger has another entry at " + cursor.seq() + " than was recorded");
    }

    /** A recorder may have gone on meanwhile, and have dropped it: then there is another one at the cursor now. */
    private Future<Lane> afterMissing(Lane lane, Cursor before, int roundsLeft) {
        return inTime(lane, book.cursor(lane)).compose(now -> {
            if (now.equals(before)) {
                return lost(lane, "the ledger does not have the entry at " + now.seq() + ", which is recorded");
            }
            return roundsLeft > 0
                    ? compare(lane, now, roundsLeft - 1)
                    : Future.failedFuture(new Unavailable(
                            Reason.RECOVERING, "lane " + lane + " is recorded faster than it can be looked at", null));
        });
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

    /** What Redis is, and from where on doubts speak against it. */
    private record Seen(Reign reign, long doubts) {}

    private record Asked(long generation, long doubts, Future<Seen> answer) {

        /** Whether nothing was doubted since, and an answer is there or on its way. */
        boolean isOf(long now) {
            return answer.succeeded() ? answer.result().doubts == now : doubts == now && !answer.failed();
        }
    }

    /** What was found on one connection, or is being found, as long as nobody doubts it. */
    private final class Check {

        private final long generation;
        private long doubts;
        private @Nullable Future<Lane> result;

        Check(long generation, long doubts) {
            this.generation = generation;
            this.doubts = doubts;
        }

        /** As far as it is now known what Redis is. */
        Seen of(Seen now) {
            doubts = now.doubts;
            return now;
        }

        Future<Lane> result() {
            return result == null ? Future.failedFuture(new IllegalStateException("not begun")) : result;
        }

        boolean isGood(Lane lane) {
            if (calls.redis().generation() != generation) {
                return false;
            }
            long now = witnesses.doubts();
            if (now == doubts) {
                return true;
            }
            if (witnesses.isDoubted(lane, doubts)) {
                return false;
            }
            doubts = now;
            return true;
        }
    }
}
