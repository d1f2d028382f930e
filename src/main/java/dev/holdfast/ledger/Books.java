package dev.holdfast.ledger;

import java.time.Duration;
import java.time.InstantSource;

/** Everything that stands in PostgreSQL, by what it is about. Safe for all threads. */
public record Books(
        Postgres postgres,
        SaleBook sales,
        SkuBook skus,
        SaleFences fences,
        AdjustmentBook adjustments,
        UnappliedChanges unapplied,
        LaneRows lanes,
        LaneLeases leases,
        LedgerBook ledger,
        ReservationRows reservations,
        RetiredLanes retired,
        RecordedSkuRows recordedSkus,
        AuditBook audits,
        RebuildBook rebuilds,
        EventBook events,
        Incidents incidents,
        ClockRows clock,
        KeyBook keys) {

    /** All of them on one pool, which stays the caller's to close. */
    public static Books on(Postgres postgres, InstantSource clock) {
        return on(postgres, postgres, clock);
    }

    /** The same, with what callers may look up on a pool of its own; both stay the caller's to close. */
    public static Books on(Postgres postgres, Postgres lookups, InstantSource clock) {
        SaleBook sales = new SaleBook(postgres, lookups);
        LaneRows lanes = new LaneRows(postgres, sales);
        LedgerBook ledger = new LedgerBook(postgres, lanes);
        return new Books(
                postgres,
                sales,
                new SkuBook(postgres),
                new SaleFences(postgres),
                new AdjustmentBook(postgres),
                new UnappliedChanges(postgres),
                lanes,
                new LaneLeases(postgres),
                ledger,
                new ReservationRows(lookups, clock),
                new RetiredLanes(lookups, sales, clock),
                new RecordedSkuRows(lookups, Duration.ofSeconds(1)),
                new AuditBook(postgres),
                new RebuildBook(postgres, sales, ledger),
                new EventBook(postgres),
                new Incidents(postgres, sales),
                new ClockRows(postgres),
                new KeyBook(postgres, clock));
    }
}
