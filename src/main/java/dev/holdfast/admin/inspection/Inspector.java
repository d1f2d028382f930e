package dev.holdfast.admin.inspection;

import dev.holdfast.admin.CountRepairs;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.NewIncident;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneTrust;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.Suspects;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks every lane whole, once an interval, in small steps with pauses between them: reservations, what is due, buyers, rules and settings in
 * Redis, and the ledger in PostgreSQL. Between the steps it looks into what calls could not make sense of. To be used on the event loop of
 * its connection.
 */
public final class Inspector {

    private static final Logger LOG = LoggerFactory.getLogger(Inspector.class);

    /** How often to look for lanes whose interval is over, and for suspects. */
    private static final int LOOK_MS = 500;

    /** An entry is some 2 us of Redis: so inspections leave it free for 99 of 100 parts of the time, and 100,000 holds take some six minutes. */
    private static final int PAUSE_FOR_AN_ENTRY_US = 500;

    /** A lane of which reservations were lost is inspected at once, but not all the time. */
    private static final Duration INSPECTED_AGAIN_AFTER = Duration.ofMinutes(1);

    /** So many lanes are walked side by side: a small one does not wait for a large one. */
    private static final int LANES_AT_ONCE = 20;

    private final Vertx vertx;
    private final Looks looks;
    private final CountRepairs counts;
    private final LaneTrust trust;
    private final SaleDirectory directory;
    private final Incidents incidents;
    private final Suspects suspects;
    private final Metrics metrics;
    private final Duration ledgerKept;
    private final Map<Lane, Inspected> lanes = new ConcurrentHashMap<>();
    private boolean running;
    private boolean working;
    private long timer = -1;

    /**
     * The trust belongs to the connection that stream and scan use.
     *
     * @param ledgerKept how long PostgreSQL keeps what has ended, and the ledger
     */
    public Inspector(
            Vertx vertx,
            LaneScan scan,
            LedgerStream stream,
            LaneTrust trust,
            Books books,
            InspectionBook book,
            Suspects suspects,
            Metrics metrics,
            Duration ledgerKept) {
        this.vertx = vertx;
        this.looks = Looks.over(vertx, scan, stream, books, book);
        this.counts = new CountRepairs(vertx, stream, scan, books, metrics);
        this.trust = trust;
        this.directory = books.sales();
        this.incidents = books.incidents();
        this.suspects = suspects;
        this.metrics = metrics;
        this.ledgerKept = LedgerWalk.comparableFor(ledgerKept);
    }

    private static final class Inspected {
        private volatile long doneNanos;
        private long begunNanos;
        private boolean begun;
        private @Nullable Round round;

        Inspected(long nowNanos) {
            doneNanos = nowNanos;
        }
    }

    /** An inspection that goes on, and what it has found so far. */
    private record Round(LaneInspection inspection, Findings findings) {}

    /** From now on inspects every open lane that is ours, once an interval. */
    public void start(Duration interval, Predicate<Lane> ours) {
        running = true;
        timer = vertx.setPeriodic(LOOK_MS, tick -> work(interval, ours));
        metrics.inspectionAge(this::oldest);
    }

    /** Takes no further step. */
    public void stop() {
        running = false;
        vertx.cancelTimer(timer);
    }

    /** Inspects the lane whole, now and without pauses; what was found is told when it is answered. */
    public Future<Void> inspect(ListedSale listed) {
        LaneInspection inspection = new LaneInspection(listed, looks, ledgerKept);
        Findings findings = new Findings(listed.lane(), incidents, metrics);
        return findings.begin()
                .compose(begun -> AsyncLoop.whileTrue(() -> trust.require(listed.lane())
                        .compose(whole -> inspection.step())
                        .compose(step -> findings.add(step.findings()).map(!step.ended()))))
                .compose(walked -> findings.end(true));
    }

    private void work(Duration interval, Predicate<Lane> ours) {
        if (working || !running) {
            return;
        }
        working = true;
        lookInto(suspects.take())
                .compose(looked -> AsyncLoop.whileTrue(() -> round(interval, ours)))
                .onComplete(done -> {
                    working = false;
                    if (done.failed()) {
                        LOG.info("lanes are not inspected: {}", done.cause().getMessage());
                    }
                });
    }

