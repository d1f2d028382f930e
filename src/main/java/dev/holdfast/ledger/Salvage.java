package dev.holdfast.ledger;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Records what the ledger of a sealed lane still has, before that life of the lane is given up. What the books cannot take is put aside
 * for people, entry by entry, with all that happened to the same reservation after it. Nobody knows what the entries behind a gap build on:
 * it ends there, unless they are to be put aside, too.
 */
final class Salvage {

    private static final int MOST_AT_ONCE = 500;

    /** A subquery, so that it goes by the key, as in {@link LedgerRows}. */
    private static final String REVISIONS = """
            select e.reservation_id,
                   coalesce((select r.revision from reservations r
                             where r.sale_id = $1 and r.held_at = e.held_at and r.reservation_id = e.reservation_id), 0) as revision
            from unnest($2::text[], $3::timestamptz[]) as e(reservation_id, held_at)
            """;

    private final Postgres postgres;
    private final LedgerStream stream;
    private final Rebuild rebuild;
    private final Lane lane;
    private final boolean pastGap;
    private boolean afterGap;
    private long recordedSeq;
    private long putAside;
    private long gapBefore;

    /**
     * @param recordedSeq the cursor
     * @param pastGap whether entries behind a gap are put aside
     */
    Salvage(Postgres postgres, LedgerStream stream, Rebuild rebuild, long recordedSeq, boolean pastGap) {
        this.postgres = postgres;
        this.stream = stream;
        this.rebuild = rebuild;
        this.recordedSeq = recordedSeq;
        this.pastGap = pastGap;
        lane = rebuild.from();
    }

    /** Fails with {@link Overtaken}, or as Redis or PostgreSQL do. */
    Future<Salvaged> run() {
        return AsyncLoop.whileTrue(this::step).map(done -> new Salvaged(recordedSeq, putAside, gapBefore));
    }

    private Future<Boolean> step() {
        return stream.read(lane, recordedSeq, MOST_AT_ONCE)
                // There is nothing of this life, but of another.
                .recover(failure ->
                        failure instanceof StaleLane ? Future.succeededFuture(List.of()) : Future.failedFuture(failure))
                .compose(this::take);
    }

    /** Whether there may be more. */
    private Future<Boolean> take(List<LedgerEntry> entries) {
        if (entries.isEmpty()) {
            return Future.succeededFuture(false);
        }
        long expected = recordedSeq + 1;
        for (int i = 0; i < entries.size() && !pastGap; i++) {
            if (entries.get(i).seq() != expected + i) {
                gapBefore = entries.get(i).seq();
                return i == 0
                        ? Future.succeededFuture(false)
                        : recordAll(entries.subList(0, i)).map(false);
            }
        }
        return recordAll(entries).map(true);
    }

    private Future<Void> recordAll(List<LedgerEntry> entries) {
        afterGap |= entries.getLast().seq() != recordedSeq + entries.size();
        return record(new Batch(lane, recordedSeq, entries, rebuild.recorder()))
                .onSuccess(done -> recordedSeq = entries.getLast().seq());
    }

    private Future<Void> record(Batch batch) {
        return revisions(batch)
                .map(known -> takeable(batch, known))
                .compose(takeable -> write(takeable).recover(failure -> afterFailure(takeable, failure)));
    }

    private Future<Void> write(Batch takeable) {
        return postgres.inTransaction(
                        "record what is left of " + lane, connection -> LedgerBook.record(connection, takeable))
                .onSuccess(done -> putAside += takeable.unreadable().size())
                .mapEmpty();
    }

    private Future<Void> afterFailure(Batch batch, Throwable failure) {
        if (failure instanceof RaceLost) {
            return Future.failedFuture(new Overtaken(rebuild));
        }
        if (PgErrors.kindOf(failure) == PgErrors.Kind.TRANSIENT) {
            return Future.failedFuture(failure);
        }
        if (batch.entries().size() > 1) {
            return record(batch.firstHalf()).compose(first -> record(batch.secondHalf()));
        }
        return batch.entries().getFirst() instanceof Unreadable ? Future.failedFuture(failure) : onceMore(batch);
    }

    /** As {@link LedgerBook} does it: a failure that came from the moment puts nothing aside. */
    private Future<Void> onceMore(Batch batch) {
        return write(batch)
                .recover(failure -> failure instanceof RaceLost || PgErrors.kindOf(failure) == PgErrors.Kind.TRANSIENT
                        ? afterFailure(batch, failure)
                        : record(batch.asDeadLetter(failure)));
    }

    /** The last revision that the books have of each reservation in the batch. */
    private Future<Map<ReservationId, Long>> revisions(Batch batch) {
        List<Transition> events = batch.entries().stream()
                .filter(Transition.class::isInstance)
                .map(Transition.class::cast)
                .toList();
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                Columns.texts(events, event -> event.id().value()),
                Columns.times(events, Transition::heldAtMs));
        return postgres.query("find revisions of lane " + lane, REVISIONS, arguments)
                .map(rows -> {
                    Map<ReservationId, Long> revisions = new HashMap<>();
                    rows.forEach(row ->
                            revisions.put(new ReservationId(row.getString("reservation_id")), row.getLong("revision")));
                    return revisions;
                });
    }

    private Batch takeable(Batch batch, Map<ReservationId, Long> known) {
        Map<ReservationId, Long> revisions = new HashMap<>(known);
        return new Batch(
                lane,
                batch.after(),
                batch.entries().stream()
                        .map(entry -> takeable(entry, revisions))
                        .toList(),
                batch.recorder());
    }

    private LedgerEntry takeable(LedgerEntry entry, Map<ReservationId, Long> revisions) {
        if (afterGap) {
            return aside(entry, "entries before it are missing");
        }
        if (!(entry instanceof Transition event)) {
            return entry;
        }
        long revision = revisions.getOrDefault(event.id(), 0L);
        if (event.revision() > revision + 1) {
            return aside(entry, "the books have its reservation at revision " + revision);
        }
        revisions.put(event.id(), Math.max(revision, event.revision()));
        return entry;
    }

    private static LedgerEntry aside(LedgerEntry entry, String problem) {
        return entry instanceof Unreadable ? entry : new Unreadable(entry.seq(), entry.text(), problem, entry);
    }
}
