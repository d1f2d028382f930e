package dev.holdfast.admin;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.NewIncident;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.ClockSampler;
import dev.holdfast.reservation.ClockBook;
import dev.holdfast.reservation.ClockReading;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches Redis's clock from the start of the node on, twice a second, so that scripts can tell a clock that was moved from time that
 * passed. Tells people of every step. To be used on the event loop of its connection.
 */
public final class ClockKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(ClockKeeper.class);

    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** What a node that starts has to make up for by PostgreSQL's clock is not older than this. */
    private static final int READINGS_BETWEEN_KEEPS = 10;

    private final Vertx vertx;
    private final ClockSampler sampler;
    private final ClockBook book;
    private final Incidents incidents;
    private final Metrics metrics;
    private int readings;
    private long slippedMs;
    private boolean failing;
    private boolean reading;
    private long timer = -1;

    /** The sampler's connection must be made. */
    public ClockKeeper(Vertx vertx, ClockSampler sampler, ClockBook book, Incidents incidents, Metrics metrics) {
        this.vertx = vertx;
        this.sampler = sampler;
        this.book = book;
        this.incidents = incidents;
        this.metrics = metrics;
    }

    /**
     * Takes the first reading, compares it with what PostgreSQL kept, and goes on watching. To be called before anything else calls
     * scripts. Fails with {@link dev.holdfast.reservation.Unavailable}.
     */
    public Future<Void> start() {
        return sampler.begin(book)
                .compose(this::told)
                .compose(told -> keep())
                .onSuccess(kept -> timer = vertx.setPeriodic(INTERVAL.toMillis(), tick -> watch()));
    }

    /** Ends the watch. */
    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return Future.succeededFuture();
    }

    /** A Redis that is away is read again when it is back: our own clock goes on meanwhile. */
    private void watch() {
        if (reading) {
            return;
        }
        reading = true;
        sampler.read()
                .compose(this::told)
                .compose(told -> slipped())
                .compose(told -> ++readings % READINGS_BETWEEN_KEEPS == 0 ? keep() : Future.succeededFuture())
                .onComplete(done -> {
                    reading = false;
                    if (done.failed() != failing) {
                        failing = done.failed();
                        LOG.info(
                                "Redis's clock is {}",
                                failing ? "not watched: " + done.cause().getMessage() : "watched again");
                    }
                });
    }

    private Future<Void> keep() {
        ClockReading now = sampler.clock().reading();
        return now == null ? Future.succeededFuture() : book.keep(now);
    }

    /** Steps that are too small to be told each: lanes have taken them over, and give them back with their next sweep. */
    private Future<Void> slipped() {
        long before = slippedMs;
        slippedMs = sampler.clock().slippedMs();
        return slippedMs == before
                ? Future.succeededFuture()
                : told(
                        slippedMs - before,
                        "in small steps within a minute, and this node's monotonic clock was not: sales go back to the time that passed with"
                                + " their next sweep.");
    }

    private Future<Void> told(long stepMs) {
        return stepMs == 0
                ? Future.succeededFuture()
                : told(
                        stepMs,
                        "at once, and this node's monotonic clock was not: no hold ends earlier or later because of it.");
    }

    private Future<Void> told(long stepMs, String how) {
        metrics.clockStep(Duration.ofMillis(stepMs));
        String detail = "Redis's clock was moved by " + stepMs + " ms " + how;
        LOG.warn("{}", detail);
        return incidents.report(
                new NewIncident(IncidentKind.CLOCK_MOVED, detail).with(new JsonObject().put("byMs", stepMs)));
    }
}