    /** A step of each lane that is being walked; false where there is none. */
    private Future<Boolean> round(Duration interval, Predicate<Lane> ours) {
        List<Inspected> due = running ? due(interval, ours) : List.of();
        Iterator<Inspected> each = due.iterator();
        return AsyncLoop.whileTrue(() -> {
                    if (!each.hasNext()) {
                        return Future.succeededFuture(false);
                    }
                    return step(each.next())
                            .compose(looked ->
                                    vertx.timer(1 + looked * PAUSE_FOR_AN_ENTRY_US / 1_000L, TimeUnit.MILLISECONDS))
                            .map(true);
                })
                .compose(stepped -> lookInto(suspects.take()))
                .map(!due.isEmpty());
    }

    private List<Inspected> due(Duration interval, Predicate<Lane> ours) {
        long now = System.nanoTime();
        Map<Lane, ListedSale> open = directory.known().stream()
                .filter(listed -> listed.laneState() == LaneState.OPEN && ours.test(listed.lane()))
                .collect(Collectors.toMap(ListedSale::lane, Function.identity()));
        lanes.keySet().retainAll(open.keySet());
        open.forEach((lane, listed) -> {
            Inspected inspected = lanes.computeIfAbsent(lane, first -> new Inspected(now));
            if (inspected.round == null && (!inspected.begun || now - inspected.begunNanos >= interval.toNanos())) {
                inspected.begun = true;
                inspected.begunNanos = now;
                inspected.round = new Round(
                        new LaneInspection(listed, looks, ledgerKept), new Findings(lane, incidents, metrics));
            }
        });
        return lanes.values().stream()
                .filter(inspected -> inspected.round != null)
                .sorted(Comparator.comparingLong(inspected -> inspected.begunNanos))
                .limit(LANES_AT_ONCE)
                .toList();
    }

    /** Answers how much it has looked at. Never fails: what cannot be walked now is walked when the interval is over. */
    private Future<Integer> step(Inspected inspected) {
        Round round = Objects.requireNonNull(inspected.round);
        LaneInspection inspection = round.inspection;
        return trust.require(inspection.lane())
                .compose(whole -> round.findings.begin())
                .compose(begun -> inspection.step())
                .compose(step -> round.findings.add(step.findings()).map(step))
                .recover(failure -> {
                    LOG.info("lane {} is not inspected whole: {}", inspection.lane(), failure.getMessage());
                    return Future.succeededFuture(new Walk.Step(0, List.of(), inspection.skip()));
                })
                .compose(step ->
                        (step.ended() ? end(inspected, round) : Future.<Void>succeededFuture()).map(step.looked()));
    }

    private static Future<Void> end(Inspected inspected, Round round) {
        boolean whole = round.inspection.isWhole();
        inspected.round = null;
        if (whole) {
            inspected.doneNanos = System.nanoTime();
        }
        return round.findings.end(whole).transform(told -> Future.succeededFuture());
    }

    /** Never fails: the next inspection finds what is not looked into now, but for mended entries of `due`, which are kept. */
    private Future<Void> lookInto(List<Suspects.Suspect> met) {
        Map<Lane, List<Suspects.Suspect>> byLane = met.stream().collect(Collectors.groupingBy(Suspects.Suspect::lane));
        Iterator<Map.Entry<Lane, List<Suspects.Suspect>>> each =
                byLane.entrySet().iterator();
        return AsyncLoop.whileTrue(() -> {
            if (!each.hasNext()) {
                return Future.succeededFuture(false);
            }
            Map.Entry<Lane, List<Suspects.Suspect>> next = each.next();
            return lookInto(next.getKey(), next.getValue())
                    .recover(failure -> {
                        LOG.debug("lane {}: suspects were not looked into: {}", next.getKey(), failure.getMessage());
                        return Future.succeededFuture();
                    })
                    .map(true);
        });
    }

