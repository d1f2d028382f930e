package dev.holdfast.ledger;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The books' side of an inspection: what Redis must have, and what the ledger says of the books themselves. Every read is bounded. Each
 * fails with {@link StaleLane} where the lane is not there in this epoch, and with {@link dev.holdfast.reservation.Unavailable}. Safe for
 * all threads.
 */
public final class InspectionBook {

    /** Reservations that are held, and those ended ones whose keys Redis must still remember. */
    private static final String LIVE = BoundedWalk.sql(
            "select * from reservations where sale_id = $1 and (held_at, reservation_id) > ($2, $3)",
            "held_at, reservation_id",
            "lane = $5 and (state = 'held' or ended_at > $6)",
            "$4");

    /** Each by the key: a join might read all of the table. */
    private static final String HOLDS = """
            select l.recorded_seq, r.*
            from lanes l
            left join lateral (
                select r.*
                from unnest($4::text[], $5::timestamptz[]) as e(reservation_id, held_at)
                cross join lateral (
                    select * from reservations r
                    where r.sale_id = $1 and r.held_at = e.held_at and r.reservation_id = e.reservation_id
                    limit 1
                ) r
            ) r on true
            where l.sale_id = $1 and l.lane = $2 and l.epoch = $3
            """;

    /** The newest first, and so many rows at most: whoever has the whole id finds it by the key. */
    private static final String OF_KEY = """
            select reservation_id from (
                select reservation_id, held_at from reservations
                where sale_id = $1
                order by held_at desc, reservation_id desc
                limit 10000
            ) newest
            where left(reservation_id, 22) = $2
            order by held_at desc
            limit 1
            """;

    private static final String BY_KEY = BoundedWalk.sql(
            "select * from reservations where sale_id = $1 and (held_at, reservation_id) > ($2, $3)",
            "held_at, reservation_id",
            "left(reservation_id, 22) = $5",
            "$4");

    private static final String ALLOWANCES = """
            select l.recorded_seq, a.customer_id, a.sku, a.units
            from lanes l
            left join (
                select customer_id, sku, units from allowances where sale_id = $1 and lane = $2 and customer_id = any ($4)
            ) a on true
            where l.sale_id = $1 and l.lane = $2 and l.epoch = $3
            """;

    /** What a transaction recorded has one time in all tables: with it only the ledger's day is looked into. */
    private static final String ENTRIES = """
            select e.reservation_id, b.entries[e.seq - b.first_seq + 1] as entry
            from unnest($3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[]) as e(reservation_id, epoch, seq, recorded_at)
            cross join lateral (
                select first_seq, entries from ledger_batches b
                where b.sale_id = $1 and b.lane = $2 and b.epoch = e.epoch and b.first_seq <= e.seq
                  and b.recorded_at between e.recorded_at - $7 * interval '1 millisecond' and e.recorded_at + $7 * interval '1 millisecond'
                order by first_seq desc
                limit 1
            ) b
            """;

    private static final String RULES = """
            select *, version = applied_version as in_force from adjusted_skus where sale_id = $1 and sku = any ($2)
            """;

    /** In one snapshot with the end of the chain, which the recorder writes in one transaction with the batch. */
    private static final String BATCHES = """
            select l.chain as head, l.epoch as lane_epoch, l.recorded_seq, c.epoch as begin_epoch, c.last_seq as begin_seq, c.chain as begin_chain,
                   clock_timestamp() as now, b.*, k.before, k.digest as known_digest, k.chain as known_chain,
                   exists (select from dead_letters d
                           where d.sale_id = l.sale_id and d.lane = l.lane and d.epoch = b.epoch and d.seq = b.first_seq
                             and d.state = 'replayed') as replayed
            from lanes l
            left join ledger_chains c on c.sale_id = l.sale_id and c.lane = l.lane
            left join lateral (
                select epoch, first_seq, entries, chain as row_chain, recorded_at
                from ledger_batches
                where sale_id = l.sale_id and lane = l.lane and (epoch, first_seq) > ($3, $4)
                order by epoch, first_seq
                limit $5
            ) b on true
            left join ledger_breaks k
                on k.sale_id = l.sale_id and k.lane = l.lane and k.epoch = b.epoch and k.first_seq = b.first_seq
            where l.sale_id = $1 and l.lane = $2
            order by b.epoch, b.first_seq
            """;

