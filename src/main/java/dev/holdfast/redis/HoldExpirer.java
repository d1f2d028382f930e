package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.Suspects;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back holds that are due in all open lanes. Nobody waits for it: hold takes back what it needs itself. To be used on the
 * event loop of its connection.
 */
public final class HoldExpirer {

    private static final Logger LOG = LoggerFactory.getLogger(HoldExpirer.class);
    private static final int MOST_A_CALL = 100;

    private final ScriptCalls calls;
    private final SaleDirectory directory;
    private final LaneTrust trust;
    private final ExpirerSettings settings;
    private final ClockWatch clocks;
    private final Set<Lane> failing = new HashSet<>();
    private volatile boolean running;
    private boolean clockFails;
    private boolean paused;
    private int firstLane;

    /** A lane is swept only once it is trusted: a sweep writes to the ledger, and could hide that its end was lost. */
    public HoldExpirer(ScriptCalls calls, SaleDirectory directory, LaneTrust trust, ExpirerSettings settings) {
        this.calls = calls;
        this.directory = directory;
        this.trust = trust;
        this.settings = settings;
        clocks = new ClockWatch(settings.clockTolerance(), settings.clockPause());
    }

    /** Sweeps every interval until stopped. */
    public void start() {
        running = true;
        calls.redis().context().runOnContext(start -> scheduleNext());
    }

    /** A sweep that is under way ends by itself. */
    public void stop() {
        running = false;
    }

    /** One sweep over all open lanes; how many holds it took back. Never fails: what goes wrong is logged. */
    public Future<Integer> sweep() {
        return calls.redis()
                .send("reading Redis's clock", Effect.READS, commands -> commands.time())
                .map(HoldExpirer::millis)
                .map(this::mayGoBy)
                .compose(mayGo -> mayGo ? sweepLanes() : Future.succeededFuture(0))
                .otherwise(this::withoutClock);
    }

    private void scheduleNext() {
        if (running) {
            Vertx vertx = calls.redis().context().owner();
            vertx.setTimer(settings.interval().toMillis(), timer -> sweep().onComplete(done -> scheduleNext()));
        }
    }

    private boolean mayGoBy(long redisMs) {
        clockFails = false;
        long nanos = System.nanoTime();
        long jumpMs = clocks.jumpMs(redisMs, nanos);
        if (jumpMs != 0) {
            LOG.warn("Redis's clock jumped by {} ms: no holds are swept for {}", jumpMs, settings.clockPause());
        }
        boolean steady = clocks.isSteady(nanos);
        if (steady && paused) {
            LOG.info("Redis's clock is steady again: holds are swept");
        }
        paused = !steady;
        return steady;
    }

    private Integer withoutClock(Throwable failure) {
        if (!clockFails) {
            LOG.warn("no holds are swept: {}", failure.getMessage());
        }
        clockFails = true;
        return 0;
    }

    private Future<Integer> sweepLanes() {
        List<Lane> open = new ArrayList<>();
        for (ListedSale listed : directory.known()) {
            if (listed.laneState() == ListedSale.LaneState.OPEN) {
                open.add(listed.lane());
            }
        }
        failing.retainAll(open);
        if (open.isEmpty()) {
            return Future.succeededFuture(0);
        }
        // Where the calls of a sweep do not suffice for all, the next goes on where it ended.
        firstLane %= open.size();
        Collections.rotate(open, -firstLane);
        return sweepNext(new ArrayDeque<>(open), settings.callsPerSweep(), 0);
    }

    /** In turns: a lane with more than one call takes back joins the end of the queue. */
    private Future<Integer> sweepNext(ArrayDeque<Lane> lanes, int callsLeft, int expired) {
        Lane lane = lanes.pollFirst();
        if (lane == null || callsLeft == 0) {
            return Future.succeededFuture(expired);
        }
        firstLane++;
        return sweepLane(lane).compose(swept -> {
            if (swept.lookedAt == MOST_A_CALL) {
                lanes.addLast(lane);
            }
            return sweepNext(lanes, callsLeft - 1, expired + swept.expired);
        });
    }

    private Future<Swept> sweepLane(Lane lane) {
        return trust.require(lane)
                .compose(whole -> calls.call(
                        Script.EXPIRE,
                        whole,
                        Integer.toString(MOST_A_CALL),
                        Long.toString(settings.retention().toMillis())))
                .onSuccess(reply -> suspect(lane, reply))
                .map(reply -> new Swept((int) reply.number(1), (int) reply.number(2)))
                .onSuccess(swept -> failing.remove(lane))
                .otherwise(failure -> notSwept(lane, failure));
    }

    /** What could not be read is looked at again in a minute, and does not keep others from ending. */
    private void suspect(Lane lane, Reply reply) {
        for (String key : reply.parts().subList(4, reply.size())) {
            calls.witnesses().suspects().add(new Suspects.Hold(lane, key));
        }
    }

    private Swept notSwept(Lane lane, Throwable failure) {
        if (failing.add(lane)) {
            LOG.warn("holds of lane {} are not swept: {}", lane, failure.getMessage());
        }
        return new Swept(0, 0);
    }

    /** Redis answers seconds and microseconds. */
    private static long millis(List<String> time) {
        return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
    }

    private record Swept(int lookedAt, int expired) {}
}
