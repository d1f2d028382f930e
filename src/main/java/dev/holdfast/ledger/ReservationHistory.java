package dev.holdfast.ledger;

import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Reservation;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

    /** A statement reads this many transactions of the recorder, of up to 1,000 entries each: 20 ms. */
    static final int BATCHES_A_STEP = 100;

    /** How long a call begins further statements. */
    public static final Duration USUAL_PATIENCE = Duration.ofSeconds(1);

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
    private final Duration patience;

    /** Keeps nothing in memory. A call that had patience for long enough ends with what it has found. */
    public ReservationHistory(Postgres postgres, EntryReader reader, Duration patience) {
        this.postgres = postgres;
        this.reader = reader;
        this.patience = patience;
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
        return new Reading(recorded, limit, System.nanoTime() + patience.toNanos()).from(from);
    }

    /** One call, as far as it has come. */
    private final class Reading {

        private final RecordedReservation recorded;
        private final int limit;
        private final long deadlineNanos;
        private final List<RecordedTransition> found = new ArrayList<>();

        Reading(RecordedReservation recorded, int limit, long deadlineNanos) {
            this.recorded = recorded;
            this.limit = limit;
            this.deadlineNanos = deadlineNanos;
        }

        Future<Found<RecordedTransition, LedgerPlace>> from(LedgerPlace place) {
            return rows(recorded, place).compose(rows -> {
                LedgerPlace edge = take(rows);
                if (isWhole() || (edge == null && found.size() <= limit)) {
                    return ended(null);
                }
                if (found.size() > limit) {
                    found.removeLast();
                    return ended(found.getLast().place());
                }
                LedgerPlace next = Objects.requireNonNull(edge);
                return System.nanoTime() - deadlineNanos < 0 ? from(before(next)) : ended(next);
            });
        }

        /** Keeps one more than are wanted, to see whether there are more. Answers where the step ended; null where the ledger did. */
        private @Nullable LedgerPlace take(RowSet<Row> rows) {
            LedgerPlace edge = null;
            for (Row row : rows) {
                LedgerPlace place = new LedgerPlace(row.getLong("epoch"), row.getLong("seq"));
                if (row.getBoolean("edge")) {
                    edge = place;
                } else if (found.size() <= limit) {
                    add(recorded.reservation(), place, row, found);
                }
            }
            return edge;
        }

        private boolean isWhole() {
            return !found.isEmpty()
                    && found.size() <= limit
                    && found.getLast().transition().revision() == 1;
        }

        private Future<Found<RecordedTransition, LedgerPlace>> ended(@Nullable LedgerPlace next) {
            return Future.succeededFuture(new Found<>(List.copyOf(found), next));
        }
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
