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
        DatabaseBook database,
        PurchaseBook purchases,
        RebuildBook rebuilds,
        ConclusionBook conclusions,
        CountBook counts,
        EndedBook ended,
        EventBook events,
        Incidents incidents,
        ClockRows clock,
        LostAnswers lostAnswers,
        KeyBook keys) {

    /** All of them on one pool, which stays the caller's to close. */
    public static Books on(Postgres postgres, InstantSource clock) {
        return on(Pools.of(postgres), clock);
    }

    /** The same on several pools, which stay the caller's to close. */
    public static Books on(Pools pools, InstantSource clock) {
        Postgres postgres = pools.main();
        Postgres lookups = pools.lookups();
        SaleBook sales = new SaleBook(postgres, lookups);
        Incidents incidents = new Incidents(postgres, sales);
        DatabaseBook database = new DatabaseBook(postgres, incidents);
        LaneRows lanes = new LaneRows(postgres, sales, incidents, database);
        LedgerBook ledger = new LedgerBook(pools.recording(), lanes, incidents.stoppedLanes());
        return new Books(
                postgres,
                sales,
                new SkuBook(postgres),
                new SaleFences(postgres),
                new AdjustmentBook(postgres),
                new UnappliedChanges(postgres),
                lanes,
                new LaneLeases(pools.leases()),
                ledger,
                new ReservationRows(lookups, clock),
                new RetiredLanes(lookups, sales, clock),
                new RecordedSkuRows(lookups, Duration.ofSeconds(1)),
                new AuditBook(postgres),
                database,
                new PurchaseBook(postgres),
                new RebuildBook(postgres, sales, ledger),
                new ConclusionBook(postgres, sales),
                new CountBook(postgres),
                new EndedBook(postgres, lookups, sales),
                new EventBook(postgres),
                incidents,
                new ClockRows(postgres),
                new LostAnswers(postgres),
                new KeyBook(postgres, clock));
    }
}
