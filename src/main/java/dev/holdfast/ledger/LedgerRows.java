package dev.holdfast.ledger;

import dev.holdfast.ledger.Succession.Life;
import dev.holdfast.ledger.Succession.Standing;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The append-only history, and the cursors that tell how far it goes. */
final class LedgerRows {

    /**
     * A batch whose cursor was moved, with those of its entries that are new.
     *
     * @param chain of its row; null where it has none
     * @param contradiction the first of its entries that cannot follow on what is recorded; null where there is none
     */
    record Fresh(
            Batch batch,
            List<LedgerEntry> entries,
            @Nullable Buffer chain,
            @Nullable Contradiction contradiction) {}

    /**
     * The compare-and-set that makes it exactly once: a lane whose cursor is elsewhere, that another living node records, or that does not
     * sell, is left as it is, and the others are moved. A lane that is being rebuilt is the rebuild's alone. Locked in one order, so that
     * two who record the same lanes wait for each other and do not lock each other out.
     *
     * <p>Tells, too, what the books have of each event's reservation. An event is known from another epoch where they have it with its
     * revision or a later one. The offset keeps the look at the reservation from becoming a join, which might read all of the table: it goes
     * by the key, whatever PostgreSQL takes for its size.
     */
    private static final String MOVE_CURSORS = """
            with batch as (
                select *
                from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $10::bytea[], $11::text[])
                    with ordinality as b(sale_id, lane, epoch, after, last, digest, hash, place)
            ),
            locked as materialized (
                select l.sale_id, l.lane, l.chain
                from batch b
                join lanes l using (sale_id, lane)
                order by l.sale_id, l.lane
                for no key update of l
            ),
            moved as (
                update lanes l
                set recorded_seq = b.last, recorded_hash = decode(b.hash, 'hex'), recorder = $6,
                    chain = case when b.digest is null then l.chain else sha256(coalesce(l.chain, '') || b.digest) end
                from batch b
                join locked k using (sale_id, lane)
                where l.sale_id = b.sale_id and l.lane = b.lane and l.epoch = b.epoch and l.recorded_seq = b.after
                  and (l.recorder = $6
                       or l.state = 'open'
                          and not exists (select from nodes n
                                          where n.node_id = l.recorder and n.records_until >= clock_timestamp()))
                  and l.state in ('open', 'rebuilding')
                returning b.place, l.chain, k.chain as chain_before
            )
            select array(select place from moved order by place) as moved,
                   array(select chain from moved order by place) as chains,
                   array(select chain_before from moved order by place) as chains_before,
                   found.*
            from (select array_agg(e.place) as places, array_agg(r.state) as states, array_agg(r.revision) as revisions,
                         array_agg(r.customer_id) as customers, array_agg(r.expires_at) as deadlines,
                         array_agg(r.epoch) as epochs, array_agg(r.seq) as seqs
                  from unnest($7::text[], $8::text[], $9::timestamptz[])
                      with ordinality as e(sale_id, reservation_id, held_at, place)
                  cross join lateral (select v.state, v.revision, v.customer_id, v.expires_at, v.epoch, v.seq
                                      from reservations v
                                      where v.sale_id = e.sale_id and v.held_at = e.held_at and v.reservation_id = e.reservation_id
                                      offset 0) r) found
            """;

    /** Each lane's entries are a part of one array: PostgreSQL has no arrays of arrays of different lengths. */
    private static final String APPEND = """
            insert into ledger_batches (sale_id, lane, epoch, first_seq, entries, chain)
            select b.sale_id, b.lane, b.epoch, b.first_seq, ($7::text[])[b.first_place:b.last_place], b.chain
            from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::int[], $8::bytea[])
                as b(sale_id, lane, epoch, first_seq, first_place, last_place, chain)
            """;

    private static final String SET_CHAIN = """
            update lanes set chain = $3 where sale_id = $1 and lane = $2
            """;

    private LedgerRows() {}

