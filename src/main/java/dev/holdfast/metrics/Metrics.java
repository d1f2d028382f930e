package dev.holdfast.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/** Every meter of the service: names, units and meanings as in the contract. Safe for all threads. */
public final class Metrics {

    /** HTTP's are below. */
    private static final int STATUSES = 600;

    private final MeterRegistry registry;
    private final ConcurrentMap<String, Counter> reservations = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, AtomicReferenceArray<Timer>> requests = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, AtomicLong> drift = new ConcurrentHashMap<>();
    private final Timer holds;
    private final Timer expiryDelay;
    private final Timer recorderLag;
    private final Counter recordedEvents;
    private final Counter recorderRetries;
    private final Counter idleUnitSeconds;
    private final Counter shedHolds;
    private final ConcurrentMap<String, Counter> removed = new ConcurrentHashMap<>();
    private final AtomicLong housekeptMs = new AtomicLong();
    private final AtomicLong recorderLagEvents = new AtomicLong();
    private final ConcurrentMap<String, Long> oversoldUnits = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Counter> audits = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Counter> findings = new ConcurrentHashMap<>();
    private final Counter clockSteps;
    private final AtomicLong lastClockStepMs = new AtomicLong();

    /** Registers all meters that exist from the start. */
    public Metrics(MeterRegistry registry) {
        this.registry = registry;
        holds = timer("holdfast.hold", "The hold script as the service sees it");
        expiryDelay = timer("holdfast.expiry.delay", "From a hold's deadline to its units being free");
        recorderLag = timer("holdfast.recorder.lag", "From a transition in Redis to its commit in PostgreSQL");
        recordedEvents = Counter.builder("holdfast.recorded.events")
                .description("Ledger entries committed in PostgreSQL")
                .register(registry);
        recorderRetries = Counter.builder("holdfast.recorder.retries")
                .description("Times that a lane could not be recorded when it was its turn, and was tried again")
                .register(registry);
        idleUnitSeconds = Counter.builder("holdfast.idle.unit.seconds")
                .description("Time in which a due hold kept a unit from a buyer who asked")
                .register(registry);
        shedHolds = Counter.builder("holdfast.shed.holds")
                .description("Requests to hold that were turned away because too many waited")
                .register(registry);
        Gauge.builder("holdfast.recorder.lag.events", recorderLagEvents, AtomicLong::get)
                .description("Ledger entries not yet in PostgreSQL, over the lanes this node records")
                .register(registry);
        clockSteps = Counter.builder("holdfast.redis.clock.steps")
                .description("How often Redis's clock was moved, as this node saw it")
                .register(registry);
        Gauge.builder("holdfast.redis.clock.last.step.seconds", lastClockStepMs, ms -> ms.get() / 1e3)
                .description("By how much Redis's clock was moved the last time, negative for back; 0 for never")
                .register(registry);
        Gauge.builder("holdfast.oversold.units", oversoldUnits, Metrics::sum)
                .description("Units sold beyond capacity: must be 0")
                .register(registry);
        Gauge.builder("holdfast.housekeeping.last.run.timestamp.seconds", housekeptMs, ms -> ms.get() / 1e3)
                .description("When this node last looked through all that may be old, seconds since 1970; 0 for never")
                .register(registry);
    }

    /** One answer to a request for a reservation or for a change of one; outcome is the contract's word or error code. */
    public void reservation(String outcome) {
        reservations
                .computeIfAbsent(
                        outcome,
                        word -> Counter.builder("holdfast.reservations")
                                .tag("outcome", word)
                                .register(registry))
                .increment();
    }

