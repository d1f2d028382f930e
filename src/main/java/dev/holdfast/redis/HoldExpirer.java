package dev.holdfast.redis;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.Suspects;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back holds that are due in the open lanes that this node looks after. Nobody waits for it: hold takes back what it needs itself. A
 * lane is called when its first deadline is over, as far as replies and other nodes told of it, and now and then in any case: a deadline
 * of which nobody told is found as long as it is further away than that. To be used on the event loop of its connection.
 */
public final class HoldExpirer {

    private static final Logger LOG = LoggerFactory.getLogger(HoldExpirer.class);
    private static final int MOST_A_CALL = 100;

    /** Calls under way: so many that a sweep of hundreds of lanes with a hold or two each does not wait for each answer in turn. */
    private static final int MOST_AT_ONCE = 32;

    /** Entries that calls under way may have to look at: buyers wait for no more than that, some 8 ms of Redis. */
    private static final int MOST_LOAD = 400;

    /** Of a call on a lane where little was due the last time. */
    private static final int LEAST_LOAD = MOST_LOAD / MOST_AT_ONCE;

    /** Lanes that fail slowly must not keep those that become due meanwhile. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ScriptCalls calls;
    private final SaleDirectory directory;
    private final LaneTrust trust;
    private final ExpirerSettings settings;
    private final Predicate<Lane> ours;
    private final LongSupplier nanoTime;
    private final Map<Lane, Schedule> schedules = new HashMap<>();
    private final Set<Lane> failing = new HashSet<>();
    private volatile boolean running;
    private long begunNanos;

    /** Whether the last sweep did not reach Redis. */
    private boolean away;

    /**
     * A lane is swept only once it is trusted: a sweep writes to the ledger, and could hide that its end was lost.
     *
     * @param ours lanes that this node looks after; others are left to others
     */
    public HoldExpirer(
            ScriptCalls calls,
            SaleDirectory directory,
            LaneTrust trust,
            ExpirerSettings settings,
            Predicate<Lane> ours) {
        this(calls, directory, trust, settings, ours, System::nanoTime);
    }

    HoldExpirer(
            ScriptCalls calls,
            SaleDirectory directory,
            LaneTrust trust,
            ExpirerSettings settings,
            Predicate<Lane> ours,
            LongSupplier nanoTime) {
        this.calls = calls;
        this.directory = directory;
        this.trust = trust;
        this.settings = settings;
        this.ours = ours;
        this.nanoTime = nanoTime;
    }

    /** Sweeps every interval until stopped. */
    public void start() {
        running = true;
        begunNanos = nanoTime.getAsLong();
        calls.redis().context().runOnContext(start -> scheduleNext());
    }

    /** A sweep that is under way ends by itself. */
    public void stop() {
        running = false;
    }

    /** A hold of the lane is due in so many milliseconds; 0 where nobody knows when. */
    public void dueIn(Lane lane, long ms) {
        Schedule schedule = schedules.get(lane);
        if (schedule != null) {
            schedule.notLaterThan(nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(ms));
        }
    }

    /** One sweep over all lanes that are due, after a look whether they can still be trusted; how many holds it took back. Never fails: what goes wrong is logged. */
    public Future<Integer> sweep() {
        return trust.look()
                .onSuccess(looked -> away = false)
                .compose(looked -> sweepLanes())
                .otherwise(this::whileAway);
    }

