package dev.holdfast.ledger;

import dev.holdfast.ledger.LedgerRows.Fresh;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Audited;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries batches of the ledger into PostgreSQL, each entry once. Safe for all threads. */
public final class LedgerBook {

    /** Waits for a commit that is under way: it may be moving a cursor. In one order, as those who move cursors lock them. */
    private static final String CURSORS = """
            select l.sale_id, l.lane, l.epoch, l.recorded_seq, encode(l.recorded_hash, 'hex') as recorded_hash, d.life
            from lanes l
            join unnest($1::text[], $2::int[], $3::bigint[]) as w(sale_id, lane, epoch) using (sale_id, lane, epoch)
            cross join database_life d
            where l.state = 'open'
            order by l.sale_id, l.lane
            for share of l
            """;

    private final Postgres postgres;
    private final LaneRows lanes;
    private final StoppedLanes stoppedLanes;

    /**
     * Freezes lanes through the second, and closes with the third those that stop while they are recorded. Best on a pool of its own: a
     * recorder at work leaves others no connection for a while.
     */
    public LedgerBook(Postgres postgres, LaneRows lanes, StoppedLanes stoppedLanes) {
        this.postgres = postgres;
        this.lanes = lanes;
        this.stoppedLanes = stoppedLanes;
    }

    /** The cursors of those of the lanes that may sell in this epoch; the others are not answered. Fails as PostgreSQL does. */
    public Future<Map<Lane, LaneCursor>> cursors(List<Lane> wanted) {
        Tuple arguments = Tuple.of(
                Columns.texts(wanted, lane -> lane.saleId().value()),
                Columns.integers(wanted, Lane::number),
                Columns.numbers(wanted, Lane::epoch));
        return postgres.query("find cursors of " + wanted.size() + " lanes", CURSORS, arguments)
                .map(rows -> {
                    Map<Lane, LaneCursor> cursors = new HashMap<>();
                    for (Row row : rows) {
                        cursors.put(
                                new Lane(
                                        new SaleId(row.getString("sale_id")),
                                        row.getInteger("lane"),
                                        row.getLong("epoch")),
                                new LaneCursor(LaneRows.cursor(row), row.getLong("life")));
                    }
                    return cursors;
                });
    }

    /**
     * Records the batch in one transaction with the cursor. An entry that PostgreSQL can never take becomes a dead letter. Where the
     * books would differ from Redis without it, the lane stops there: what is before it is recorded, what is after it is not. Fails
     * with {@link dev.holdfast.reservation.Unavailable}, or otherwise as PostgreSQL does, where the same may work later; then it may have
     * been recorded all the same, which the cursor tells.
     *
     * @param recordedSeq the cursor as the caller knows it
     * @param batch what follows it, at least one
     * @param recorder whose lease it goes by
     */
    public Future<CommitOutcome> commit(Lane lane, long recordedSeq, List<LedgerEntry> batch, String recorder) {
        Batch one = new Batch(lane, recordedSeq, batch, recorder);
        CommitOutcome.Gap gap = gapIn(one);
        return gap == null ? commit(one.upToLetter()) : Future.succeededFuture(gap);
    }

    /**
     * Records the batches of many lanes in one transaction, and answers by lane what came of it: never fails, but the answer of a lane may
     * be a failure, as of {@link #commit(Lane, long, List, String)}. A lane that cannot be recorded does not keep the others: where the
     * transaction fails and PostgreSQL is there, its halves are tried, down to the lane that is to blame.
     *
     * @param batches of lanes that are all different, with the same recorder
     */
    public Future<Map<Lane, AsyncResult<CommitOutcome>>> commit(List<Batch> batches) {
        Map<Lane, AsyncResult<CommitOutcome>> answers = new HashMap<>();
        List<Batch> whole = new ArrayList<>();
        for (Batch batch : batches) {
            CommitOutcome.Gap gap = gapIn(batch);
            if (gap == null) {
                whole.add(batch.upToLetter());
            } else {
                answers.put(batch.lane(), Future.succeededFuture(gap));
            }
        }
        return together(whole, answers).map(done -> answers);
    }