    /** One call of the hold script. */
    public void hold(long nanos) {
        holds.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** One answered request; route is its pattern, never the path itself. */
    public void request(String route, int status, long nanos) {
        AtomicReferenceArray<Timer> byStatus =
                requests.computeIfAbsent(route, name -> new AtomicReferenceArray<>(STATUSES));
        Timer timer = byStatus.get(status);
        if (timer == null) {
            timer = requestTimer(route, status);
            byStatus.set(status, timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** The registry gives one and the same to all who ask at once. */
    private Timer requestTimer(String route, int status) {
        return Timer.builder("holdfast.request")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** One hold taken back, this long after its deadline. */
    public void expiry(Duration delay) {
        expiryDelay.record(delay);
    }

    /** A batch was committed; lag is the age of its oldest entry. */
    public void recorded(int entries, Duration lag) {
        recordedEvents.increment(entries);
        recorderLag.record(lag);
    }

    /** So many lanes could not be recorded when it was their turn. */
    public void recorderRetries(int lanes) {
        recorderRetries.increment(lanes);
    }

    /** Entries that wait to be recorded. */
    public void recorderLagEvents(long entries) {
        recorderLagEvents.set(entries);
    }

    /** Units by which the books of a sale differ from Redis, at one position. */
    public void drift(String sale, long units) {
        drift.computeIfAbsent(sale, id -> {
                    AtomicLong held = new AtomicLong();
                    Gauge.builder("holdfast.stock.drift.units", held, AtomicLong::get)
                            .tag("sale", id)
                            .description("Difference between Redis and PostgreSQL at the last audit")
                            .register(registry);
                    return held;
                })
                .set(units);
    }

    /** The sale is over for good, and nobody audits it any more. */
    public void forgetSale(String sale) {
        if (drift.remove(sale) != null) {
            registry.find("holdfast.stock.drift.units")
                    .tag("sale", sale)
                    .meters()
                    .forEach(registry::remove);
        }
    }

    /** Redis's clock was moved by so much, forward or back. */
    public void clockStep(Duration step) {
        clockSteps.increment();
        lastClockStepMs.set(step.toMillis());
    }

    /** What the last audit of a sale found: units of difference, and units sold beyond capacity. */
    public void audited(String sale, boolean balanced, long driftUnits, long oversold) {
        audits.computeIfAbsent(
                        balanced ? "balanced" : "differs",
                        result -> Counter.builder("holdfast.audits")
                                .description("Audits of all SKUs of a sale")
                                .tag("result", result)
                                .register(registry))
                .increment();
        drift(sale, driftUnits);
        oversoldUnits.put(sale, oversold);
    }

    /** Another node audits the sale from now on. */
    public void forgetAudits(String sale) {
        oversoldUnits.remove(sale);
    }

    /** An audit or inspection found something; the kind is that of its incident. */
    public void finding(String kind) {
        findings.computeIfAbsent(
                        kind,
                        word -> Counter.builder("holdfast.audit.findings")
                                .description("What audits and inspections found")
                                .tag("kind", word)
                                .register(registry))
                .increment();
    }

    /** How long ago the counts of that sale were all compared whose audit is the oldest, of those that this node audits. */
    public void auditAge(Supplier<Duration> oldest) {
        age("holdfast.audit.age.seconds", "Since the oldest of the last audits of this node's sales", oldest);
    }

    /** How long ago that sale was inspected whole whose inspection is the oldest, of those that this node inspects. */
    public void inspectionAge(Supplier<Duration> oldest) {
        age("holdfast.inspection.age.seconds", "Since the oldest of the last inspections of this node's sales", oldest);
    }

    private void age(String name, String description, Supplier<Duration> oldest) {
        Gauge.builder(name, () -> oldest.get().toMillis() / 1e3)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private static double sum(ConcurrentMap<String, Long> units) {
        return units.values().stream().mapToLong(Long::longValue).sum();
    }

    /** A buyer was kept waiting, or sent away, by units in holds that were due. */
    public void idleUnits(Duration waited) {
        idleUnitSeconds.increment(waited.toNanos() / 1e9);
    }

    /** So many of what was old were removed: rows, days of the ledger, or lanes. */
    public void removed(String what, int count) {
        removed.computeIfAbsent(
                        what,
                        word -> Counter.builder("holdfast.housekeeping.removed")
                                .description("What was old, or over, and was removed")
                                .tag("what", word)
                                .register(registry))
                .increment(count);
    }

    /** All that may be old was looked through. */
    public void housekept(Instant at) {
        housekeptMs.set(at.toEpochMilli());
    }

    /** A request to hold was turned away because too many waited. */
    public void shedHold() {
        shedHolds.increment();
    }

    /** Counts what the supplier counts: refusals for which Redis was not asked, which are among the answers counted, too. */
    public void nearRefusals(Supplier<Long> refusals) {
        // The registry holds its second argument weakly, and nobody else may hold the supplier.
        FunctionCounter.builder("holdfast.near.refusals", this, metrics -> refusals.get())
                .description("Requests to hold that were refused without asking Redis")
                .register(registry);
    }

    /** As many as the supplier says are open, of what this kind of stream tells. */
    public void eventStreams(String kind, Supplier<Number> open) {
        Gauge.builder("holdfast.event.streams", open)
                .tag("stream", kind)
                .description("Open streams of Server-Sent Events")
                .strongReference(true)
                .register(registry);
    }

    /** 1 while the supplier says that Redis answers, else 0. */
    public void redisUp(Supplier<Boolean> up) {
        up("holdfast.redis.up", up);
    }

    /** 1 while the supplier says that PostgreSQL answers, else 0. */
    public void postgresUp(Supplier<Boolean> up) {
        up("holdfast.postgres.up", up);
    }

    /** As many as the supplier says that nobody has resolved yet, of all sales. */
    public void openIncidents(Supplier<Number> open) {
        Gauge.builder("holdfast.open.incidents", open)
                .description("Incidents that nobody has resolved, over all sales")
                .strongReference(true)
                .register(registry);
    }

    private void up(String name, Supplier<Boolean> up) {
        Gauge.builder(name, () -> up.get() ? 1 : 0).strongReference(true).register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** From a tenth of a millisecond, where Redis answers, to the command time-out and beyond. */
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };
}
