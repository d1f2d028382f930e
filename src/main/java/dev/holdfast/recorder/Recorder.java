package dev.holdfast.recorder;

import dev.holdfast.ledger.Books;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records every open lane that no other node records, until it is stopped. */
public final class Recorder {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    /** How soon a lane that has just been opened here is seen. */
    private static final int LOOK_MS = 100;

    /** A batch under way may take as long as PostgreSQL lets it: nobody waits for that. */
    private static final int STOP_MS = 3_000;

    private record Work(LaneRecorder recorder, LaneLoop loop) {}

    private final Context context;
    private final LaneRecorder.Shared shared;
    private final RecorderLease lease;
    private final Map<Lane, Work> works = new HashMap<>();
    private long timer = -1;
    private long watchedAt;
    private boolean watching;
    private boolean stopping;
    private Set<Lane> asked = Set.of();

    /** Runs on this context alone. */
    public Recorder(
            Context context, LedgerSource source, Books books, RecorderMetrics metrics, RecorderSettings settings) {
        this.context = context;
        this.lease = new RecorderLease(books.leases(), settings.id(), System::nanoTime);
        this.shared = new LaneRecorder.Shared(source.stream(), books, source.lanes(), lease, metrics, settings);
    }

    /** Starts looking for lanes; succeeds whether PostgreSQL and Redis are there or not. */
    public Future<Void> start() {
        return onContext(() -> {
            timer = vertx().setPeriodic(0, LOOK_MS, tick -> look());
            return Future.succeededFuture();
        });
    }

    /** Finishes the batches under way and leaves the lanes to other nodes. */
    public Future<Void> stop() {
        return onContext(() -> {
            stopping = true;
            vertx().cancelTimer(timer);
            List<Future<Void>> ends =
                    works.values().stream().map(work -> work.loop().stop()).toList();
            return Future.join(ends)
                    .timeout(STOP_MS, TimeUnit.MILLISECONDS)
                    .transform(done -> lease.giveBack())
                    .recover(failure -> {
                        LOG.info("leases are not given back, they run out by themselves: {}", failure.getMessage());
                        return Future.succeededFuture();
                    })
                    .<Void>mapEmpty();
        });
    }

    /** Whether this node records the lane at present. To be asked on the recorder's own context. */
    public boolean records(Lane lane) {
        return lease.holds(lane);
    }

    /** A lane that is new is asked for at once; all are asked for, and looked after, at every watch. */
    private void look() {
        Map<Lane, ListedSale> open = open();
        letGo(open);
        boolean due = System.nanoTime() - watchedAt >= shared.settings().watch().toNanos();
        if (!watching && (due || !asked.containsAll(open.keySet()))) {
            watch(open);
        }
    }

    private Map<Lane, ListedSale> open() {
        Map<Lane, ListedSale> open = new HashMap<>();
        for (ListedSale listed : shared.books().sales().known()) {
            if (listed.laneState() == ListedSale.LaneState.OPEN) {
                open.put(listed.lane(), listed);
            }
        }
        return open;
    }

    private void watch(Map<Lane, ListedSale> open) {
        watching = true;
        watchedAt = System.nanoTime();
        asked = Set.copyOf(open.keySet());
        answering(asked)
                .compose(lease::renew)
                .onComplete(renewed -> context.runOnContext(now -> {
                    watching = false;
                    if (!stopping) {
                        takeUp(open);
                        works.values().forEach(this::watch);
                    }
                }));
    }

    /** A node that Redis does not answer leaves its lanes to one that can record them. */
    private Future<Set<Lane>> answering(Set<Lane> lanes) {
        Set<Lane> answering = new HashSet<>();
        List<Future<Void>> asks = lanes.stream()
                .map(lane -> shared.stream().lastSeq(lane).transform(answer -> {
                    if (answer.succeeded() || answer.cause() instanceof StaleLane) {
                        answering.add(lane);
                    }
                    return Future.<Void>succeededFuture();
                }))
                .toList();
        return Future.all(asks).map(asked -> answering);
    }

    private void watch(Work work) {
        work.recorder().watch().onFailure(failure -> LOG.debug("lane not watched: {}", failure.toString()));
    }

    private void takeUp(Map<Lane, ListedSale> open) {
        for (ListedSale listed : open.values()) {
            if (lease.holds(listed.lane()) && !works.containsKey(listed.lane())) {
                Work work = work(listed);
                works.put(listed.lane(), work);
                work.loop().run();
            }
        }
    }

    /** Stops what another node has, what has another epoch now, and what does not sell any more. */
    private void letGo(Map<Lane, ListedSale> open) {
        for (Iterator<Map.Entry<Lane, Work>> all = works.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Lane, Work> entry = all.next();
            ListedSale listed = open.get(entry.getKey());
            Work work = entry.getValue();
            if (listed == null || !work.recorder().serves(listed) || work.loop().over()) {
                all.remove();
                shared.metrics().forget(entry.getKey());
                work.loop().stop().onComplete(done -> LOG.debug("lane {} let go", entry.getKey()));
            }
        }
    }

    private Work work(ListedSale listed) {
        Lane lane = listed.lane();
        LaneRecorder recorder = new LaneRecorder(listed, shared);
        LaneLoop loop = new LaneLoop(
                context,
                "recording of " + lane,
                () -> lease.holds(lane) ? recorder.step() : Future.succeededFuture(Step.OVER),
                new Pace(shared.settings(), ThreadLocalRandom.current()));
        return new Work(recorder, loop);
    }

    private Vertx vertx() {
        return context.owner();
    }

    private Future<Void> onContext(Supplier<Future<Void>> work) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(now -> work.get().onComplete(done));
        return done.future();
    }
}
