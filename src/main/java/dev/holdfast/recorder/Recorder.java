package dev.holdfast.recorder;

import dev.holdfast.ledger.Books;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records this node's share of the open lanes, until it is stopped. A lane is read when somebody says that it has changed
 * ({@link #changed}), and seldom otherwise: a lane on which nothing happens costs hardly anything.
 */
public final class Recorder {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    /** How soon a lane that has just been opened here is seen. */
    private static final int LOOK_MS = 100;

    /** A batch under way may take as long as PostgreSQL lets it: nobody waits for that. */
    private static final int STOP_MS = 3_000;

    /** Lanes that are looked at together: far fewer than a connection takes commands. */
    private static final int LANES_AT_ONCE = 100;

    private final Context context;
    private final LaneRecorder.Shared shared;
    private final LaneShare share;
    private final Rounds rounds;
    private final Map<Lane, LaneRecorder> works = new HashMap<>();
    private Map<Lane, ListedSale> open = Map.of();
    private long timer = -1;
    private long watchedAt;
    private long lookedAt;
    private boolean watching;
    private boolean looking;
    private boolean stopping;

    /** Runs on this context alone. */
    public Recorder(
            Context context, LedgerSource source, Books books, RecorderMetrics metrics, RecorderSettings settings) {
        this.context = context;
        this.share = new LaneShare(books.leases(), settings.id(), System::nanoTime);
        this.shared = new LaneRecorder.Shared(source.stream(), books, source.lanes(), share, metrics, settings);
        this.rounds = new Rounds(context, books.ledger(), metrics, settings);
    }

    /** Starts looking for lanes; succeeds whether PostgreSQL and Redis are there or not. */
    public Future<Void> start() {
        return onContext(() -> {
            watchedAt = System.nanoTime() - shared.settings().watch().toNanos();
            lookedAt = System.nanoTime();
            timer = vertx().setPeriodic(0, LOOK_MS, tick -> look());
            return Future.succeededFuture();
        });
    }

    /** Finishes the rounds under way and leaves the lanes to other nodes. */
    public Future<Void> stop() {
        return onContext(() -> {
            stopping = true;
            vertx().cancelTimer(timer);
            return rounds.stop()
                    .timeout(STOP_MS, TimeUnit.MILLISECONDS)
                    .transform(done -> share.giveBack())
                    .recover(failure -> {
                        LOG.info("lanes are not given back, the lease runs out by itself: {}", failure.getMessage());
                        return Future.succeededFuture();
                    })
                    .<Void>mapEmpty();
        });
    }

    /** Whether this node records the lane at present. Safe for all threads. */
    public boolean records(Lane lane) {
        return share.holds(lane);
    }

    /**
     * Whether this node is to look after the lane in Redis: it records the lane, or PostgreSQL is away, so that nobody can take over what a
     * node had that died. Safe for all threads.
     */
    public boolean looksAfter(Lane lane) {
        return share.holds(lane) || !share.isKnown();
    }

    /** Something was appended to the lane's ledger, or may have been. To be called on the recorder's own context. */
    public void changed(Lane lane) {
        LaneRecorder work = works.get(lane);
        if (work != null && !stopping) {
            rounds.add(work);
        }
    }

    /** Something may have been appended to any lane. To be called on the recorder's own context. */
    public void anyChanged() {
        lookedAt = System.nanoTime() - shared.settings().safetyLook().toNanos();
    }

    /** PostgreSQL may be older than it was: asks it anew how far each lane is recorded. To be called on the recorder's own context. */
    public void databaseMayBeOlder() {
        for (LaneRecorder work : works.values()) {
            work.doubtCursor();
            if (!stopping) {
                rounds.add(work);
            }
        }
    }

    private void look() {
        Map<Lane, ListedSale> before = open;
        open = openLanes();
        letGo();
        takeUp();
        long now = System.nanoTime();
        boolean hasNew = !before.keySet().containsAll(open.keySet());
        if (!watching && (hasNew || now - watchedAt >= shared.settings().watch().toNanos())) {
            watch(now);
        }
        if (!looking) {
            lookAtLanes(now);
        }
    }

    private Map<Lane, ListedSale> openLanes() {
        Map<Lane, ListedSale> lanes = new HashMap<>();
        for (ListedSale listed : shared.books().sales().known()) {
            if (listed.laneState() == ListedSale.LaneState.OPEN) {
                lanes.put(listed.lane(), listed);
            }
        }
        return lanes;
    }

    /** A node that Redis does not answer leaves its lanes to one that can record them. */
    private void watch(long now) {
        watching = true;
        watchedAt = now;
        shared.stream()
                .ping()
                .compose(answered -> share.renew(open.size(), this::isBusy))
                .onComplete(renewed -> context.runOnContext(on -> {
                    watching = false;
                    if (renewed.failed()) {
                        LOG.debug("lease not renewed: {}", renewed.cause().toString());
                    } else if (!stopping) {
                        refreshUnknown(renewed.result());
                        takeUp();
                    }
                }));
    }

    private boolean isBusy(Lane lane) {
        LaneRecorder work = works.get(lane);
        return work != null && rounds.has(work);
    }

    /** PostgreSQL gave us a lane of which this node has not heard yet. */
    private void refreshUnknown(Map<Lane, Long> taken) {
        for (Lane lane : taken.keySet()) {
            if (!open.containsKey(lane)) {
                shared.books()
                        .sales()
                        .refresh(lane.saleId())
                        .onFailure(failure -> LOG.debug("sale of lane {} not found: {}", lane, failure.toString()));
            }
        }
    }

    private void takeUp() {
        for (ListedSale listed : open.values()) {
            if (share.holds(listed.lane()) && !works.containsKey(listed.lane())) {
                LaneRecorder work = new LaneRecorder(listed, shared);
                works.put(listed.lane(), work);
                rounds.add(work);
            }
        }
    }

    /** Stops what another node has, what has another epoch now, and what does not sell any more. */
    private void letGo() {
        for (Iterator<Map.Entry<Lane, LaneRecorder>> all = works.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Lane, LaneRecorder> entry = all.next();
            Lane lane = entry.getKey();
            ListedSale listed = open.get(lane);
            LaneRecorder work = entry.getValue();
            if (listed == null || !work.serves(listed) || work.over() || !share.holds(lane)) {
                all.remove();
                rounds.remove(work);
                shared.metrics().forget(lane);
                if (listed == null) {
                    share.lost(lane);
                }
            }
        }
    }

    /** Where nobody said that a lane has changed it may have changed all the same: the node that did it may have died. */
    private void lookAtLanes(long now) {
        boolean all = now - lookedAt >= shared.settings().safetyLook().toNanos();
        List<LaneRecorder> quiet = new ArrayList<>();
        List<LaneRecorder> ends = new ArrayList<>();
        for (LaneRecorder work : works.values()) {
            if (all && !rounds.has(work) && work.recordedSeq() >= 0) {
                quiet.add(work);
            }
            if (ends.size() < LANES_AT_ONCE && work.nanosSinceLook() >= lookPause(work)) {
                ends.add(work);
            }
        }
        if (all) {
            lookedAt = now;
        }
        if (quiet.isEmpty() && ends.isEmpty()) {
            return;
        }
        looking = true;
        Future.join(Chunks.inTurn(quiet, LANES_AT_ONCE, this::lookForNews), lookAtEnds(ends))
                .onComplete(looked -> context.runOnContext(on -> {
                    looking = false;
                    if (looked.failed()) {
                        LOG.debug(
                                "not all lanes were looked at: {}",
                                looked.cause().toString());
                    }
                }));
    }

    /** A lane that waits is looked at more often: how much waits is asked by people. */
    private long lookPause(LaneRecorder work) {
        return rounds.has(work)
                ? shared.settings().safetyLook().toNanos()
                : shared.settings().positionLook().toNanos();
    }

    private Future<Void> lookForNews(List<LaneRecorder> some) {
        Map<Lane, Long> cursors = new HashMap<>();
        some.forEach(work -> cursors.put(work.lane(), work.recordedSeq()));
        return shared.stream()
                .grown(cursors)
                .onSuccess(grown -> context.runOnContext(on -> grown.forEach(this::changed)))
                .mapEmpty();
    }

    private Future<Void> lookAtEnds(List<LaneRecorder> some) {
        List<Future<Void>> looks = some.stream()
                .map(work -> work.look()
                        .onSuccess(waiting -> {
                            if (waiting > 0) {
                                context.runOnContext(on -> changed(work.lane()));
                            }
                        })
                        .<Void>mapEmpty())
                .toList();
        return Future.join(looks).mapEmpty();
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