    private static CommitOutcome.@Nullable Gap gapIn(Batch batch) {
        long expected = batch.after() + 1;
        for (LedgerEntry entry : batch.entries()) {
            if (entry.seq() != expected) {
                return new CommitOutcome.Gap(expected, entry.seq());
            }
            expected++;
        }
        return null;
    }

    private Future<Void> together(List<Batch> batches, Map<Lane, AsyncResult<CommitOutcome>> answers) {
        if (batches.isEmpty()) {
            return Future.succeededFuture();
        }
        if (batches.size() == 1) {
            Batch only = batches.getFirst();
            return commit(only).transform(done -> {
                answers.put(only.lane(), done);
                return Future.succeededFuture();
            });
        }
        return postgres.inTransaction(
                        "record " + batches.size() + " lanes",
                        connection -> recordAll(connection, batches)
                                .compose(recorded -> closeStopped(connection, batches, recorded)
                                        .map(recorded)))
                .transform(done -> {
                    if (done.succeeded()) {
                        return answerAll(batches, done.result(), answers);
                    }
                    if (done.cause() instanceof Unavailable) {
                        batches.forEach(batch -> answers.put(batch.lane(), Future.failedFuture(done.cause())));
                        return Future.succeededFuture();
                    }
                    int half = batches.size() / 2;
                    return together(batches.subList(0, half), answers)
                            .compose(first -> together(batches.subList(half, batches.size()), answers));
                });
    }

    private Future<Void> closeStopped(
            SqlConnection connection, List<Batch> batches, Map<Lane, List<AuditVerdict>> recorded) {
        return Future.all(batches.stream()
                        .filter(batch -> recorded.containsKey(batch.lane()))
                        .map(batch -> closeIfStopped(connection, batch, recorded.getOrDefault(batch.lane(), List.of())))
                        .toList())
                .mapEmpty();
    }

    private Future<Void> answerAll(
            List<Batch> batches,
            Map<Lane, List<AuditVerdict>> recorded,
            Map<Lane, AsyncResult<CommitOutcome>> answers) {
        return Future.all(batches.stream()
                        .map(batch -> answerOf(batch, recorded)
                                .onSuccess(answer -> answers.put(batch.lane(), Future.succeededFuture(answer))))
                        .toList())
                .mapEmpty();
    }

    private Future<CommitOutcome> answerOf(Batch batch, Map<Lane, List<AuditVerdict>> recorded) {
        List<AuditVerdict> audits = recorded.get(batch.lane());
        return audits == null ? Future.succeededFuture(new CommitOutcome.LostRace()) : recorded(batch, audits);
    }

    private Future<CommitOutcome> commit(Batch batch) {
        return write(batch).recover(failure -> afterFailure(batch, failure));
    }

    private Future<CommitOutcome> write(Batch batch) {
        return postgres.inTransaction(
                        "record " + batch.lane(),
                        connection -> record(connection, batch)
                                .compose(audits -> closeIfStopped(connection, batch, audits)
                                        .map(audits)))
                .compose(audits -> recorded(batch, audits));
    }

    private Future<CommitOutcome> recorded(Batch batch, List<AuditVerdict> audits) {
        Unreadable letter = batch.stopsAt();
        return letter == null
                ? Future.succeededFuture(new CommitOutcome.Recorded(batch.last(), audits))
                : lanes.stopped(batch.lane())
                        .map(new CommitOutcome.Frozen("entry " + letter.seq() + " is a dead letter"));
    }

    /** An audit may have stopped the lane, or what was put aside. */
    private Future<Void> closeIfStopped(SqlConnection connection, Batch batch, List<AuditVerdict> audits) {
        boolean isUsual = batch.unreadable().isEmpty() && audits.stream().allMatch(AuditVerdict::balanced);
        return isUsual ? Future.succeededFuture() : stoppedLanes.closeIfStopped(connection, batch.lane());
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
        return batch.entries().getFirst() instanceof Unreadable ? Future.failedFuture(failure) : onceMore(batch);
    }

