package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.StockCounts;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A node's one reader of stock: anyone may ask for it, as often as they like, and that must not keep Redis from selling. Whoever asks while
 * it looks at Redis waits for the next look, which is one for all of them; every answer is at least as new as its question, so that who
 * has just bought sees it. Counts that nobody asks for are forgotten. Safe for all threads.
 */
public final class StockFollowers {

    /** From the end of a look at a lane to the start of the next, and more for each thousand SKUs, up to the longest. */
    private static final long INTERVAL_MS = 20;

    private static final long MORE_MS_A_THOUSAND_SKUS = 5;
    private static final long LONGEST_INTERVAL_MS = 100;

    /** Who waits for an answer, of whichever lane. */
    private static final int MOST_ASKERS = 8_192;

    private static final long FORGET_AFTER_SECONDS = 60;

    /** Two calls on their way: while one is answered, the other is on the wire. */
    private static final int CALLS_AT_ONCE = 2;

    private final ScriptCalls calls;
    private final LedgerStream stream;
    private final LaneTrust trust;
    private final Pacer pacer;
    private final long mostBytes;
    /** Who was asked for longest ago is first. */
    private final Map<Lane, Followed> followed = new LinkedHashMap<>(16, 0.75f, true);

    private int waiting;
    private boolean willForget;

    /** Follows nothing yet. The stream and the trust use the connection of the calls. */
    public StockFollowers(ScriptCalls calls, LedgerStream stream, LaneTrust trust) {
        // Counts of a million SKUs take some 400 MB; the least that a node has room for are those of the largest sale.
        this(calls, stream, trust, Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 8));
    }

    /**
     * The same with other limits.
     *
     * @param mostBytes of memory for counts, about
     */
    StockFollowers(ScriptCalls calls, LedgerStream stream, LaneTrust trust, long mostBytes) {
        this.calls = calls;
        this.stream = stream;
        this.trust = trust;
        this.mostBytes = mostBytes;
        pacer = new Pacer(calls.redis().context(), CALLS_AT_ONCE);
    }

    /**
     * The lane's counts, not older than this question. Fails with {@link dev.holdfast.reservation.StaleLane} and {@link Unavailable}, on
     * the caller's context, as it succeeds.
     */
    Future<StockCounts> read(Lane lane) {
        ContextInternal caller = ContextInternal.current();
        Promise<StockCounts> asker = caller == null ? Promise.promise() : caller.promise();
        calls.redis().onLoop(() -> ask(lane, asker));
        return asker.future();
    }

    /** How many lanes it follows now. To be asked on the event loop. */
    int size() {
        return followed.size();
    }

    private void ask(Lane lane, Promise<StockCounts> asker) {
        if (waiting >= MOST_ASKERS) {
            asker.fail(new Unavailable(Reason.OVERLOADED, waiting + " readers wait for stock", null));
            return;
        }
        waiting++;
        Followed asked = followed.computeIfAbsent(lane, Followed::new);
        asked.askedNanos = System.nanoTime();
        asked.askers.add(asker);
        if (!asked.isBusy) {
            look(asked);
        }
        forgetLater();
    }

    private void look(Followed at) {
        at.isBusy = true;
        List<Promise<StockCounts>> askers = at.askers;
        at.askers = new ArrayList<>();
        trust.require(at.lane).compose(whole -> at.follower.look()).onComplete(done -> {
            waiting -= askers.size();
            if (done.failed()) {
                followed.remove(at.lane, at);
            }
            keepWithin();
            vertx().setTimer(intervalMs(at), over -> lookAgain(at));
            answer(askers, done);
        });
    }

    private void lookAgain(Followed at) {
        at.isBusy = false;
        if (!at.askers.isEmpty()) {
            look(at);
        }
    }

    private static void answer(List<Promise<StockCounts>> askers, AsyncResult<StockCounts> done) {
        for (Promise<StockCounts> asker : askers) {
            asker.handle(done);
        }
    }

    private static long intervalMs(Followed at) {
        return Math.min(LONGEST_INTERVAL_MS, INTERVAL_MS + MORE_MS_A_THOUSAND_SKUS * at.follower.size() / 1000);
    }

    /** What is given up is counted anew when it is asked for; a look that is under way still answers. */
    private void keepWithin() {
        long bytes = 0;
        for (Followed each : followed.values()) {
            bytes += each.follower.bytes();
        }
        Iterator<Followed> oldestFirst = followed.values().iterator();
        while (bytes > mostBytes && followed.size() > 1) {
            bytes -= oldestFirst.next().follower.bytes();
            oldestFirst.remove();
        }
    }

    private void forgetLater() {
        if (!willForget) {
            willForget = true;
            vertx().setTimer(TimeUnit.SECONDS.toMillis(FORGET_AFTER_SECONDS), over -> forget());
        }
    }

    private void forget() {
        willForget = false;
        long before = System.nanoTime() - TimeUnit.SECONDS.toNanos(FORGET_AFTER_SECONDS);
        followed.values().removeIf(each -> !each.isBusy && each.askedNanos - before < 0);
        if (!followed.isEmpty()) {
            forgetLater();
        }
    }

    private Vertx vertx() {
        return calls.redis().context().owner();
    }

    private final class Followed {

        private final Lane lane;
        private final StockFollower follower;
        private List<Promise<StockCounts>> askers = new ArrayList<>();
        private boolean isBusy;
        private long askedNanos;

        Followed(Lane lane) {
            this.lane = lane;
            follower = new StockFollower(calls, stream, pacer, lane);
        }
    }
}
