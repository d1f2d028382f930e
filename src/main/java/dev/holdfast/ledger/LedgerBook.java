package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Audited;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Carries batches of the ledger into PostgreSQL, each entry once. Safe for all threads. */
public final class LedgerBook {

    /**
     * The compare-and-set that makes it exactly once: whoever lost the race, or the lane, finds no row. The lease goes on for as
     * long as {@link LaneLeases#LEASE} says.
     */
    private static final String MOVE_CURSOR = """
            update lanes
            set recorded_seq = $5, recorder = $6, lease_until = clock_timestamp() + interval '3 seconds'
            where sale_id = $1 and lane = $2 and epoch = $3 and recorded_seq = $4 and state = 'open'
              and (recorder = $6 or lease_until is null or lease_until < clock_timestamp())
            """;

    /** Rolls a transaction back whose cursor was not where it should be. */
    private static final class RaceLost extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private RaceLost(Lane lane) {
            super("cursor of lane " + lane + " moved", null, false, false);
        }
    }

    /** What a transaction needs to know. */
    private record Batch(Lane lane, long after, List<LedgerEntry> entries, String recorder) {

        private long last() {
            return entries.getLast().seq();
        }

        private Batch firstHalf() {
            return new Batch(lane, after, entries.subList(0, entries.size() / 2), recorder);
        }

        private Batch secondHalf() {
            return new Batch(lane, firstHalf().last(), entries.subList(entries.size() / 2, entries.size()), recorder);
        }

        private Batch asDeadLetter(Throwable problem) {
            LedgerEntry entry = entries.getFirst();
            return new Batch(
                    lane, after, List.of(new Unreadable(entry.seq(), entry.text(), problem.toString())), recorder);
        }
    }

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

    private static Future<List<AuditVerdict>> record(SqlConnection connection, Batch batch) {
        List<LedgerEntry> readable = batch.entries().stream()
                .filter(entry -> !(entry instanceof Unreadable))
                .toList();
        // Sent together: if the cursor has moved, the rows go back with it.
        Future<Void> moved = moveCursor(connection, batch);
        Future<Set<Long>> appended = LedgerRows.append(connection, batch.lane(), readable);
        return moved.compose(done -> appended)
                .compose(fresh -> foldAll(connection, batch.lane(), segments(batch.entries(), fresh)));
    }

    private static Future<Void> moveCursor(SqlConnection connection, Batch batch) {
        Lane lane = batch.lane();
        Tuple arguments = Tuple.of(
                lane.saleId().value(), lane.number(), lane.epoch(), batch.after(), batch.last(), batch.recorder());
        return connection
                .preparedQuery(MOVE_CURSOR)
                .execute(arguments)
                .compose(updated ->
                        updated.rowCount() == 1 ? Future.succeededFuture() : Future.failedFuture(new RaceLost(lane)));
    }

    /** What is to be folded, cut after every audit: it is compared with the books as they are at its own place. */
    private static List<List<LedgerEntry>> segments(List<LedgerEntry> entries, Set<Long> fresh) {
        List<List<LedgerEntry>> segments = new ArrayList<>();
        List<LedgerEntry> segment = new ArrayList<>();
        for (LedgerEntry entry : entries) {
            if (entry instanceof Unreadable || fresh.contains(entry.seq())) {
                segment.add(entry);
            }
            if (entry instanceof Audited) {
                segments.add(segment);
                segment = new ArrayList<>();
            }
        }
        segments.add(segment);
        return segments;
    }

    private static Future<List<AuditVerdict>> foldAll(
            SqlConnection connection, Lane lane, List<List<LedgerEntry>> segments) {
        Future<List<AuditVerdict>> verdicts = Future.succeededFuture(new ArrayList<>());
        for (List<LedgerEntry> segment : segments) {
            verdicts = verdicts.compose(sofar -> fold(connection, lane, segment, sofar));
        }
        return verdicts;
    }

    private static Future<List<AuditVerdict>> fold(
            SqlConnection connection, Lane lane, List<LedgerEntry> segment, List<AuditVerdict> verdicts) {
        if (segment.isEmpty()) {
            return Future.succeededFuture(verdicts);
        }
        Fold fold = Fold.of(segment);
        // One connection works in the order of sending: a SKU is there before its units move.
        Future<?> folded = Future.all(
                StockRows.putUp(connection, lane, fold.stockSets()),
                StockRows.move(connection, lane, fold.moves()),
                ReservationRows.fold(connection, lane, fold.reservations()),
                DeadLetters.add(connection, lane, fold.unreadable()));
        return folded.compose(done -> segment.getLast() instanceof Audited audited
                ? AuditBook.compare(connection, lane, audited).map(verdict -> {
                    verdicts.add(verdict);
                    return verdicts;
                })
                : Future.succeededFuture(verdicts));
    }
}
