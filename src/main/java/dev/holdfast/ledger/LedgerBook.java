package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Audited;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Carries batches of the ledger into PostgreSQL, each entry once. Safe for all threads. */
public final class LedgerBook {

    private final Postgres postgres;
    private final LaneRows lanes;

    /** Freezes lanes through the second. */
    public LedgerBook(Postgres postgres, LaneRows lanes) {
        this.postgres = postgres;
        this.lanes = lanes;
    }

    /**
     * Records the batch in one transaction with the cursor. An entry that PostgreSQL can never take becomes a dead letter, and the
     * ones around it are recorded. Fails with {@link dev.holdfast.reservation.Unavailable}, or otherwise as PostgreSQL does, where the
     * same may work later; then it may have been recorded all the same, which the cursor tells.
     *
     * @param recordedSeq the cursor as the caller knows it
     * @param batch what follows it, at least one
     * @param recorder whose lease it goes by
     */
    public Future<CommitOutcome> commit(Lane lane, long recordedSeq, List<LedgerEntry> batch, String recorder) {
        long expected = recordedSeq + 1;
        for (LedgerEntry entry : batch) {
            if (entry.seq() != expected) {
                return Future.succeededFuture(new CommitOutcome.Gap(expected, entry.seq()));
            }
            expected++;
        }
        return commit(new Batch(lane, recordedSeq, batch, recorder));
    }

    private Future<CommitOutcome> commit(Batch batch) {
        return postgres.inTransaction("record " + batch.lane(), connection -> record(connection, batch))
                .<CommitOutcome>map(audits -> new CommitOutcome.Recorded(batch.last(), audits))
                .recover(failure -> afterFailure(batch, failure));
    }

    private Future<CommitOutcome> afterFailure(Batch batch, Throwable failure) {
        if (failure instanceof RaceLost) {
            return Future.succeededFuture(new CommitOutcome.LostRace());
        }
        return switch (PgErrors.kindOf(failure)) {
            case TRANSIENT -> Future.failedFuture(failure);
            case STOCK_VIOLATION -> freeze(batch, failure);
            case PERMANENT -> withoutCulprit(batch, failure);
        };
    }

    private Future<CommitOutcome> freeze(Batch batch, Throwable failure) {
        String why = "entries " + (batch.after() + 1) + " to " + batch.last() + ": " + PgErrors.told(failure);
        return lanes.freeze(batch.lane(), why).map(new CommitOutcome.Frozen(why));
    }

    /** Each half is a batch of its own, with the cursor in its transaction, down to the one entry. */
    private Future<CommitOutcome> withoutCulprit(Batch batch, Throwable failure) {
        if (batch.entries().size() > 1) {
            return commit(batch.firstHalf())
                    .compose(first -> first instanceof CommitOutcome.Recorded recorded
                            ? commit(batch.secondHalf()).map(second -> CommitOutcome.Recorded.joined(recorded, second))
                            : Future.succeededFuture(first));
        }
        return batch.entries().getFirst() instanceof Unreadable
                ? Future.failedFuture(failure)
                : commit(batch.asDeadLetter(failure));
    }

    /** All of the batch, inside the transaction. Fails with {@link RaceLost}, or as PostgreSQL does. */
    static Future<List<AuditVerdict>> record(SqlConnection connection, Batch batch) {
        return LedgerRows.moveCursor(connection, batch)
                .compose(fresh -> Future.all(
                                LedgerRows.append(connection, batch, fresh),
                                DeadLetters.add(connection, batch.lane(), batch.unreadable()))
                        .compose(done -> foldAll(connection, batch.lane(), segments(fresh.entries())))
                        .compose(folded -> tell(connection, batch.lane(), fresh.entries(), folded.turned())
                                .map(folded.verdicts())));
    }

    /** Of all that was recorded together: what crossed a threshold and came back in it is not told. */
    private static Future<Void> tell(SqlConnection connection, Lane lane, List<LedgerEntry> entries, Set<Sku> turned) {
        return turned.isEmpty()
                ? Future.succeededFuture()
                : StockAlerts.tell(connection, lane.saleId(), turned, lastAtMs(entries));
    }

    private static long lastAtMs(List<LedgerEntry> entries) {
        return entries.stream().mapToLong(LedgerBook::atMs).max().orElse(0);
    }

    private static long atMs(LedgerEntry entry) {
        return switch (entry) {
            case LedgerEntry.Transition transition -> transition.atMs();
            case LedgerEntry.SaleSet set -> set.atMs();
            case LedgerEntry.StockSet set -> set.atMs();
            case LedgerEntry.Adjusted adjusted -> adjusted.atMs();
            case LedgerEntry.Shrunk shrunk -> shrunk.atMs();
            case Audited audited -> audited.atMs();
            case LedgerEntry.Rebuilt mark -> mark.atMs();
            case LedgerEntry.Repaired repaired -> repaired.atMs();
            case LedgerEntry.EpochBegun mark -> 0;
            case Unreadable letter -> 0;
        };
    }

    /** What is to be folded, cut after every audit: it is compared with the books as they are at its own place. */
    private static List<List<LedgerEntry>> segments(List<LedgerEntry> entries) {
        List<List<LedgerEntry>> segments = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) instanceof Audited || i == entries.size() - 1) {
                segments.add(entries.subList(from, i + 1));
                from = i + 1;
            }
        }
        return segments;
    }

    private static Future<Folded> foldAll(SqlConnection connection, Lane lane, List<List<LedgerEntry>> segments) {
        Folded all = new Folded(new ArrayList<>(), new HashSet<>());
        Future<Void> folded = Future.succeededFuture();
        for (List<LedgerEntry> segment : segments) {
            folded = folded.compose(before -> fold(connection, lane, segment, all));
        }
        return folded.map(all);
    }

    private static Future<Void> fold(SqlConnection connection, Lane lane, List<LedgerEntry> segment, Folded all) {
        Fold fold = Fold.of(segment);
        // One connection works in the order of sending: a SKU is there before its units move.
        Future<?> folded = Future.all(
                StockRows.putUp(connection, lane, fold.stockSets()),
                StockRows.move(connection, lane, fold.moves()).onSuccess(all.turned()::addAll),
                AdjustmentRows.recorded(connection, fold.adjusted()),
                ReservationRows.begin(connection, lane, fold.begun()),
                ReservationRows.change(connection, lane, fold.changed()));
        return folded.compose(done -> segment.getLast() instanceof Audited audited
                ? AuditBook.compare(connection, lane, audited)
                        .onSuccess(all.verdicts()::add)
                        .mapEmpty()
                : Future.succeededFuture());
    }

    /**
     * What came of folding.
     *
     * @param turned SKUs of which something may have to be told
     */
    private record Folded(List<AuditVerdict> verdicts, Set<Sku> turned) {}
}
