package dev.holdfast.recorder;

import dev.holdfast.ledger.AuditVerdict;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Sale;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** What recorded batches mean for the service's meters, summed over the lanes of this node. Safe for all threads. */
public final class RecorderMetrics {

    private final Metrics metrics;
    private final InstantSource clock;
    private final ConcurrentMap<Lane, Long> waiting = new ConcurrentHashMap<>();

    /** The clock has to agree with Redis's as far as the lag is to be trusted. */
    public RecorderMetrics(Metrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    long nowMs() {
        return clock.millis();
    }

    /** A batch was committed; a rehearsal's clock says nothing of its age, so that counts from its reading. */
    void recorded(Sale sale, List<LedgerEntry> batch, long readAtMs) {
        long since = sale.rehearsal() ? readAtMs : Math.min(readAtMs, oldestAtMs(batch, readAtMs));
        metrics.recorded(batch.size(), Duration.ofMillis(Math.max(0, clock.millis() - since)));
        for (LedgerEntry entry : batch) {
            if (entry instanceof Transition transition && transition.kind() == LedgerEntry.Kind.EXPIRED) {
                metrics.expiry(Duration.ofMillis(Math.max(0, transition.atMs() - transition.expiresAtMs())));
            }
        }
    }

    /** What the latest audits of the lane found. */
    void audited(Lane lane, List<AuditVerdict> audits) {
        if (!audits.isEmpty()) {
            AuditVerdict latest = audits.getLast();
            metrics.audited(lane.saleId().value(), latest.balanced(), latest.driftUnits(), latest.oversoldUnits());
        }
    }

    /** So many lanes could not be recorded when it was their turn, and are tried again. */
    void retries(int lanes) {
        if (lanes > 0) {
            metrics.recorderRetries(lanes);
        }
    }

    /** So many entries of the lane wait. */
    void waiting(Lane lane, long entries) {
        waiting.put(lane, entries);
        metrics.recorderLagEvents(sum(waiting));
    }

    /** The lane is another node's to measure. */
    void forget(Lane lane) {
        waiting.remove(lane);
        metrics.recorderLagEvents(sum(waiting));
        metrics.forgetAudits(lane.saleId().value());
    }

    private static long oldestAtMs(List<LedgerEntry> batch, long otherwise) {
        return batch.stream()
                .mapToLong(entry -> switch (entry) {
                    case Transition transition -> transition.atMs();
                    case LedgerEntry.SaleSet set -> set.atMs();
                    case LedgerEntry.StockSet set -> set.atMs();
                    case LedgerEntry.Adjusted adjusted -> adjusted.atMs();
                    case LedgerEntry.Shrunk shrunk -> shrunk.atMs();
                    case LedgerEntry.Audited audited -> audited.atMs();
                    case LedgerEntry.Rebuilt rebuilt -> rebuilt.atMs();
                    case LedgerEntry.Repaired repaired -> repaired.atMs();
                    case LedgerEntry.EpochBegun begun -> otherwise;
                    case LedgerEntry.Unreadable unreadable -> otherwise;
                })
                .findFirst()
                .orElse(otherwise);
    }

    private static long sum(ConcurrentMap<Lane, Long> byLane) {
        return byLane.values().stream().mapToLong(Long::longValue).sum();
    }
}
