package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The append-only history, and the cursor that tells how far it goes. */
final class LedgerRows {

    /**
     * The compare-and-set that makes it exactly once: whoever lost the race, or the lane, appends nothing. The lease goes on for as
     * long as {@link LaneLeases#LEASE} says.
     *
     * <p>An event whose reservation is in the books with its revision, or a later one, is known from another epoch and left out: it
     * has been counted. The look at the reservation is a subquery so that it goes by their key, whatever PostgreSQL thinks of the
     * size of the table: a join might read all of it.
     */
    private static final String APPEND = """
            with moved as (
                update lanes
                set recorded_seq = $5, recorder = $6, lease_until = clock_timestamp() + interval '3 seconds'
                where sale_id = $1 and lane = $2 and epoch = $3 and recorded_seq = $4 and state = 'open'
                  and (recorder = $6 or lease_until is null or lease_until < clock_timestamp())
                returning 1
            ), appended as (
                insert into ledger (sale_id, lane, epoch, seq, entry)
                select $1, $2, $3, e.seq, e.entry
                from moved,
                     unnest($7::bigint[], $8::text[], $9::text[], $10::timestamptz[], $11::bigint[])
                         as e(seq, entry, reservation_id, held_at, revision)
                where coalesce((select r.revision from reservations r
                                where r.sale_id = $1 and r.held_at = e.held_at and r.reservation_id = e.reservation_id), 0)
                      < coalesce(e.revision, 1)
                returning 1
            )
            select (select count(*) from moved) as moved, (select count(*) from appended) as appended
            """;

    private static final String APPENDED = """
            select seq from ledger where sale_id = $1 and lane = $2 and epoch = $3 and seq between $4 and $5
            """;

    private LedgerRows() {}

    /** Moves the cursor to the end of the batch; answers those of its entries that are new. Fails with {@link RaceLost}. */
    static Future<List<LedgerEntry>> append(SqlConnection connection, Batch batch) {
        Lane lane = batch.lane();
        List<LedgerEntry> entries = batch.readable();
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                lane.epoch(),
                batch.after(),
                batch.last(),
                batch.recorder(),
                Columns.numbers(entries, LedgerEntry::seq),
                Columns.texts(entries, LedgerEntry::text),
                Columns.texts(entries, ofTransition(event -> event.id().value())),
                Columns.times(entries, ofTransition(Transition::heldAtMs)),
                Columns.numbers(entries, ofTransition(Transition::revision)));
        return connection.preparedQuery(APPEND).execute(arguments).compose(rows -> {
            Row counts = rows.iterator().next();
            if (counts.getLong("moved") == 0) {
                return Future.failedFuture(new RaceLost(lane));
            }
            return counts.getLong("appended") == entries.size()
                    ? Future.succeededFuture(entries)
                    : appended(connection, batch, entries);
        });
    }

    private static Future<List<LedgerEntry>> appended(
            SqlConnection connection, Batch batch, List<LedgerEntry> entries) {
        Lane lane = batch.lane();
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), batch.after() + 1, batch.last());
        return connection.preparedQuery(APPENDED).execute(arguments).map(rows -> {
            Set<Long> seqs = new HashSet<>();
            rows.forEach(row -> seqs.add(row.getLong("seq")));
            return entries.stream().filter(entry -> seqs.contains(entry.seq())).toList();
        });
    }

    private static <T> Function<LedgerEntry, @Nullable T> ofTransition(Function<Transition, T> value) {
        return entry -> entry instanceof Transition transition ? value.apply(transition) : null;
    }
}
