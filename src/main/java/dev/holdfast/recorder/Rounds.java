package dev.holdfast.recorder;

import dev.holdfast.ledger.Batch;
import dev.holdfast.ledger.CommitOutcome;
import dev.holdfast.ledger.LedgerBook;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records lanes that have something to record: many of them in one transaction, which costs as much as recording some fifty entries. At
 * most two rounds are under way, of different lanes. Lanes wait for their turn in the order in which they came. Used on one context.
 */
final class Rounds {

    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    /** While PostgreSQL works on one, the next is read. More would only wait for PostgreSQL. */
    private static final int MOST_UNDER_WAY = 2;

    /** Where PostgreSQL is slow, there is more time between two rounds, and they are larger: by no more than this. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Context context;
    private final LedgerBook ledger;
    private final RecorderMetrics metrics;
    private final RecorderSettings settings;
    private final Pace pace;
    private final Set<LaneRecorder> waiting = new LinkedHashSet<>();
    private final Set<LaneRecorder> working = new HashSet<>();
    private final Set<LaneRecorder> again = new HashSet<>();
    private final Promise<Void> ended = Promise.promise();
    private int underWay;
    private long timer = -1;
    private long pausesUntil = System.nanoTime();
    private boolean failing;
    private boolean stopping;

    Rounds(Context context, LedgerBook ledger, RecorderMetrics metrics, RecorderSettings settings) {
        this.context = context;
        this.ledger = ledger;
        this.metrics = metrics;
        this.settings = settings;
        pace = new Pace(settings.retryPause(), ThreadLocalRandom.current());
    }

    /** The lane may have something to record. */
    void add(LaneRecorder lane) {
        if (lane.over()) {
            return;
        }
        if (working.contains(lane)) {
            again.add(lane);
        } else if (waiting.add(lane)) {
            wake();
        }
    }

    /** Whether the lane waits for its turn, or has it. */
    boolean has(LaneRecorder lane) {
        return working.contains(lane) || waiting.contains(lane);
    }

    /** Whether the lane is being recorded just now. */
    boolean works(LaneRecorder lane) {
        return working.contains(lane);
    }

    /** The lane is not to be recorded here any more. */
    void remove(LaneRecorder lane) {
        lane.end();
        waiting.remove(lane);
        again.remove(lane);
    }

    /** Completes when no round is under way, and begins none. */
    Future<Void> stop() {
        stopping = true;
        cancelTimer();
        if (underWay == 0) {
            ended.tryComplete();
        }
        return ended.future();
    }

    /** Begins what can begin now, and sees to it that the rest begins in time. */
    private void wake() {
        while (!stopping && !waiting.isEmpty() && underWay < MOST_UNDER_WAY) {
            boolean full = isFull();
            if (underWay > 0 && !full) {
                return;
            }
            long waitMs = TimeUnit.NANOSECONDS.toMillis(pausesUntil - System.nanoTime());
            if (waitMs > 0 && (failing || !full)) {
                setTimer(waitMs);
                return;
            }
            cancelTimer();
            begin(next());
        }
    }

    private void setTimer(long ms) {
        if (timer < 0) {
            timer = context.owner().setTimer(ms, due -> {
                timer = -1;
                wake();
            });
        }
    }

    private void cancelTimer() {
        if (timer >= 0) {
            context.owner().cancelTimer(timer);
            timer = -1;
        }
    }

    private boolean isFull() {
        int lanes = 0;
        int entries = 0;
        for (LaneRecorder lane : waiting) {
            entries += lane.appetite();
            if (++lanes >= settings.lanes() || entries >= settings.batch()) {
                return true;
            }
        }
        return false;
    }

    /** The next lanes, as far as they fit into one transaction; one that failed by itself has its own. */
    private List<LaneRecorder> next() {
        List<LaneRecorder> round = new ArrayList<>();
        int entries = 0;
        for (Iterator<LaneRecorder> lanes = waiting.iterator(); lanes.hasNext() && round.size() < settings.lanes(); ) {
            LaneRecorder lane = lanes.next();
            if (lane.alone() && !round.isEmpty()) {
                continue;
            }
            entries += lane.appetite();
            if (entries > settings.batch() && !round.isEmpty()) {
                break;
            }
            lanes.remove();
            round.add(lane);
            if (lane.alone()) {
                break;
            }
        }
        return round;
    }

    private void begin(List<LaneRecorder> round) {
        underWay++;
        working.addAll(round);
        long now = System.nanoTime();
        run(round).onComplete(steps -> context.runOnContext(on -> finish(round, steps, System.nanoTime() - now)));
    }

    /** What came of each lane. Fails where none of them could be recorded for the same reason. */
    private Future<Map<LaneRecorder, AsyncResult<Step>>> run(List<LaneRecorder> round) {
        return cursors(round).compose(known -> read(round)).compose(this::commit);
    }

    private Future<Void> cursors(List<LaneRecorder> round) {
        List<LaneRecorder> unknown =
                round.stream().filter(lane -> !lane.knowsCursor()).toList();
        return unknown.isEmpty()
                ? Future.succeededFuture()
                : Future.all(unknown.stream().map(LaneRecorder::beforeCursor).toList())
                        .compose(asked -> ledger.cursors(
                                unknown.stream().map(LaneRecorder::lane).toList()))
                        .compose(cursors -> Future.all(unknown.stream()
                                .map(lane -> lane.cursorIs(cursors.get(lane.lane())))
                                .toList()))
                        .mapEmpty();
    }