    private static final String NOTE_BREAK = """
            insert into ledger_breaks (sale_id, lane, epoch, first_seq, before, digest, chain, reason)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (sale_id, lane, epoch, first_seq) do update
            set before = excluded.before, digest = excluded.digest, chain = excluded.chain, reason = excluded.reason, noted_at = now()
            """;

    private static final String NOTE_HEAD = """
            update lanes set chain = $3 where sale_id = $1 and lane = $2 and chain = $4
            """;

    /** As the fold writes it. */
    private static final String REWRITE = """
            insert into reservations as r (sale_id, lane, epoch, reservation_id, customer_id, state, lines, units, held_at,
                                           expires_at, ended_at, revision, fingerprint, seq, accepted)
            values ($1, $2, $3, $4, $5, $6, $7::text::json, $8, $9, $10, $11, $12, $13, $14, $16)
            on conflict (sale_id, held_at, reservation_id) do update
            set lane = excluded.lane, epoch = excluded.epoch, customer_id = excluded.customer_id, state = excluded.state,
                lines = excluded.lines, units = excluded.units, expires_at = excluded.expires_at, ended_at = excluded.ended_at,
                revision = excluded.revision, fingerprint = excluded.fingerprint, seq = excluded.seq, accepted = excluded.accepted,
                recorded_at = now()
            where r.revision <= excluded.revision or $15
            """;

    /** Whose units count for the customer's limits; so many at most. */
    private static final String OF_CUSTOMER = """
            select * from reservations
            where sale_id = $1 and lane = $2 and customer_id = $3 and state in ('held', 'confirmed')
            order by held_at desc
            limit 1000
            """;

    /** The batch that has this place, or would have it, with the chain of the one before it. */
    private static final String CHAINED_AT = """
            select b.sale_id, b.lane, b.epoch, b.first_seq, b.entries, b.chain as row_chain, p.chain as before_chain, c.epoch as begin_epoch,
                   c.last_seq as begin_seq, c.chain as begin_chain,
                   exists (select from dead_letters d
                           where d.sale_id = $1 and d.lane = $2 and d.epoch = b.epoch and d.seq = b.first_seq
                             and d.state = 'replayed') as replayed
            from (select * from ledger_batches
                  where sale_id = $1 and lane = $2 and (epoch, first_seq) <= ($3, $4)
                  order by epoch desc, first_seq desc
                  limit 1) b
            left join ledger_chains c on c.sale_id = b.sale_id and c.lane = b.lane
            left join lateral (select chain from ledger_batches
                               where sale_id = $1 and lane = $2 and (epoch, first_seq) < (b.epoch, b.first_seq) and chain is not null
                               order by epoch desc, first_seq desc
                               limit 1) p on true
            """;

    private final Postgres postgres;
    private final ReservationHistory.EntryReader reader;

    /** On a pool that may be slow without keeping the recorder waiting. */
    public InspectionBook(Postgres postgres, ReservationHistory.EntryReader reader) {
        this.postgres = postgres;
        this.reader = reader;
    }

    /** Where a walk over reservations has come to. */
    public record HoldPlace(long heldAtMs, String reservationId) {

        /** Before all. */
        public static final HoldPlace START = new HoldPlace(0, "");

        static HoldPlace of(RecordedHold hold) {
            return new HoldPlace(
                    hold.reservation().heldAtMs(), hold.reservation().id().value());
        }
    }

    /**
     * Reservations by their ids; those that the books do not have are missing, and rows that are no reservation.
     *
     * @param recordedSeq of the last entry that is in them
     * @param unreadable rows that are no reservation: the revision that each says it has
     */
    public record Holds(long recordedSeq, Map<ReservationId, RecordedHold> byId, Map<ReservationId, Long> unreadable) {}

