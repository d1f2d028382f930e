package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The append-only history, and the cursor that tells how far it goes. */
final class LedgerRows {

    /**
     * The compare-and-set that makes it exactly once: whoever lost the race, or the lane, finds no row. The lease goes on for as
     * long as {@link LaneLeases#LEASE} says. A lane that is being rebuilt is the rebuild's alone.
     *
     * <p>Tells, too, which events are known from another epoch: those whose reservation is in the books with their revision or a
     * later one. The look at the reservation is a subquery so that it goes by the key, whatever PostgreSQL takes for the size of the
     * table: a join might read all of it.
     */
    private static final String MOVE_CURSOR = """
            with moved as (
                update lanes
                set recorded_seq = $5, recorded_hash = decode($11, 'hex'), recorder = $6,
                    lease_until = clock_timestamp() + interval '3 seconds'
                where sale_id = $1 and lane = $2 and epoch = $3 and recorded_seq = $4
                  and (recorder = $6
                       or state = 'open' and (lease_until is null or lease_until < clock_timestamp()))
                  and state in ('open', 'rebuilding')
                returning 1
            )
            select exists (select from moved) as moved,
                   array(select e.seq
                         from unnest($7::bigint[], $8::text[], $9::timestamptz[], $10::bigint[])
                             as e(seq, reservation_id, held_at, revision)
                         where e.revision <= (select r.revision from reservations r
                                              where r.sale_id = $1 and r.held_at = e.held_at
                                                and r.reservation_id = e.reservation_id)) as known
            """;

    private static final String APPEND = """
            insert into ledger_batches (sale_id, lane, epoch, first_seq, entries) values ($1, $2, $3, $4, $5)
            """;

    private LedgerRows() {}

    /** Moves the cursor to the end of the batch; answers those of its entries that are new. Fails with {@link RaceLost}. */
    static Future<List<LedgerEntry>> moveCursor(SqlConnection connection, Batch batch) {
        Lane lane = batch.lane();
        List<LedgerEntry> readable = batch.readable();
        List<Transition> events = readable.stream()
                .filter(Transition.class::isInstance)
                .map(Transition.class::cast)
                .toList();
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                lane.epoch(),
                batch.after(),
                batch.last(),
                batch.recorder(),
                Columns.numbers(events, Transition::seq),
                Columns.texts(events, event -> event.id().value()),
                Columns.times(events, Transition::heldAtMs),
                Columns.numbers(events, Transition::revision),
                batch.end().hash());
        return connection.preparedQuery(MOVE_CURSOR).execute(arguments).compose(rows -> {
            Row row = rows.iterator().next();
            return row.getBoolean("moved")
                    ? Future.succeededFuture(without(readable, Set.of(row.getArrayOfLongs("known"))))
                    : Future.failedFuture(new RaceLost(lane));
        });
    }

    /** Appends what is new of the batch, if anything is. */
    static Future<Void> append(SqlConnection connection, Batch batch, List<LedgerEntry> fresh) {
        if (fresh.isEmpty()) {
            return Future.succeededFuture();
        }
        Lane lane = batch.lane();
        long first = batch.after() + 1;
        @Nullable String[] texts = new String[batch.entries().size()];
        fresh.forEach(entry -> texts[(int) (entry.seq() - first)] = entry.text());
        return connection
                .preparedQuery(APPEND)
                .execute(Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), first, texts))
                .mapEmpty();
    }

    private static List<LedgerEntry> without(List<LedgerEntry> entries, Set<Long> seqs) {
        return seqs.isEmpty()
                ? entries
                : entries.stream().filter(entry -> !seqs.contains(entry.seq())).toList();
    }
}
