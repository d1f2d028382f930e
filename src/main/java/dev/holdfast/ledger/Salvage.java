package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Records what the ledger of a sealed lane still has, before that life of the lane is asideIds up. What the books cannot take is put aside
 * for people, entry by entry, with all that happened to the same reservation after it.
 */
final class Salvage {

    private static final int MOST_AT_ONCE = 500;

    private final Postgres postgres;
    private final LedgerStream stream;
    private final Rebuild rebuild;
    private final Lane lane;
    private final Set<ReservationId> asideIds = new HashSet<>();
    private boolean afterGap;
    private long putAside;

    Salvage(Postgres postgres, LedgerStream stream, Rebuild rebuild) {
        this.postgres = postgres;
        this.stream = stream;
        this.rebuild = rebuild;
        lane = rebuild.from();
    }

    /** Answers how many entries were put aside. Fails with {@link Overtaken}, or as Redis or PostgreSQL do. */
    Future<Long> run() {
        return after(rebuild.recordedSeq()).map(done -> putAside);
    }

    private Future<Void> after(long recordedSeq) {
        return stream.read(lane, recordedSeq, MOST_AT_ONCE)
                // There is nothing of this life, but of another.
                .recover(failure ->
                        failure instanceof StaleLane ? Future.succeededFuture(List.of()) : Future.failedFuture(failure))
                .compose(entries -> entries.isEmpty()
                        ? Future.succeededFuture()
                        : record(batch(recordedSeq, entries))
                                .compose(done -> after(entries.getLast().seq())));
    }

    /** History is missing before a gap: nobody knows what the entries after it build on. */
    private Batch batch(long recordedSeq, List<LedgerEntry> entries) {
        afterGap |= entries.getFirst().seq() != recordedSeq + 1;
        return new Batch(lane, recordedSeq, entries, rebuild.recorder());
    }

    private Future<Void> record(Batch batch) {
        Batch takeable = takeable(batch);
        return postgres.inTransaction(
                        "record what is left of " + lane, connection -> LedgerBook.record(connection, takeable))
                .onSuccess(done -> putAside += takeable.unreadable().size())
                .<Void>mapEmpty()
                .recover(failure -> afterFailure(takeable, failure));
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
        LedgerEntry culprit = batch.entries().getFirst();
        if (culprit instanceof Unreadable) {
            return Future.failedFuture(failure);
        }
        if (culprit instanceof Transition transition) {
            asideIds.add(transition.id());
        }
        return record(batch.asDeadLetter(failure));
    }

    private Batch takeable(Batch batch) {
        return new Batch(
                lane,
                batch.after(),
                batch.entries().stream().map(this::takeable).toList(),
                batch.recorder());
    }

    private LedgerEntry takeable(LedgerEntry entry) {
        if (afterGap) {
            return aside(entry, "entries before it are missing");
        }
        return entry instanceof Transition transition && asideIds.contains(transition.id())
                ? aside(entry, "what it builds on was put aside")
                : entry;
    }

    private static LedgerEntry aside(LedgerEntry entry, String problem) {
        return entry instanceof Unreadable ? entry : new Unreadable(entry.seq(), entry.text(), problem);
    }
}
