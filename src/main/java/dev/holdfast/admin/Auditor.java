package dev.holdfast.admin;

import dev.holdfast.ledger.AuditBook;
import dev.holdfast.ledger.AuditBook.SliceAfter;
import dev.holdfast.ledger.AuditPass;
import dev.holdfast.ledger.AuditReport;
import dev.holdfast.ledger.AuditVerdict;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.CountDifference;
import dev.holdfast.ledger.RecordedSlice;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the counts of Redis with the books, all SKUs of each lane once an interval, whether anything happens or not. A lane is taken
 * slice by slice, and a slice at its own place of the ledger, so that no step keeps Redis from selling. To be used on the event loop of
 * its connection.
 */
public final class Auditor {

    private static final Logger LOG = LoggerFactory.getLogger(Auditor.class);

    /** How often to look for lanes whose interval is over. */
    private static final int LOOK_MS = 200;

    /** So many lanes are read from PostgreSQL at once. */
    private static final int LANES_AT_ONCE = 50;

    /** Between the slices of an audit that somebody waits for. */
    private static final int SHORT_PAUSE_MS = 5;

    /** A lane on which much happens has an audit written down this often; all of them are made, and what differs is always written down. */
    private static final Duration WRITTEN_EVERY = Duration.ofMinutes(1);

    /** How often to look whether the recorder has come to where somebody wants to have an audit. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    /** How long somebody waits for that: the recorder is milliseconds behind while PostgreSQL is there. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final LedgerStream stream;
    private final LaneTrust trust;
    private final SaleDirectory directory;
    private final AuditBook book;
    private final CountAudit counts;
    private final CountFindings findings;
    private final Metrics metrics;
    /** Read by whoever reads the meters, too. */
    private final Map<Lane, Progress> lanes = new ConcurrentHashMap<>();

    private boolean running;
    private boolean working;
    private long timer = -1;

    /** The trust belongs to the connection that stream and scan use. */
    public Auditor(Vertx vertx, LedgerStream stream, LaneScan scan, LaneTrust trust, Books books, Metrics metrics) {
        this.vertx = vertx;
        this.stream = stream;
        this.trust = trust;
        this.directory = books.sales();
        this.book = books.audits();
        this.counts = new CountAudit(vertx, scan, stream, books.audits());
        this.findings = new CountFindings(books, scan, metrics);
        this.metrics = metrics;
    }

    /** How far the audit of a lane has come, and when it was audited. */
    private static final class Progress {
        private AuditPass pass;
        private String after = "";
        private int skus;
        private int skusBefore;
        private final long sinceNanos;
        private long begunNanos;
        private volatile long doneNanos;
        private long writtenNanos;
        private long writtenSeq = -1;
        private boolean begun;

        Progress(Lane lane, long nowNanos) {
            pass = newPass(lane);
            sinceNanos = nowNanos;
            doneNanos = nowNanos;
        }
    }

    /** From now on audits every open lane that is ours, once an interval. */
    public void start(Duration interval, Predicate<Lane> ours) {
        running = true;
        timer = vertx.setPeriodic(LOOK_MS, tick -> work(interval, ours));
        metrics.auditAge(this::oldestAudit);
    }

    /** Starts no further audit. */
    public void stop() {
        running = false;
        vertx.cancelTimer(timer);
    }