    /** Moves each cursor to the end of its batch; answers those that could be moved, in their order. */
    static Future<List<Fresh>> moveCursors(SqlConnection connection, List<Batch> batches) {
        List<List<LedgerEntry>> readable = new ArrayList<>();
        List<InLane<Transition>> events = new ArrayList<>();
        for (Batch batch : batches) {
            List<LedgerEntry> entries = batch.readable();
            readable.add(entries);
            for (LedgerEntry entry : entries) {
                if (entry instanceof Transition event) {
                    events.add(new InLane<>(batch.lane(), event));
                }
            }
        }
        @Nullable Buffer[] digests = new Buffer[batches.size()];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = digest(batches.get(i), readable.get(i));
        }
        Tuple arguments = Tuple.from(new Object[] {
            Columns.texts(batches, batch -> batch.lane().saleId().value()),
            Columns.integers(batches, batch -> batch.lane().number()),
            Columns.numbers(batches, batch -> batch.lane().epoch()),
            Columns.numbers(batches, Batch::after),
            Columns.numbers(batches, Batch::last),
            batches.getFirst().recorder(),
            InLane.saleIds(events),
            Columns.texts(events, event -> event.row().id().value()),
            Columns.times(events, event -> event.row().heldAtMs()),
            digests,
            Columns.texts(batches, batch -> batch.end().hash())
        });
        return connection.preparedQuery(MOVE_CURSORS).execute(arguments).compose(rows -> {
            Row row = rows.iterator().next();
            Found found = Found.of(row, events);
            Long[] moved = row.getArrayOfLongs("moved");
            @Nullable Buffer[] chains = row.getArrayOfBuffers("chains");
            @Nullable Buffer[] before = row.getArrayOfBuffers("chains_before");
            List<Fresh> fresh = new ArrayList<>();
            Future<Void> chained = Future.succeededFuture();
            for (int m = 0; m < moved.length; m++) {
                int place = moved[m].intValue() - 1;
                Batch batch = batches.get(place);
                List<LedgerEntry> entries = found.without(batch, readable.get(place));
                Buffer chain = chains[m];
                if (entries.size() != readable.get(place).size()) {
                    // Nearly always all of a batch is new. This one's row is another one than its chain was made for.
                    Buffer digest = digest(batch, entries);
                    chain = digest == null ? before[m] : LedgerChain.next(before[m], digest);
                    Buffer right = chain;
                    chained = chained.compose(done -> setChain(connection, batch.lane(), right));
                }
                fresh.add(new Fresh(batch, entries, chain, found.contradictionIn(batch.lane(), entries)));
            }
            return chained.map(fresh);
        });
    }

    private static Future<Void> setChain(SqlConnection connection, Lane lane, @Nullable Buffer chain) {
        return connection
                .preparedQuery(SET_CHAIN)
                .execute(Tuple.of(lane.saleId().value(), lane.number(), chain))
                .mapEmpty();
    }

    /** Of the row that a batch with these entries gets; null where it gets none. */
    private static @Nullable Buffer digest(Batch batch, List<LedgerEntry> entries) {
        if (entries.isEmpty()) {
            return null;
        }
        @Nullable String[] texts = new String[batch.entries().size()];
        entries.forEach(entry -> texts[(int) (entry.seq() - batch.after() - 1)] = entry.text());
        return LedgerChain.digest(batch.lane(), batch.after() + 1, texts);
    }

    /** Appends what is new of each batch. */
    static Future<Void> append(SqlConnection connection, List<Fresh> all) {
        List<Fresh> some =
                all.stream().filter(fresh -> !fresh.entries.isEmpty()).toList();
        if (some.isEmpty()) {
            return Future.succeededFuture();
        }
        int size = some.stream().mapToInt(fresh -> fresh.batch.entries().size()).sum();
        @Nullable String[] texts = new String[size];
        Integer[] firstPlaces = new Integer[some.size()];
        Integer[] lastPlaces = new Integer[some.size()];
        int before = 0;
        for (int i = 0; i < some.size(); i++) {
            Batch batch = some.get(i).batch;
            for (LedgerEntry entry : some.get(i).entries) {
                texts[before + (int) (entry.seq() - batch.after() - 1)] = entry.text();
            }
            firstPlaces[i] = before + 1;
            before += batch.entries().size();
            lastPlaces[i] = before;
        }
        @Nullable Buffer[] chains = some.stream().map(Fresh::chain).toArray(Buffer[]::new);
        Tuple arguments = Tuple.from(new Object[] {
            Columns.texts(some, fresh -> fresh.batch.lane().saleId().value()),
            Columns.integers(some, fresh -> fresh.batch.lane().number()),
            Columns.numbers(some, fresh -> fresh.batch.lane().epoch()),
            Columns.numbers(some, fresh -> fresh.batch.after() + 1),
            firstPlaces,
            lastPlaces,
            texts,
            chains
        });
        return connection.preparedQuery(APPEND).execute(arguments).mapEmpty();
    }

    /**
     * What the books have of the reservations of some events.
     *
     * @param known events that they have, with the same revision or a later one
     * @param standings of reservations that go on
     * @param repetitions the first known event of each lane that cannot be a repetition of what the books have
     */
    private record Found(
            Set<InLane<Long>> known, Map<Lane, Map<Life, Standing>> standings, Map<Lane, Contradiction> repetitions) {

        static Found of(Row row, List<InLane<Transition>> events) {
            Found found = new Found(new HashSet<>(), new HashMap<>(), new HashMap<>());
            Long[] places = row.getArrayOfLongs("places");
            if (places == null) {
                return found;
            }
            String[] states = row.getArrayOfStrings("states");
            Long[] revisions = row.getArrayOfLongs("revisions");
            String[] customers = row.getArrayOfStrings("customers");
            OffsetDateTime[] deadlines = row.getArrayOfOffsetDateTimes("deadlines");
            Long[] epochs = row.getArrayOfLongs("epochs");
            Long[] seqs = row.getArrayOfLongs("seqs");
            for (int i = 0; i < places.length; i++) {
                Standing standing = new Standing(
                        ReservationRows.state(states[i]), revisions[i], customers[i], Columns.ms(deadlines[i]), null);
                found.add(events.get(places[i].intValue() - 1), standing, new LedgerPlace(epochs[i], seqs[i]));
            }
            return found;
        }

        private void add(InLane<Transition> event, Standing standing, LedgerPlace place) {
            Lane lane = event.lane();
            Transition transition = event.row();
            if (transition.revision() > standing.revision()) {
                standings.computeIfAbsent(lane, first -> new HashMap<>()).putIfAbsent(Life.of(transition), standing);
                return;
            }
            known.add(new InLane<>(lane, transition.seq()));
            Contradiction contradiction =
                    Succession.repetition(standing, place, transition, new LedgerPlace(lane.epoch(), transition.seq()));
            if (contradiction != null) {
                repetitions.putIfAbsent(lane, contradiction);
            }
        }

        List<LedgerEntry> without(Batch batch, List<LedgerEntry> entries) {
            return known.isEmpty()
                    ? entries
                    : entries.stream()
                            .filter(entry -> !known.contains(new InLane<>(batch.lane(), entry.seq())))
                            .toList();
        }

        @Nullable
        Contradiction contradictionIn(Lane lane, List<LedgerEntry> entries) {
            Contradiction repetition = repetitions.get(lane);
            return repetition != null
                    ? repetition
                    : Succession.contradictionIn(entries, standings.getOrDefault(lane, Map.of()));
        }
    }
}
