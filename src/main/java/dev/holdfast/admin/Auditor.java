package dev.holdfast.admin;

import dev.holdfast.ledger.AuditBook;
import dev.holdfast.ledger.AuditReport;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the books compared: puts the lane's counts into its ledger, where the recorder comes upon them and compares them with
 * PostgreSQL at exactly that position.
 */
public final class Auditor {

    private static final Logger LOG = LoggerFactory.getLogger(Auditor.class);

    /** How often to look whether the recorder has come to an audit that somebody waits for. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    /** How long somebody waits for an audit: the recorder is milliseconds behind while PostgreSQL is there. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final LedgerStream stream;
    private final LaneTrust trust;
    private final SaleDirectory directory;
    private final AuditBook book;
    private final Map<Lane, Long> lastAudited = new HashMap<>();
    private long timer = -1;

    /** The trust belongs to the connection that the stream uses. */
    public Auditor(Vertx vertx, LedgerStream stream, LaneTrust trust, SaleDirectory directory, AuditBook book) {
        this.vertx = vertx;
        this.stream = stream;
        this.trust = trust;
        this.directory = directory;
        this.book = book;
    }

    /** From now on audits every lane that is ours and has changed since its last audit, once an interval. */
    public void start(Duration interval, Predicate<Lane> ours) {
        timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            lastAudited.keySet().removeIf(lane -> !ours.test(lane));
            for (ListedSale listed : directory.known()) {
                if (listed.laneState() == LaneState.OPEN && ours.test(listed.lane())) {
                    auditIfChanged(listed.lane())
                            .onFailure(failure ->
                                    LOG.debug("lane {} was not audited: {}", listed.lane(), failure.getMessage()));
                }
            }
        });
    }

    /** Starts no further audit. */
    public void stop() {
        vertx.cancelTimer(timer);
    }

    /**
     * Audits the sale now and answers what the recorder found; of a sale that is over for good, what the last audit found. Empty if
     * there is no such sale. Fails with {@link Unavailable},
     * POSTGRES_UNAVAILABLE where the recorder does not come to it in time.
     */
    public Future<Optional<AuditReport>> audit(SaleId saleId) {
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : audit(listed.get()).map(Optional::of));
    }

    private Future<AuditReport> audit(ListedSale listed) {
        return listed.laneState() == LaneState.RETIRED
                ? book.latest(listed.lane())
                        .map(latest -> latest.orElseThrow(() ->
                                new IllegalStateException("lane " + listed.lane() + " is retired without an audit")))
                : auditNow(listed);
    }

    private Future<AuditReport> auditNow(ListedSale listed) {
        String auditId = UUID.randomUUID().toString();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        return (listed.laneState() == LaneState.OPEN
                        ? trust.require(listed.lane())
                        : Future.<Lane>failedFuture(
                                new StaleLane(listed.lane(), listed.laneState().name())))
                .compose(lane -> stream.audit(lane, auditId))
                .recover(failure -> Future.failedFuture(
                        failure instanceof StaleLane
                                ? new Unavailable(
                                        Unavailable.Reason.RECOVERING,
                                        "lane " + listed.lane() + " has no books",
                                        failure)
                                : failure))
                .compose(seq -> report(auditId, deadline));
    }

    private Future<AuditReport> report(String auditId, long deadline) {
        return book.find(auditId).compose(found -> {
            if (found.isPresent()) {
                return Future.succeededFuture(found.get());
            }
            if (System.nanoTime() > deadline) {
                return Future.failedFuture(new Unavailable(
                        Unavailable.Reason.POSTGRES_UNAVAILABLE,
                        "audit " + auditId + " was not recorded within " + PATIENCE.toSeconds()
                                + " s: no node records the sale, or it is far behind",
                        null));
            }
            return vertx.timer(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
                    .compose(waited -> report(auditId, deadline));
        });
    }

    private Future<Void> auditIfChanged(Lane lane) {
        return stream.lastSeq(lane)
                .compose(last -> last.equals(lastAudited.get(lane))
                        ? Future.succeededFuture()
                        : trust.require(lane)
                                .compose(trusted ->
                                        stream.audit(lane, UUID.randomUUID().toString()))
                                .onSuccess(seq -> lastAudited.put(lane, seq))
                                .mapEmpty());
    }
}
