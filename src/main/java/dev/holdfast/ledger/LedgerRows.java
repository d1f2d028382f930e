package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
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
                set recorded_seq = $5, recorder = $6, lease_until = clock_timestamp() + interval '3 seconds',
                    chain = case when $11::bytea is null then chain else sha256(coalesce(chain, '') || $11) end
                where sale_id = $1 and lane = $2 and epoch = $3 and recorded_seq = $4
                  and (recorder = $6
                       or state = 'open' and (lease_until is null or lease_until < clock_timestamp()))
                  and state in ('open', 'rebuilding')
                returning chain
            )
            select exists (select from moved) as moved, (select chain from moved) as chain,
                   (select chain from lanes where sale_id = $1 and lane = $2) as chain_before,
                   array(select e.seq
                         from unnest($7::bigint[], $8::text[], $9::timestamptz[], $10::bigint[])
                             as e(seq, reservation_id, held_at, revision)
                         where e.revision <= (select r.revision from reservations r
                                              where r.sale_id = $1 and r.held_at = e.held_at
                                                and r.reservation_id = e.reservation_id)) as known
            """;

    private static final String APPEND = """
            insert into ledger_batches (sale_id, lane, epoch, first_seq, entries, chain) values ($1, $2, $3, $4, $5, $6)
            """;

    private static final String SET_CHAIN = """
            update lanes set chain = $3 where sale_id = $1 and lane = $2
            """;

    private LedgerRows() {}

    /**
     * What is new of a batch, and the chain that its row gets.
     *
     * @param chainBefore of the row before it; null where there is none
     */
    record Fresh(List<LedgerEntry> entries, @Nullable Buffer chainBefore, @Nullable Buffer chain) {}

    /** Moves the cursor to the end of the batch; answers those of its entries that are new. Fails with {@link RaceLost}. */
    static Future<Fresh> moveCursor(SqlConnection connection, Batch batch) {
        Lane lane = batch.lane();
        List<LedgerEntry> readable = batch.readable();
        List<Transition> events = readable.stream()
                .filter(Transition.class::isInstance)
                .map(Transition.class::cast)
                .toList();
        Tuple arguments = Tuple.from(new @Nullable Object[] {
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
            digest(batch, readable)
        });
        return connection.preparedQuery(MOVE_CURSOR).execute(arguments).compose(rows -> {
            Row row = rows.iterator().next();
            return row.getBoolean("moved")
                    ? chained(connection, batch, readable, row)
                    : Future.failedFuture(new RaceLost(lane));
        });
    }

    /** Nearly always all of a batch is new. Else its row is another one than the chain was made for. */
    private static Future<Fresh> chained(
            SqlConnection connection, Batch batch, List<LedgerEntry> readable, Row row) {
        Set<Long> known = Set.of(row.getArrayOfLongs("known"));
        Buffer before = row.getBuffer("chain_before");
        if (known.isEmpty()) {
            return Future.succeededFuture(new Fresh(readable, before, row.getBuffer("chain")));
        }
        List<LedgerEntry> entries = without(readable, known);
        Buffer digest = digest(batch, entries);
        Buffer chain = digest == null ? before : LedgerChain.next(before, digest);
        Lane lane = batch.lane();
        return connection
                .preparedQuery(SET_CHAIN)
                .execute(Tuple.of(lane.saleId().value(), lane.number(), chain))
                .map(new Fresh(entries, before, chain));
    }

    /** Appends what is new of the batch, if anything is. */
    static Future<Void> append(SqlConnection connection, Batch batch, Fresh fresh) {
        if (fresh.entries().isEmpty()) {
            return Future.succeededFuture();
        }
        Lane lane = batch.lane();
        return connection
                .preparedQuery(APPEND)
                .execute(Tuple.of(
                        lane.saleId().value(),
                        lane.number(),
                        lane.epoch(),
                        batch.after() + 1,
                        texts(batch, fresh.entries()),
                        fresh.chain()))
                .mapEmpty();
    }

    private static @Nullable Buffer digest(Batch batch, List<LedgerEntry> entries) {
        return entries.isEmpty()
                ? null
                : LedgerChain.digest(batch.lane(), batch.after() + 1, texts(batch, entries));
    }

    /** By their places; null where there is none of these. */
    private static @Nullable String[] texts(Batch batch, List<LedgerEntry> entries) {
        @Nullable String[] texts = new String[batch.entries().size()];
        entries.forEach(entry -> texts[(int) (entry.seq() - batch.after() - 1)] = entry.text());
        return texts;
    }

    private static List<LedgerEntry> without(List<LedgerEntry> entries, Set<Long> seqs) {
        return seqs.isEmpty()
                ? entries
                : entries.stream().filter(entry -> !seqs.contains(entry.seq())).toList();
    }
}