    private void scheduleNext() {
        if (running) {
            Vertx vertx = calls.redis().context().owner();
            long sinceLast = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - begunNanos);
            long interval = settings.interval().toMillis();
            vertx.setTimer(Math.max(interval / 10 + 1, interval - sinceLast), timer -> {
                begunNanos = nanoTime.getAsLong();
                sweep().onComplete(done -> scheduleNext());
            });
        }
    }

    private Integer whileAway(Throwable failure) {
        if (!away) {
            LOG.warn("no holds are swept: {}", failure.getMessage());
        }
        away = true;
        return 0;
    }

    private Future<Integer> sweepLanes() {
        follow();
        long now = nanoTime.getAsLong();
        long slippedMs = slippedMs();
        schedules.values().stream()
                .filter(schedule -> schedule.isBehind(slippedMs))
                .forEach(schedule -> schedule.notLaterThan(now));
        List<Schedule> due = new ArrayList<>(schedules.values());
        due.removeIf(schedule -> !schedule.isDue(now));
        due.sort((a, b) -> Long.signum(a.nextNanos - b.nextNanos));
        Sweep sweep = new Sweep(due, now + LONGEST_NANOS, settings.callsPerSweep());
        List<Future<Void>> workers = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST_AT_ONCE, sweep.due.size()); i++) {
            workers.add(AsyncLoop.whileTrue(() -> sweepNext(sweep)));
        }
        return Future.all(workers).map(done -> sweep.expired);
    }

    /** A lane that has just become ours is looked at at once: nobody told us of its deadlines. */
    private void follow() {
        Set<Lane> open = new HashSet<>();
        for (ListedSale listed : directory.known()) {
            if (listed.laneState() == ListedSale.LaneState.OPEN && ours.test(listed.lane())) {
                open.add(listed.lane());
            }
        }
        schedules.keySet().retainAll(open);
        failing.retainAll(open);
        long now = nanoTime.getAsLong();
        open.forEach(lane -> schedules.computeIfAbsent(lane, added -> new Schedule(added, now, slippedMs())));
    }

    private long slippedMs() {
        return calls.witnesses().clock().slippedMs();
    }

    /** In turns: a lane with more than one call takes back is due at once, and comes after all that were due before. */
    private Future<Boolean> sweepNext(Sweep sweep) {
        if (sweep.callsLeft == 0 || nanoTime.getAsLong() - sweep.untilNanos >= 0) {
            return Future.succeededFuture(false);
        }
        Schedule next = sweep.due.peekFirst();
        if (next == null || (sweep.load > 0 && sweep.load + next.load > MOST_LOAD)) {
            return Future.succeededFuture(false);
        }
        sweep.due.removeFirst();
        sweep.callsLeft--;
        int load = next.load;
        sweep.load += load;
        return sweepLane(next).map(swept -> {
            sweep.load -= load;
            sweep.expired += swept.expired;
            next.load = Math.max(LEAST_LOAD, swept.lookedAt);
            if (swept.nextInMs == 0) {
                sweep.due.addLast(next);
            }
            return true;
        });
    }

    private Future<Swept> sweepLane(Schedule schedule) {
        Lane lane = schedule.lane;
        // What is told from here on is not lost: the call may have been made before it.
        schedule.nextNanos = nanoTime.getAsLong() + settings.safetyLook().toNanos();
        Slip slip = schedule.slip(slippedMs());
        String most = Integer.toString(MOST_A_CALL);
        String retention = Long.toString(settings.retention().toMillis());
        return trust.require(lane)
                .compose(whole -> slip == null
                        ? calls.call(Script.EXPIRE, whole, most, retention)
                        : calls.call(Script.EXPIRE, whole, most, retention, "", slip.text()))
                .onSuccess(reply -> suspect(lane, reply))
                .map(HoldExpirer::swept)
                .onSuccess(swept -> {
                    failing.remove(lane);
                    // Else holds that are over wait for the next call, and so does the lane's time.
                    if (slip != null && swept.nextInMs != 0) {
                        schedule.given(slip);
                    }
                    if (swept.nextInMs >= 0) {
                        schedule.notLaterThan(nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(swept.nextInMs));
                    }
                })
                .otherwise(failure -> notSwept(schedule, failure));
    }

    /** What could not be read or was lost is looked at again in a minute, and does not keep others from ending. */
    private void suspect(Lane lane, Reply reply) {
        Suspects suspects = calls.witnesses().suspects();
        for (String key : reply.parts().subList(7, reply.size())) {
            suspects.add(new Suspects.Hold(lane, key));
        }
        if (reply.number(5) > 0) {
            suspects.add(new Suspects.LostDues(lane, reply.number(5)));
        }
        if (reply.number(6) > 0) {
            suspects.add(new Suspects.LostHolds(lane));
        }
    }

    private Swept notSwept(Schedule schedule, Throwable failure) {
        schedule.notLaterThan(nanoTime.getAsLong());
        if (failing.add(schedule.lane)) {
            LOG.warn("holds of lane {} are not swept: {}", schedule.lane, failure.getMessage());
        }
        return new Swept(0, 0, -1);
    }

    private static Swept swept(Reply reply) {
        return new Swept((int) reply.number(1), (int) reply.number(2), reply.number(4));
    }

    /** @param nextInMs when something of the lane is due next: 0 for now, negative where there is nothing */
    private record Swept(int lookedAt, int expired, long nextInMs) {}

    /**
     * What Redis's clock slipped, for a lane that has taken it over.
     *
     * @param token by which the lane knows it again, so that it takes it back once, whatever becomes of the answer
     */
    private record Slip(String token, long ms) {

        String text() {
            return token + ' ' + ms;
        }
    }

    /** When a lane is to be called next. */
    private static final class Schedule {

        private final Lane lane;
        private long nextNanos;
        private long slippedMs;
        private @Nullable Slip slip;

        /** What a call is expected to look at. */
        private int load = LEAST_LOAD;

        /** @param slippedMs what the lane's last node has given it back, or will */
        Schedule(Lane lane, long nextNanos, long slippedMs) {
            this.lane = lane;
            this.nextNanos = nextNanos;
            this.slippedMs = slippedMs;
        }

        boolean isBehind(long nowMs) {
            return slippedMs != nowMs;
        }

        /** The same one until the lane has it. */
        @Nullable
        Slip slip(long nowMs) {
            if (slip == null && isBehind(nowMs)) {
                slip = new Slip(UUID.randomUUID().toString().replace("-", ""), nowMs - slippedMs);
            }
            return slip;
        }

        void given(Slip given) {
            slippedMs += given.ms;
            slip = null;
        }

        void notLaterThan(long nanos) {
            if (nanos - nextNanos < 0) {
                nextNanos = nanos;
            }
        }

        boolean isDue(long now) {
            return nextNanos - now <= 0;
        }
    }

    /** One sweep: what is due, the longest overdue first, and what is left to do. */
    private static final class Sweep {

        private final ArrayDeque<Schedule> due;
        private final long untilNanos;
        private int callsLeft;
        private int load;
        private int expired;

        Sweep(List<Schedule> due, long untilNanos, int callsLeft) {
            this.due = new ArrayDeque<>(due);
            this.untilNanos = untilNanos;
            this.callsLeft = callsLeft;
        }
    }
}