    private Future<Void> lookInto(Lane lane, List<Suspects.Suspect> met) {
        List<Sku> skus = new ArrayList<>();
        List<Sku> rules = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        Set<ReservationId> lost = new LinkedHashSet<>();
        long mended = 0;
        boolean settings = false;
        for (Suspects.Suspect suspect : met) {
            switch (suspect) {
                case Suspects.Counts counted -> skus.add(counted.sku());
                case Suspects.Rules ruled -> rules.add(ruled.sku());
                case Suspects.Hold hold -> keys.add(hold.key());
                case Suspects.Lost reservation -> lost.add(reservation.id());
                case Suspects.LostHolds some -> inspectSoon(lane);
                case Suspects.LostDues dues -> mended += dues.mended();
                case Suspects.Settings unreadable -> settings = true;
            }
        }
        Future<List<Finding>> ofSettings =
                settings ? looks.settings().look(lane) : Future.succeededFuture(List.<Finding>of());
        return tellMended(lane, mended)
                .compose(told -> ofSettings)
                .compose(found -> new Findings(lane, incidents, metrics).add(found))
                .compose(told -> trust.require(lane))
                .compose(whole -> looks.stock().look(lane, rules))
                .compose(found -> new Findings(lane, incidents, metrics).add(found))
                .compose(told -> counts.tell(lane, skus))
                .compose(told -> ofKeys(lane, keys).onSuccess(lost::addAll))
                .compose(found -> lost.isEmpty() ? Future.succeededFuture() : putBack(lane, lost));
    }

    /** Entries of `due` that are mended are found by no inspection: what cannot be told now is told with the next suspects. */
    private Future<Boolean> tellMended(Lane lane, long dues) {
        return dues == 0
                ? Future.succeededFuture(false)
                : incidents
                        .report(
                                lane,
                                new NewIncident(
                                        IncidentKind.DUE_DIFFERS,
                                        dues
                                                + " entries of due were missing; they were made again from the reservations, so that each"
                                                + " hold ends at its deadline"))
                        .onFailure(failure -> suspects.add(new Suspects.LostDues(lane, dues)));
    }

    /** Not more often than it takes to look into what was found the last time. */
    private void inspectSoon(Lane lane) {
        Inspected inspected = lanes.get(lane);
        if (inspected != null
                && inspected.round == null
                && System.nanoTime() - inspected.begunNanos >= INSPECTED_AGAIN_AFTER.toNanos()) {
            inspected.begun = false;
        }
    }

    /** The newest reservation of each of these keys. One that is not found is found by an inspection, if it is anybody's. */
    private Future<List<ReservationId>> ofKeys(Lane lane, List<String> keys) {
        List<ReservationId> ids = new ArrayList<>();
        Iterator<String> each = keys.stream().limit(Findings.MOST_OF_A_KIND).iterator();
        return AsyncLoop.whileTrue(() -> {
                    if (!each.hasNext()) {
                        return Future.succeededFuture(false);
                    }
                    return looks.book()
                            .ofKey(lane, each.next())
                            .onSuccess(found -> found.ifPresentOrElse(ids::add, () -> inspectSoon(lane)))
                            .map(true);
                })
                .map(looked -> ids);
    }

    /** Tells what is wrong with these, and puts back at once those that Redis has lost: their buyers are waiting. */
    private Future<Void> putBack(Lane lane, Set<ReservationId> ids) {
        List<ReservationId> some = ids.stream().limit(Findings.MOST_OF_A_KIND).toList();
        return looks.holds()
                .look(lane, some)
                .compose(findings -> new Findings(lane, incidents, metrics)
                        .add(findings)
                        .compose(told -> {
                            Iterator<Finding> each = findings.stream()
                                    .filter(finding -> finding.kind() == IncidentKind.HOLD_DIFFERS
                                            || finding.kind() == IncidentKind.DUE_DIFFERS)
                                    .iterator();
                            return AsyncLoop.whileTrue(() -> each.hasNext()
                                    ? putBack(lane, each.next()).map(true)
                                    : Future.succeededFuture(false));
                        }));
    }

    private Future<Void> putBack(Lane lane, Finding finding) {
        String subject = finding.subject();
        return looks.holds()
                .putBack(lane, new ReservationId(subject), ledgerKept)
                .compose(back -> {
                    if (!back) {
                        return Future.succeededFuture();
                    }
                    LOG.warn(
                            "lane {}: Redis has the reservation {} again as it is recorded; before that: {}",
                            lane,
                            subject,
                            finding.detail());
                    return incidents.mended(
                            lane.saleId(),
                            finding.kind(),
                            subject,
                            "it was put back as the ledger has it, when it was asked for");
                });
    }

    private Duration oldest() {
        long now = System.nanoTime();
        return lanes.values().stream()
                .map(inspected -> Duration.ofNanos(now - inspected.doneNanos))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }
}