    private Future<Read> read(List<LaneRecorder> round) {
        Read read = new Read(metrics.nowMs(), new HashMap<>(), new HashMap<>());
        List<Future<Void>> reads = new ArrayList<>();
        for (LaneRecorder lane : round) {
            reads.add(
                    lane.over()
                            ? Future.succeededFuture(read.steps.put(lane, Future.succeededFuture(Step.OVER)))
                                    .mapEmpty()
                            : lane.read().transform(batch -> {
                                if (batch.succeeded() && batch.result().isPresent()) {
                                    read.batches.put(lane, batch.result().get());
                                    return Future.succeededFuture();
                                }
                                Future<Step> step =
                                        batch.succeeded() ? lane.nothing() : Future.failedFuture(batch.cause());
                                return step.transform(done -> {
                                    read.steps.put(lane, done);
                                    return Future.succeededFuture();
                                });
                            }));
        }
        return Future.all(reads).map(read);
    }

    private Future<Map<LaneRecorder, AsyncResult<Step>>> commit(Read read) {
        if (read.batches.isEmpty()) {
            return Future.succeededFuture(read.steps);
        }
        return ledger.commit(List.copyOf(read.batches.values())).compose(outcomes -> {
            List<Future<Void>> settled = new ArrayList<>();
            read.batches.forEach((lane, batch) ->
                    settled.add(settle(lane, batch, Objects.requireNonNull(outcomes.get(batch.lane())), read.atMs)
                            .transform(step -> {
                                read.steps.put(lane, step);
                                return Future.succeededFuture();
                            })));
            return Future.all(settled).map(read.steps);
        });
    }

    private static Future<Step> settle(
            LaneRecorder lane, Batch batch, AsyncResult<CommitOutcome> outcome, long readAtMs) {
        return outcome.succeeded()
                ? lane.committed(batch, outcome.result(), readAtMs)
                : Future.failedFuture(outcome.cause());
    }

    private void finish(
            List<LaneRecorder> round, AsyncResult<Map<LaneRecorder, AsyncResult<Step>>> steps, long tookNanos) {
        underWay--;
        round.forEach(working::remove);
        Map<LaneRecorder, AsyncResult<Step>> byLane = steps.succeeded() ? steps.result() : Map.of();
        boolean noneDone = byLane.values().stream().noneMatch(AsyncResult::succeeded);
        Throwable away = null;
        boolean behind = false;
        for (LaneRecorder lane : round) {
            boolean changed = again.remove(lane);
            AsyncResult<Step> step = byLane.getOrDefault(lane, Future.failedFuture(causeOf(steps)));
            if (lane.over()) {
                waiting.remove(lane);
            } else if (step.succeeded()) {
                behind |= step.result() == Step.FULL;
                if (changed || step.result() == Step.FULL) {
                    waiting.add(lane);
                }
            } else if (noneDone && step.cause() instanceof Unavailable) {
                // Nothing is wrong with the lane: PostgreSQL or Redis is away.
                away = step.cause();
                lane.failed(false);
                waiting.add(lane);
            } else {
                leaveInPeace(lane, step.cause());
            }
        }
        metrics.retries(byLane.isEmpty() ? round.size() : failed(byLane));
        settlePace(away, behind, tookNanos);
        if (stopping && underWay == 0) {
            ended.tryComplete();
        }
        wake();
    }

    private static Throwable causeOf(AsyncResult<?> steps) {
        return steps.failed() ? steps.cause() : new IllegalStateException("a lane of a round got no answer");
    }

    private static int failed(Map<LaneRecorder, AsyncResult<Step>> steps) {
        return (int) steps.values().stream().filter(AsyncResult::failed).count();
    }

    private void leaveInPeace(LaneRecorder lane, Throwable failure) {
        long pauseMs = lane.failed(!(failure instanceof Unavailable));
        LOG.warn("recording of lane {} waits {} ms: {}", lane.lane(), pauseMs, failure.toString());
        if (!(failure instanceof Unavailable)) {
            lane.refused(failure);
        }
        context.owner().setTimer(pauseMs, due -> add(lane));
    }

    private void settlePace(@Nullable Throwable away, boolean behind, long tookNanos) {
        boolean nowFailing = away != null;
        if (nowFailing != failing) {
            failing = nowFailing;
            if (away != null) {
                LOG.warn("recording waits: {}", away.toString());
            } else {
                LOG.info("recording goes on");
            }
        }
        if (nowFailing) {
            pausesUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pace.afterFailure());
        } else {
            pace.success();
            long pauseNanos =
                    behind ? 0 : Math.max(settings.pause().toNanos(), Math.min(tookNanos, LONGEST_PAUSE_NANOS));
            pausesUntil = System.nanoTime() + pauseNanos;
        }
    }

    /** What a round has read: batches of lanes that have any, and what came of the other lanes. */
    private record Read(long atMs, Map<LaneRecorder, Batch> batches, Map<LaneRecorder, AsyncResult<Step>> steps) {}
}