    /**
     * Audits the sale now and answers what was found; of a sale that is over for good, what the last audit found. Empty if there is no such
     * sale. Fails with {@link Unavailable}, POSTGRES_UNAVAILABLE where the recorder is not there in time.
     */
    public Future<Optional<AuditReport>> audit(SaleId saleId) {
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : audit(listed.get()).map(Optional::of));
    }

    private Future<AuditReport> audit(ListedSale listed) {
        Lane lane = listed.lane();
        if (listed.laneState() == LaneState.RETIRED) {
            return book.latest(lane)
                    .map(latest -> latest.orElseThrow(
                            () -> new IllegalStateException("lane " + lane + " is retired without an audit")));
        }
        return (listed.laneState() == LaneState.OPEN
                        ? trust.require(lane)
                        : Future.<Lane>failedFuture(new StaleLane(
                                lane, "it is " + listed.laneState().word())))
                .compose(this::auditWhole)
                .recover(failure -> Future.failedFuture(named(lane, failure)));
    }

    private static Throwable named(Lane lane, Throwable failure) {
        return switch (failure) {
            case StaleLane stale ->
                new Unavailable(Unavailable.Reason.RECOVERING, "lane " + lane + " has no books", stale);
            case CountAudit.NotComparable behind ->
                new Unavailable(Unavailable.Reason.POSTGRES_UNAVAILABLE, String.valueOf(behind.getMessage()), behind);
            default -> failure;
        };
    }

    private Future<AuditReport> auditWhole(Lane lane) {
        AuditPass pass = newPass(lane);
        List<AuditReport.Item> items = new ArrayList<>();
        AtomicReference<String> after = new AtomicReference<>("");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        return stream.lastSeq(lane)
                .onSuccess(pass::at)
                .compose(seq -> recordedUpTo(lane, seq, deadline))
                .compose(recorded -> AsyncLoop.whileTrue(() -> nextSlice(lane, after.get())
                        .onSuccess(slice -> pass.readAt(slice.readAt()))
                        .compose(slice -> slice.counts().isEmpty()
                                ? Future.succeededFuture(false)
                                : counts.compare(slice)
                                        .onSuccess(looked -> {
                                            pass.add(looked.slice(), looked.confirmed());
                                            items.addAll(looked.slice().items());
                                            after.set(last(slice));
                                        })
                                        .compose(looked -> isLast(slice)
                                                ? Future.succeededFuture(false)
                                                : vertx.timer(SHORT_PAUSE_MS, TimeUnit.MILLISECONDS)
                                                        .map(true)))))
                .compose(done -> settle(pass))
                .compose(settled -> book.add(pass))
                .map(written -> new AuditReport(
                        pass.verdict().balanced(), lane.epoch() + "-" + pass.lastSeq(), confirmedOnly(items, pass)));
    }

    /** What differed in the first look and not in the second was on its way. */
    private static List<AuditReport.Item> confirmedOnly(List<AuditReport.Item> items, AuditPass pass) {
        Map<String, CountDifference> differing = pass.differences().stream()
                .collect(Collectors.toMap(difference -> difference.sku().value(), difference -> difference));
        return items.stream()
                .map(item -> {
                    CountDifference difference = differing.get(item.sku().value());
                    if (difference != null) {
                        return difference.item();
                    }
                    return item.drift() == 0
                            ? item
                            : new AuditReport.Item(item.sku(), item.postgres(), item.postgres(), 0);
                })
                .toList();
    }

    private Future<RecordedSlice> nextSlice(Lane lane, String after) {
        return book.slices(List.of(new SliceAfter(lane, after)), LaneScan.MOST_SKUS)
                .compose(slices -> slices.isEmpty()
                        ? Future.failedFuture(StaleLane.notInPostgres(lane))
                        : Future.succeededFuture(slices.getFirst()));
    }

    /** What an audit says of the books must be in them. */
    private Future<Void> recordedUpTo(Lane lane, long seq, long deadline) {
        return book.slice(lane, List.of()).compose(found -> {
            if (found.isEmpty()) {
                return Future.failedFuture(StaleLane.notInPostgres(lane));
            }
            if (found.get().recordedSeq() >= seq) {
                return Future.succeededFuture();
            }
            if (System.nanoTime() > deadline) {
                return Future.failedFuture(new Unavailable(
                        Unavailable.Reason.POSTGRES_UNAVAILABLE,
                        "the ledger of lane " + lane + " was not recorded within " + PATIENCE.toSeconds()
                                + " s: no node records the sale, or it is far behind",
                        null));
            }
            return vertx.timer(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
                    .compose(waited -> recordedUpTo(lane, seq, deadline));
        });
    }

    private void work(Duration interval, Predicate<Lane> ours) {
        if (working || !running) {
            return;
        }
        working = true;
        AsyncLoop.whileTrue(() -> round(interval, ours)).onComplete(done -> {
            working = false;
            if (done.failed()) {
                LOG.debug("lanes are not audited: {}", done.cause().getMessage());
            }
        });
    }

    /** The next slice of each lane that is due, then a pause; false where none is. */
    private Future<Boolean> round(Duration interval, Predicate<Lane> ours) {
        List<Progress> due = running ? due(interval, ours) : List.of();
        if (due.isEmpty()) {
            return Future.succeededFuture(false);
        }
        Map<Lane, Progress> of =
                due.stream().collect(Collectors.toMap(progress -> progress.pass.lane(), progress -> progress));
        int[] skus = {0};
        return book.slices(
                        due.stream()
                                .map(progress -> new SliceAfter(progress.pass.lane(), progress.after))
                                .toList(),
                        LaneScan.MOST_SKUS)
                .compose(slices -> {
                    Iterator<RecordedSlice> each = slices.iterator();
                    return AsyncLoop.whileTrue(() -> {
                        if (!each.hasNext()) {
                            return Future.succeededFuture(false);
                        }
                        RecordedSlice slice = each.next();
                        skus[0] += slice.counts().size();
                        return take(Objects.requireNonNull(of.get(slice.lane())), slice)
                                .map(true);
                    });
                })
                .compose(taken -> vertx.timer(
                        AuditPace.pauseAfter(skus[0], allSkus(), interval).toMillis(), TimeUnit.MILLISECONDS))
                .map(true);
    }

    /** Of all lanes that this node audits, as far as they were counted. */
    private long allSkus() {
        return lanes.values().stream()
                .mapToLong(progress -> Math.max(progress.skus, progress.skusBefore))
                .sum();
    }

    private List<Progress> due(Duration interval, Predicate<Lane> ours) {
        long now = System.nanoTime();
        Set<Lane> open = directory.known().stream()
                .filter(listed -> listed.laneState() == LaneState.OPEN && ours.test(listed.lane()))
                .map(ListedSale::lane)
                .collect(Collectors.toSet());
        lanes.keySet().retainAll(open);
        open.forEach(lane -> lanes.computeIfAbsent(lane, first -> new Progress(first, now)));
        return lanes.values().stream()
                .filter(progress ->
                        !progress.after.isEmpty() || !progress.begun || now - progress.begunNanos >= interval.toNanos())
                .sorted(Comparator.comparingLong(progress -> progress.begunNanos))
                .limit(LANES_AT_ONCE)
                .toList();
    }

    /** Never fails: a lane that cannot be audited now is audited when its interval is over. */
    private Future<Void> take(Progress progress, RecordedSlice slice) {
        Lane lane = progress.pass.lane();
        if (progress.after.isEmpty()) {
            progress.begun = true;
            progress.begunNanos = System.nanoTime();
        }
        progress.pass.readAt(slice.readAt());
        progress.skus += slice.counts().size();
        return trust.require(lane)
                .compose(whole -> slice.counts().isEmpty()
                        ? stream.lastSeq(whole).onSuccess(progress.pass::at).<Void>mapEmpty()
                        : counts.compare(slice)
                                .onSuccess(looked -> progress.pass.add(looked.slice(), looked.confirmed()))
                                .<Void>mapEmpty())
                .compose(compared -> {
                    if (!isLast(slice)) {
                        progress.after = last(slice);
                        return Future.succeededFuture();
                    }
                    return end(progress);
                })
                .recover(failure -> {
                    LOG.debug("lane {} was not audited: {}", lane, failure.getMessage());
                    beginAnew(progress);
                    return Future.succeededFuture();
                });
    }

    private Future<Void> end(Progress progress) {
        AuditPass pass = progress.pass;
        beginAnew(progress);
        return settle(pass).compose(settled -> {
            long now = System.nanoTime();
            progress.doneNanos = now;
            boolean quiet = pass.firstSeq() == pass.lastSeq() && pass.lastSeq() != progress.writtenSeq;
            boolean old = pass.lastSeq() != progress.writtenSeq
                    && now - Math.max(progress.writtenNanos, progress.sinceNanos) >= WRITTEN_EVERY.toNanos();
            if (pass.differences().isEmpty() && !quiet && !old) {
                return Future.succeededFuture();
            }
            return book.add(pass).onSuccess(written -> {
                progress.writtenNanos = now;
                progress.writtenSeq = pass.lastSeq();
            });
        });
    }

    private static void beginAnew(Progress progress) {
        progress.pass = newPass(progress.pass.lane());
        progress.after = "";
        progress.skusBefore = progress.skus;
        progress.skus = 0;
    }

    /** Tells what was found. */
    private Future<Void> settle(AuditPass pass) {
        AuditVerdict verdict = pass.verdict();
        metrics.audited(
                pass.lane().saleId().value(), verdict.balanced(), verdict.driftUnits(), verdict.oversoldUnits());
        return findings.tell(pass);
    }

    private Duration oldestAudit() {
        long now = System.nanoTime();
        return lanes.values().stream()
                .map(progress -> Duration.ofNanos(now - progress.doneNanos))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    private static AuditPass newPass(Lane lane) {
        return new AuditPass(UUID.randomUUID().toString(), lane);
    }

    private static boolean isLast(RecordedSlice slice) {
        return slice.counts().size() < LaneScan.MOST_SKUS;
    }

    private static String last(RecordedSlice slice) {
        return slice.counts().getLast().sku().value();
    }
}