    /**
     * Units that customers hold or have bought, by customer and SKU; a customer without any is missing.
     *
     * @param recordedSeq of the last entry that is in them
     */
    public record Allowances(long recordedSeq, Map<String, Map<String, Long>> byCustomer) {}

    /** The next of the reservations that are held or ended after that moment, in the order in which they were held. */
    public Future<Found<RecordedHold, HoldPlace>> live(Lane lane, HoldPlace after, long endedAfterMs, int most) {
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                Columns.time(after.heldAtMs()),
                after.reservationId(),
                most + 1,
                lane.number(),
                Columns.time(endedAfterMs));
        return postgres.query("walk reservations of lane " + lane, LIVE, arguments)
                .map(rows -> BoundedWalk.found(rows, most, InspectionBook::hold, HoldPlace::of));
    }

    /** These reservations, with the cursor, of one snapshot. */
    public Future<Holds> holds(Lane lane, Collection<ReservationId> ids) {
        List<ReservationId> all = List.copyOf(ids);
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                lane.epoch(),
                Columns.texts(all, ReservationId::value),
                Columns.times(all, ReservationId::heldAtMs));
        return postgres.query("find " + all.size() + " reservations of lane " + lane, HOLDS, arguments)
                .map(rows -> {
                    Map<ReservationId, RecordedHold> byId = new HashMap<>();
                    Map<ReservationId, Long> unreadable = new HashMap<>();
                    for (Row row : rows) {
                        String id = row.getString("reservation_id");
                        if (id != null && ReservationRows.readable(row).isPresent()) {
                            byId.put(new ReservationId(id), hold(row));
                        } else if (id != null) {
                            unreadable.put(new ReservationId(id), row.getLong("revision"));
                        }
                    }
                    return new Holds(recordedSeq(lane, rows), byId, unreadable);
                });
    }

    /** The newest reservation of this key, if it is among the newest of the sale. */
    public Future<Optional<ReservationId>> ofKey(Lane lane, String key) {
        return postgres.query(
                        "find a reservation of lane " + lane + " by its key",
                        OF_KEY,
                        Tuple.of(lane.saleId().value(), key))
                .map(rows -> SaleRows.first(rows).map(row -> new ReservationId(row.getString("reservation_id"))));
    }

    /** A reservation of this key, however old. Reads all reservations of the sale, in bounded steps. */
    public Future<Optional<ReservationId>> anyOfKey(Lane lane, String key) {
        AtomicReference<@Nullable HoldPlace> place = new AtomicReference<>(HoldPlace.START);
        AtomicReference<Optional<ReservationId>> newest = new AtomicReference<>(Optional.empty());
        return AsyncLoop.whileTrue(() -> {
                    HoldPlace after = Objects.requireNonNull(place.get());
                    Tuple arguments = Tuple.of(
                            lane.saleId().value(), Columns.time(after.heldAtMs()), after.reservationId(), 2, key);
                    return postgres.query("find reservations of lane " + lane + " by their key", BY_KEY, arguments)
                            .map(rows -> BoundedWalk.found(rows, 1, InspectionBook::hold, HoldPlace::of))
                            .map(found -> {
                                found.items()
                                        .forEach(hold -> newest.set(
                                                Optional.of(hold.reservation().id())));
                                place.set(found.next());
                                return found.next() != null;
                            });
                })
                .map(done -> newest.get());
    }

    /** What these customers hold or have bought, with the cursor, of one snapshot. */
    public Future<Allowances> allowances(Lane lane, Collection<String> customers) {
        Tuple arguments =
                Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), customers.toArray(String[]::new));
        return postgres.query("sum up " + customers.size() + " customers of lane " + lane, ALLOWANCES, arguments)
                .map(rows -> {
                    Map<String, Map<String, Long>> byCustomer = new HashMap<>();
                    for (Row row : rows) {
                        if (row.getString("customer_id") != null) {
                            byCustomer
                                    .computeIfAbsent(row.getString("customer_id"), customer -> new TreeMap<>())
                                    .put(row.getString("sku"), row.getLong("units"));
                        }
                    }
                    return new Allowances(recordedSeq(lane, rows), byCustomer);
                });
    }

    /**
     * The ledger's entries in which these reservations came to be as they are; one that the ledger does not have is missing.
     *
     * @param withinMs so far from the time that the row says the ledger's may be: the ledger of other days is not read
     */
    public Future<Map<ReservationId, LedgerEntry>> entries(Lane lane, Collection<RecordedHold> holds, long withinMs) {
        List<RecordedHold> all = List.copyOf(holds);
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                Columns.texts(all, hold -> hold.reservation().id().value()),
                Columns.numbers(all, hold -> hold.place().epoch()),
                Columns.numbers(all, hold -> hold.place().seq()),
                Columns.times(all, RecordedHold::recordedAtMs),
                withinMs + 1);
        Map<ReservationId, Long> seqs = new HashMap<>();
        all.forEach(hold -> seqs.put(hold.reservation().id(), hold.place().seq()));
        return postgres.query("find " + all.size() + " ledger entries of lane " + lane, ENTRIES, arguments)
                .map(rows -> {
                    Map<ReservationId, LedgerEntry> found = new HashMap<>();
                    for (Row row : rows) {
                        ReservationId id = new ReservationId(row.getString("reservation_id"));
                        String text = row.getString("entry");
                        if (text != null) {
                            found.put(id, reader.read(seqs.getOrDefault(id, 0L), text));
                        }
                    }
                    return found;
                });
    }

    /**
     * What admins decided about a SKU.
     *
     * @param inForce whether Redis was told
     */
    public record DecidedRules(SkuRules rules, boolean inForce) {}

    /** What admins decided about these SKUs. */
    public Future<List<DecidedRules>> rules(Lane lane, Collection<Sku> skus) {
        Tuple arguments =
                Tuple.of(lane.saleId().value()).addArrayOfString(Columns.texts(List.copyOf(skus), Sku::value));
        return postgres.query("find rules of " + skus.size() + " SKUs of lane " + lane, RULES, arguments)
                .map(rows -> {
                    List<DecidedRules> rules = new ArrayList<>();
                    rows.forEach(row -> rules.add(new DecidedRules(SkuRows.rules(row), row.getBoolean("in_force"))));
                    return rules;
                });
    }

    /** The next batches of the lane's ledger after this place, of all its epochs. */
    public Future<LedgerPage> batches(Lane lane, LedgerPlace after, int most) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), after.epoch(), after.seq(), most);
        return postgres.query("walk the ledger of lane " + lane, BATCHES, arguments)
                .map(rows -> LedgerPage.of(lane, rows, reader));
    }

    /** What the customer holds or has bought, the newest first, a thousand at most; rows that are no reservation are left out. */
    public Future<List<RecordedHold>> ofCustomer(Lane lane, String customer) {
        return postgres.query(
                        "find reservations of a customer of lane " + lane,
                        OF_CUSTOMER,
                        Tuple.of(lane.saleId().value(), lane.number(), customer))
                .map(rows -> {
                    List<RecordedHold> found = new ArrayList<>();
                    for (Row row : rows) {
                        if (ReservationRows.readable(row).isPresent()) {
                            found.add(hold(row));
                        }
                    }
                    return found;
                });
    }

    /** Whether the batch that has this place follows from the one before it, or is from before the chain. */
    public Future<Boolean> isChained(Lane lane, LedgerPlace place) {
        return postgres.query(
                        "look at the chain of lane " + lane,
                        CHAINED_AT,
                        Tuple.of(lane.saleId().value(), lane.number(), place.epoch(), place.seq()))
                .map(rows -> SaleRows.first(rows).map(InspectionBook::isChained).orElse(false));
    }

    private static boolean isChained(Row row) {
        long epoch = row.getLong("epoch");
        long firstSeq = row.getLong("first_seq");
        Long beginEpoch = row.getLong("begin_epoch");
        if (beginEpoch != null
                && (epoch < beginEpoch || (epoch == beginEpoch && firstSeq <= row.getLong("begin_seq")))) {
            return true;
        }
        Buffer chain = row.getBuffer("row_chain");
        if (chain == null) {
            // A dead letter that was replayed is beside the chain.
            return row.getBoolean("replayed");
        }
        Buffer before =
                row.getBuffer("before_chain") == null ? row.getBuffer("begin_chain") : row.getBuffer("before_chain");
        Lane lane = new Lane(new SaleId(row.getString("sale_id")), row.getInteger("lane"), epoch);
        return LedgerChain.next(before, LedgerChain.digest(lane, firstSeq, row.getArrayOfStrings("entries")))
                .equals(chain);
    }

    /** Somebody has looked at this break: what the batch is now it is to stay. */
    public Future<Void> noteBreak(Lane lane, LedgerPage.Break found, String reason) {
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                found.place().epoch(),
                found.place().seq(),
                found.before(),
                found.digest(),
                found.chain(),
                DeadLetters.storable(reason));
        return postgres.query("note a break in the ledger of lane " + lane, NOTE_BREAK, arguments)
                .mapEmpty();
    }

    /** Somebody has looked: the ledger ends with this batch, whatever was behind it. False where more was recorded meanwhile. */
    public Future<Boolean> noteHead(Lane lane, @Nullable Buffer head, Buffer seen) {
        return postgres.query(
                        "note the end of the ledger of lane " + lane,
                        NOTE_HEAD,
                        Tuple.of(lane.saleId().value(), lane.number(), head, seen))
                .map(updated -> updated.rowCount() == 1);
    }

    /**
     * Writes the row of a reservation as the ledger has it. A row of a later revision stays, unless it is not what the ledger says.
     *
     * @param wrong whether the row that is there, if there is one, contradicts the ledger
     */
    public Future<Void> rewrite(Lane lane, LedgerPlace place, RestoredReservation reservation, boolean wrong) {
        return rewrite(lane, place, reservation, wrong, null);
    }

    /**
     * Writes the row of a reservation as it was concluded to be where the ledger cannot tell: it needs no entry that says the same from now
     * on, as long as nobody changes it.
     *
     * @param wrong whether the row that is there, if there is one, is not to stay
     */
    public Future<Void> accept(Lane lane, LedgerPlace place, RestoredReservation reservation, boolean wrong) {
        return rewrite(lane, place, reservation, wrong, RecordedHold.digest(reservation));
    }

    private Future<Void> rewrite(
            Lane lane, LedgerPlace place, RestoredReservation reservation, boolean wrong, @Nullable String accepted) {
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            lane.saleId().value(),
            lane.number(),
            place.epoch(),
            reservation.id().value(),
            reservation.customerId().value(),
            reservation.state().word(),
            ReservationRows.json(reservation.cart()),
            (long) reservation.cart().units(),
            Columns.time(reservation.heldAtMs()),
            Columns.time(reservation.expiresAtMs()),
            Columns.timeOrNull(reservation.endedAtMs()),
            reservation.revision(),
            reservation.fingerprint(),
            place.seq(),
            wrong,
            accepted
        });
        return postgres.query("write reservation " + reservation.id() + " anew", REWRITE, arguments)
                .mapEmpty();
    }

    private static long recordedSeq(Lane lane, RowSet<Row> rows) {
        return SaleRows.first(rows)
                .map(row -> row.getLong("recorded_seq"))
                .orElseThrow(() -> StaleLane.notInPostgres(lane));
    }

    private static RecordedHold hold(Row row) {
        RestoredReservation reservation = ReservationRows.recorded(row);
        String accepted = row.getString("accepted");
        return new RecordedHold(
                reservation,
                new LedgerPlace(row.getLong("epoch"), row.getLong("seq")),
                Columns.ms(row.getOffsetDateTime("recorded_at")),
                accepted != null && accepted.equals(RecordedHold.digest(reservation)));
    }
}