    /** What is put aside stays aside: a failure that came from the moment, and not from the entry, must not do that. */
    private Future<CommitOutcome> onceMore(Batch batch) {
        return write(batch)
                .recover(failure -> PgErrors.kindOf(failure) == PgErrors.Kind.PERMANENT
                        ? commit(batch.asDeadLetter(failure))
                        : afterFailure(batch, failure));
    }

    /** Whether PostgreSQL, which is there, has refused what it was asked. */
    public static boolean isRefusal(Throwable failure) {
        return PgErrors.saidByPostgres(failure);
    }

    /** PostgreSQL is there and has refused to record the lane, again and again: writes down why. */
    public Future<Void> reportRefused(Lane lane, Throwable failure) {
        JsonObject details = PgErrors.details(failure);
        String state = details.getString("sqlState");
        String why = "PostgreSQL refuses to record the sale: " + PgErrors.told(failure)
                + (state == null ? "" : " (SQLSTATE " + state + ")");
        return lanes.refused(lane, new NewIncident(IncidentKind.RECORDING_REFUSED, why).with(details));
    }

    /**
     * Records an entry that was put aside before, at its own place, inside the transaction: the cursor is past it, and it is known to follow on
     * what is recorded. Fails as PostgreSQL does, and with {@link BooksDoNotAddUp}.
     */
    static Future<Void> replay(SqlConnection connection, Lane lane, LedgerEntry entry) {
        List<LedgerEntry> one = List.of(entry);
        List<Fresh> fresh = List.of(new Fresh(new Batch(lane, entry.seq() - 1, one, ""), one, null, null));
        return LedgerRows.append(connection, fresh)
                .compose(appended -> entry instanceof Audited
                        // The counts that it compares are those of another moment.
                        ? Future.succeededFuture()
                        : foldAll(connection, fresh).compose(folded -> tell(connection, fresh, folded)));
    }

    /** All of the batch, inside the transaction. Fails with {@link RaceLost} and {@link Contradiction}, or as PostgreSQL does. */
    static Future<List<AuditVerdict>> record(SqlConnection connection, Batch batch) {
        return recordAll(connection, List.of(batch)).compose(recorded -> only(batch, recorded));
    }

    /**
     * As {@link #record}, of what a rebuild has concluded itself: it knows what the books have, and may leave out what happened between two
     * entries. Fails with {@link RaceLost}, or as PostgreSQL does.
     */
    static Future<List<AuditVerdict>> conclude(SqlConnection connection, Batch batch) {
        return LedgerRows.moveCursors(connection, List.of(batch))
                .compose(moved -> recordMoved(connection, moved))
                .compose(recorded -> only(batch, recorded));
    }

    private static Future<List<AuditVerdict>> only(Batch batch, Map<Lane, List<AuditVerdict>> recorded) {
        List<AuditVerdict> audits = recorded.get(batch.lane());
        return audits == null ? Future.failedFuture(new RaceLost(batch.lane())) : Future.succeededFuture(audits);
    }

    /**
     * All batches whose cursors can be moved; answers what audits found in each of their lanes. Fails with {@link Contradiction} where an
     * entry cannot follow on what is recorded, and as PostgreSQL does.
     */
    private static Future<Map<Lane, List<AuditVerdict>>> recordAll(SqlConnection connection, List<Batch> batches) {
        return LedgerRows.moveCursors(connection, batches).compose(moved -> {
            for (Fresh fresh : moved) {
                if (fresh.contradiction() != null) {
                    return Future.failedFuture(fresh.contradiction());
                }
            }
            return recordMoved(connection, moved);
        });
    }

