package dev.holdfast.ledger;

import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Reservation;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happened to one reservation, from the ledger. It has no index over reservations (decision 0013), so it is read backwards
 * from the reservation's last transition to its first, which are as far apart as the hold lasted. Safe for all threads.
 */
public final class ReservationHistory {

    /** Reads an entry as it stood in Redis. */
    @FunctionalInterface
    public interface EntryReader {
        LedgerEntry read(long seq, String text);
    }

    /** A statement reads this many transactions of the recorder, of up to 1,000 entries each: some 50 ms. */
    static final int BATCHES_A_STEP = 100;

    /** What one call may cost: 2 million entries. */
    private static final int STEPS_A_CALL = 20;

    /**
     * The key, 22 characters of chance, is looked for in a batch's whole text first: to take all of its entries apart costs more.
     * Where there are batches before those of this step, the last row tells where they end.
     */
    private static final String STEP = """
            with step as materialized (
                select epoch, first_seq, entries, recorded_at
                from ledger_batches
                where sale_id = $1 and lane = $2 and (epoch, first_seq) <= ($3, $4)
                order by epoch desc, first_seq desc
                limit %1$d
            )
            select false as edge, b.epoch, b.first_seq + e.place - 1 as seq, e.entry, b.recorded_at
            from (select * from step where strpos(array_to_string(entries, ' '), $5) > 0) b
            cross join lateral unnest(b.entries) with ordinality e(entry, place)
            where split_part(e.entry, ' ', 2) = $5 and (b.epoch, b.first_seq + e.place - 1) <= ($3, $4)
            union all
            select true, b.epoch, b.first_seq, null, b.recorded_at
            from (select * from step order by epoch, first_seq limit 1) b
            where (select count(*) from step) = %1$d
            order by edge, epoch desc, seq desc
            """.formatted(BATCHES_A_STEP);

    private final Postgres postgres;
    private final EntryReader reader;

    /** Keeps nothing in memory. */
    public ReservationHistory(Postgres postgres, EntryReader reader) {
        this.postgres = postgres;
        this.reader = reader;
    }

    /**
     * The latest transitions first, {@code limit} at most; fewer, or none, with a place to go on from, where the ledger in between is
     * long. Fails with {@link dev.holdfast.reservation.Unavailable}.
     *
     * @param after where an earlier call ended; null for the first
     */
    public Future<Found<RecordedTransition, LedgerPlace>> find(
            RecordedReservation recorded, @Nullable LedgerPlace after, int limit) {
        LedgerPlace from = after == null ? recorded.place() : before(after);
        return step(recorded, from, new ArrayList<>(), limit, STEPS_A_CALL);
    }

    private Future<Found<RecordedTransition, LedgerPlace>> step(
            RecordedReservation recorded, LedgerPlace from, List<RecordedTransition> found, int limit, int stepsLeft) {
        if (stepsLeft == 0) {
            return Future.succeededFuture(
                    new Found<>(List.copyOf(found), new LedgerPlace(from.epoch(), from.seq() + 1)));
        }
        return rows(recorded, from).compose(rows -> {
            LedgerPlace edge = null;
            for (Row row : rows) {
                LedgerPlace place = new LedgerPlace(row.getLong("epoch"), row.getLong("seq"));
                if (row.getBoolean("edge")) {
                    edge = place;
                } else if (found.size() < limit) {
                    add(recorded.reservation(), place, row, found);
                }
            }
            boolean begun = !found.isEmpty() && found.getLast().transition().revision() == 1;
            if (begun || (edge == null && found.size() < limit)) {
                return Future.succeededFuture(new Found<>(List.copyOf(found), null));
            }
            return found.size() == limit || edge == null
                    ? Future.succeededFuture(
                            new Found<>(List.copyOf(found), found.getLast().place()))
                    : step(recorded, before(edge), found, limit, stepsLeft - 1);
        });
    }

    private Future<RowSet<Row>> rows(RecordedReservation recorded, LedgerPlace from) {
        Reservation reservation = recorded.reservation();
        return postgres.query(
                "read the ledger of " + reservation.saleId() + " back from " + from,
                STEP,
                Tuple.of(
                        reservation.saleId().value(),
                        recorded.lane(),
                        from.epoch(),
                        from.seq(),
                        reservation.id().key()));
    }

    /** A key may have been another reservation's before. */
    private void add(Reservation reservation, LedgerPlace place, Row row, List<RecordedTransition> found) {
        LedgerEntry entry = reader.read(place.seq(), row.getString("entry"));
        if (entry instanceof Transition transition && transition.id().equals(reservation.id())) {
            found.add(new RecordedTransition(transition, place, Columns.ms(row.getOffsetDateTime("recorded_at"))));
        }
    }

    private static LedgerPlace before(LedgerPlace place) {
        return new LedgerPlace(place.epoch(), place.seq() - 1);
    }
}