    private static Future<Map<Lane, List<AuditVerdict>>> recordMoved(SqlConnection connection, List<Fresh> moved) {
        return Future.all(
                        LedgerRows.append(connection, moved),
                        Future.all(moved.stream()
                                .map(fresh -> DeadLetters.add(
                                        connection,
                                        fresh.batch().lane(),
                                        fresh.batch().unreadable()))
                                .toList()))
                .compose(done -> foldAll(connection, moved))
                .compose(folded -> tell(connection, moved, folded).map(folded.verdicts()));
    }

    /** Of all that was recorded together: what crossed a threshold and came back in it is not told. */
    private static Future<Void> tell(SqlConnection connection, List<Fresh> moved, Folded folded) {
        List<Future<Void>> told = new ArrayList<>();
        for (Fresh fresh : moved) {
            Lane lane = fresh.batch().lane();
            List<Sku> turned = folded.turned().stream()
                    .filter(sku -> sku.lane().equals(lane))
                    .map(InLane::row)
                    .distinct()
                    .toList();
            told.add(StockAlerts.tell(connection, lane.saleId(), turned, lastAtMs(fresh.entries())));
        }
        return Future.all(told).mapEmpty();
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
        if (entries.stream().noneMatch(Audited.class::isInstance)) {
            return entries.isEmpty() ? List.of() : List.of(entries);
        }
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

    /** The first segments of all lanes together, then the second ones, and so on: few lanes are audited at any moment. */
    private static Future<Folded> foldAll(SqlConnection connection, List<Fresh> moved) {
        Folded all = new Folded(new LinkedHashMap<>(), new ArrayList<>());
        Map<Lane, Iterator<List<LedgerEntry>>> left = new LinkedHashMap<>();
        for (Fresh fresh : moved) {
            all.verdicts().put(fresh.batch().lane(), new ArrayList<>());
            left.put(fresh.batch().lane(), segments(fresh.entries()).iterator());
        }
        return AsyncLoop.whileTrue(() -> {
                    left.values().removeIf(segments -> !segments.hasNext());
                    if (left.isEmpty()) {
                        return Future.succeededFuture(false);
                    }
                    Map<Lane, List<LedgerEntry>> next = new LinkedHashMap<>();
                    left.forEach((lane, segments) -> next.put(lane, segments.next()));
                    return fold(connection, next, all).map(true);
                })
                .map(all);
    }

    private static Future<Void> fold(SqlConnection connection, Map<Lane, List<LedgerEntry>> segments, Folded all) {
        Map<Lane, Fold> folds = new LinkedHashMap<>();
        segments.forEach((lane, segment) -> folds.put(lane, Fold.of(segment)));
        // One connection works in the order of sending: a SKU is there before its units move, and wrong lines are found
        // before the counts that they would spoil.
        Future<?> folded = Future.all(
                ReservationRows.begin(connection, InLane.all(folds, Fold::begun)),
                ReservationRows.change(connection, InLane.all(folds, Fold::changed)),
                StockRows.putUp(connection, InLane.all(folds, Fold::stockSets)),
                StockRows.move(connection, InLane.all(folds, Fold::moves)).onSuccess(all.turned()::addAll),
                AdjustmentRows.recorded(
                        connection,
                        folds.values().stream()
                                .flatMap(fold -> fold.adjusted().stream())
                                .toList()));
        return folded.compose(done -> Future.all(segments.entrySet().stream()
                        .map(segment -> compareAtItsEnd(connection, segment.getKey(), segment.getValue(), all))
                        .toList()))
                .mapEmpty();
    }

    private static Future<Void> compareAtItsEnd(
            SqlConnection connection, Lane lane, List<LedgerEntry> segment, Folded all) {
        return segment.getLast() instanceof Audited audited
                ? AuditBook.compare(connection, lane, audited)
                        .onSuccess(verdict -> all.verdicts()
                                .computeIfAbsent(lane, l -> new ArrayList<>())
                                .add(verdict))
                        .mapEmpty()
                : Future.succeededFuture();
    }

    /**
     * What came of folding.
     *
     * @param turned SKUs of which something may have to be told
     */
    private record Folded(Map<Lane, List<AuditVerdict>> verdicts, List<InLane<Sku>> turned) {}
}
