package dev.holdfast.ledger;

import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.AppliedAdjustment;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All that the books know of one lane, as of one moment, however long reading it takes. Lives in one transaction. */
public final class LaneSnapshot {

    private static final String STOCK = """
            select k.*, s.capacity as units, s.available, s.held, s.sold, s.version as capacity_version,
                   s.pending, s.adjustment_no, a.adjustments
            from stock s
            join skus k using (sale_id, sku)
            left join lateral (
                select json_agg(json_build_array(adjustment_id, version, capacity_before, capacity_after, pending_reduction)
                                order by adjustment_no) as adjustments
                from (select * from adjustments
                      where sale_id = s.sale_id and sku = s.sku and state = 'applied' and recorded_at is not null
                      order by adjustment_no desc
                      limit 10) last
            ) a on s.version > 1
            where s.sale_id = $1 and s.lane = $2
            order by sku
            """;

    /** Nothing that was held before can be live any more; an hour more, because a lane's time may be behind. */
    private static final String RECENT = """
            (select now() + (s.clock_offset_ms - greatest(s.longest_hold_ms, s.max_hold_ms) - 3600000) * interval '1 millisecond'
             from sales s where s.sale_id = $1)
            """;

    /** From the newest to the oldest, as the key has them. */
    private static final String RECENT_HOLDS = """
            select *
            from reservations
            where sale_id = $1 and lane = $2 and state = 'held' and held_at >=
            """ + RECENT + """
            order by held_at desc, reservation_id desc
            """;

    /** Holds that are over and were not ended, because the lane stood still. */
    private static final String OLDER_HOLDS = RECENT_HOLDS.replace("held_at >=", "held_at <");

    /** A reservation's id begins with the 22 characters of its key. */
    private static final String REPEATED_HOLDS = """
            select *
            from (select *, row_number() over (partition by left(reservation_id, 22) order by held_at desc, reservation_id desc) as place
                  from reservations
                  where sale_id = $1 and lane = $2 and state = 'held') r
            where place > 1
            order by held_at, reservation_id
            """;

    /** What is no number of units counts as none. */
    private static final String SOLD = """
            select t.sku, sum(t.units)::bigint as units, sum(t.carts)::bigint as carts
            from (select l.sku collate "C" as sku, l.units::bigint as units, 1 as carts
                  from reservations r
                  cross join lateral json_each_text(case when json_typeof(r.lines) = 'object' then r.lines else '{}' end) as l(sku, units)
                  where r.sale_id = $1 and r.lane = $2 and r.state = 'confirmed' and l.units ~ '^[1-9][0-9]{0,8}$'
                  union all
                  select sku, units, reservations from past_reservations where sale_id = $1 and state = 'confirmed') t
            group by t.sku
            """;

    /** So that the key's order is used, whatever PostgreSQL takes for the size of the table: rows are to come at once. */
    private static final String IN_THE_ORDER_OF_KEYS = """
            set local enable_sort = off
            """;

    private static final String IN_ANY_ORDER = """
            set local enable_sort = on
            """;

    /** A million customers are grouped in memory. */
    private static final String ROOM_TO_GROUP = """
            set local work_mem = '256MB'
            """;

    private static final String PURCHASES_ADD_UP = """
            select exists (select from purchases_summed m
                           join lanes l using (sale_id, lane)
                           where m.sale_id = $1 and m.lane = $2 and (m.epoch, m.seq) <= (l.epoch, l.recorded_seq))
               and not exists (
                   select
                   from (select sku, sold from stock where sale_id = $1 and lane = $2) s
                   full join (select sku, sum(units) as units from purchases where sale_id = $1 and lane = $2 group by sku) p using (sku)
                   where coalesce(s.sold, 0) <> coalesce(p.units, 0)) as add_up
            """;

    /** Of SKUs whose adjustments are all recorded: what admins decided on, and what is to go as holds end. */
    private static final String OTHER_CAPACITIES = """
            select s.sku, k.capacity + s.pending as capacity
            from stock s
            join adjusted_skus k using (sale_id, sku)
            where s.sale_id = $1 and s.lane = $2 and s.version = k.capacity_version and s.capacity <> k.capacity + s.pending
            """;

    /** One number of each row, and no look into its lines: the price for seeing that a row of a purchase is gone. */
    private static final String ROWS_ADD_UP = """
            select coalesce((select sum(units) from reservations where sale_id = $1 and lane = $2 and state = 'confirmed'), 0)
                   + coalesce((select sum(units) from past_reservations where sale_id = $1 and state = 'confirmed'), 0)
                   = coalesce((select sum(units) from purchases where sale_id = $1 and lane = $2), 0) as add_up
            """;

    private static final String ALLOWANCES = """
            select customer_id, json_agg(json_build_array(sku, units)) as units
            from (select customer_id, sku, sum(units)::bigint as units
                  from (select customer_id, sku, units from purchases where sale_id = $1 and lane = $2
                        union all
                        select r.customer_id, l.sku collate "C", l.units::bigint
                        from reservations r
                        cross join lateral json_each_text(case when json_typeof(r.lines) = 'object' then r.lines else '{}' end) as l(sku, units)
                        where r.sale_id = $1 and r.lane = $2 and r.held_at >= $3 and r.state = 'held' and l.units ~ '^[1-9][0-9]{0,8}$') t
                  group by customer_id, sku) u
            group by customer_id
            """;

    /** Rows that are fetched at a time. */
    private static final int ROWS_AT_ONCE = 1_000;

    private final SqlConnection connection;
    private final Lane lane;

    LaneSnapshot(SqlConnection connection, Lane lane) {
        this.connection = connection;
        this.lane = lane;
    }

    /** The sale as its admins set it up. */
    public Future<Sale> sale() {
        return SaleRows.listed(connection, lane.saleId())
                .map(known -> known.listed().sale());
    }

    /** Every SKU whose putting up is recorded, by name. */
    public Future<List<StockedSku>> stock() {
        return connection
                .preparedQuery(STOCK)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> all(rows, LaneSnapshot::stockedSku));
    }

    /**
     * Some live holds.
     *
     * @param unreadable rows that are no reservation
     */
    public record Holds(List<RecordedLife> lives, List<UnreadableRow> unreadable) {}

    /**
     * A row of reservations that somebody changed to what is no reservation.
     *
     * @param text what is in it, for people
     */
    public record UnreadableRow(String reservationId, String text) {}

    /**
     * Hands on the live holds, the newest first, some at a time: all that can be live, and after them older ones, which were not ended in
     * time, as long as more are wanted. Who has all that is looked for need not wait for the rest of the sale's history to be searched.
     */
    public Future<Void> liveHolds(BooleanSupplier more, Function<Holds, Future<Void>> some) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number());
        return connection
                .query(IN_THE_ORDER_OF_KEYS)
                .execute()
                .compose(set -> pages(
                        RECENT_HOLDS, arguments, rows -> some.apply(holds(rows)).map(true)))
                .compose(done -> more.getAsBoolean()
                        ? pages(
                                OLDER_HOLDS,
                                arguments,
                                rows -> some.apply(holds(rows)).map(given -> more.getAsBoolean()))
                        : Future.succeededFuture())
                .compose(done -> connection.query(IN_ANY_ORDER).execute())
                .mapEmpty();
    }

    /** Live holds of requests that have a later one, too; the oldest first, without rows that are no reservation. Reads all that is live. */
    public Future<List<RestoredReservation>> repeatedHolds() {
        return connection
                .preparedQuery(REPEATED_HOLDS)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> {
                    List<RestoredReservation> repeated = new ArrayList<>();
                    for (Row row : rows) {
                        ReservationRows.readable(row).ifPresent(repeated::add);
                    }
                    return repeated;
                });
    }

    private static Holds holds(RowSet<Row> rows) {
        Holds holds = new Holds(new ArrayList<>(rows.size()), new ArrayList<>());
        for (Row row : rows) {
            ReservationRows.readable(row)
                    .ifPresentOrElse(
                            readable -> holds.lives()
                                    .add(new RecordedLife(readable, row.getLong("epoch"), row.getLong("seq"))),
                            () -> holds.unreadable()
                                    .add(new UnreadableRow(
                                            row.getString("reservation_id"),
                                            row.getString("state") + ", revision " + row.getLong("revision")
                                                    + ", customer " + row.getString("customer_id") + ", lines "
                                                    + row.getValue("lines"))));
        }
        return holds;
    }

    /**
     * Units of one SKU, and in how many carts.
     */
    public record Reserved(long units, long carts) {

        /** What nobody has. */
        public static final Reserved NONE = new Reserved(0, 0);

        /** With one cart more. */
        public Reserved plus(long more) {
            return new Reserved(units + more, carts + 1);
        }
    }

    /** What is confirmed, by SKU, with what is not among the reservations any more. Reads all of them. */
    public Future<Map<Sku, Reserved>> sold() {
        return connection
                .preparedQuery(SOLD)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> {
                    Map<Sku, Reserved> sold = new HashMap<>();
                    for (Row row : rows) {
                        if (Identifiers.isIdentifier(row.getString("sku"))) {
                            sold.put(
                                    new Sku(row.getString("sku")),
                                    new Reserved(row.getLong("units"), row.getLong("carts")));
                        }
                    }
                    return sold;
                });
    }

    /** The capacity that SKUs should have, of those that have another one than admins decided on. */
    public Future<Map<Sku, Long>> otherCapacities() {
        return connection
                .preparedQuery(OTHER_CAPACITIES)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> {
                    Map<Sku, Long> capacities = new HashMap<>();
                    rows.forEach(row -> capacities.put(new Sku(row.getString("sku")), row.getLong("capacity")));
                    return capacities;
                });
    }

    /** Whether {@link PurchaseBook} has summed what customers bought, and it comes to what is counted as sold. */
    public Future<Boolean> purchasesAddUp() {
        return addUp(PURCHASES_ADD_UP);
    }

    /** Whether the reservations that are confirmed, and those that left, come to what {@link PurchaseBook} has summed. */
    public Future<Boolean> rowsAddUp() {
        return addUp(ROWS_ADD_UP);
    }

    private Future<Boolean> addUp(String question) {
        return connection
                .preparedQuery(question)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> rows.iterator().next().getBoolean("add_up"));
    }

    /**
     * Hands on what customers hold or have bought, each customer once, some at a time. What they bought is as {@link PurchaseBook} has it.
     *
     * @param oldestHoldMs no live hold was held before
     */
    public Future<Void> allowances(long oldestHoldMs, Function<List<Allowance>, Future<Void>> some) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), Columns.time(oldestHoldMs));
        return connection
                .query(ROOM_TO_GROUP)
                .execute()
                .compose(set -> pages(
                        ALLOWANCES,
                        arguments,
                        rows -> some.apply(allowances(rows)).map(true)));
    }

    private Future<Void> pages(String sql, Tuple arguments, Function<RowSet<Row>, Future<Boolean>> page) {
        return connection.prepare(sql).compose(statement -> {
            Cursor cursor = statement.cursor(arguments);
            return new Pages(cursor, page).run().eventually(cursor::close).eventually(statement::close);
        });
    }

    /** The next page is read while one is worked on. */
    private static final class Pages {

        private final Cursor cursor;
        private final Function<RowSet<Row>, Future<Boolean>> page;
        private Future<RowSet<Row>> next;

        Pages(Cursor cursor, Function<RowSet<Row>, Future<Boolean>> page) {
            this.cursor = cursor;
            this.page = page;
            next = cursor.read(ROWS_AT_ONCE);
        }

        Future<Void> run() {
            return AsyncLoop.whileTrue(() -> next.compose(this::work));
        }

        private Future<Boolean> work(RowSet<Row> rows) {
            boolean more = cursor.hasMore();
            if (more) {
                next = cursor.read(ROWS_AT_ONCE);
            }
            Future<Boolean> worked = page.apply(rows);
            return Future.join(worked, more ? next : worked).map(both -> more && worked.result());
        }
    }

    private static <T> List<T> all(RowSet<Row> rows, Function<Row, T> read) {
        List<T> all = new ArrayList<>(rows.size());
        rows.forEach(row -> all.add(read.apply(row)));
        return all;
    }

    private static StockedSku stockedSku(Row row) {
        StockCount count = new StockCount(
                new Sku(row.getString("sku")),
                row.getLong("units"),
                row.getLong("available"),
                row.getLong("held"),
                row.getLong("sold"),
                row.getLong("capacity_version"));
        return new StockedSku(
                SkuRows.rules(row),
                count,
                row.getLong("pending"),
                row.getLong("adjustment_no"),
                adjustments(row.getJsonArray("adjustments")));
    }

    private static List<AppliedAdjustment> adjustments(@Nullable JsonArray rows) {
        List<AppliedAdjustment> adjustments = new ArrayList<>();
        for (int at = 0; rows != null && at < rows.size(); at++) {
            JsonArray row = rows.getJsonArray(at);
            Long pending = row.getLong(4);
            adjustments.add(new AppliedAdjustment(
                    row.getString(0), row.getLong(1), row.getLong(2), row.getLong(3), pending == null ? 0 : pending));
        }
        return adjustments;
    }

    /** Without those of customers whom nobody can name, as after somebody changed a row: no request can come from them. */
    private static List<Allowance> allowances(RowSet<Row> rows) {
        List<Allowance> allowances = new ArrayList<>(rows.size());
        for (Row row : rows) {
            if (Identifiers.isIdentifier(row.getString("customer_id"))) {
                allowances.add(allowance(row));
            }
        }
        return allowances;
    }

    private static Allowance allowance(Row row) {
        List<Allowance.Units> units = new ArrayList<>();
        for (Object pair : row.getJsonArray("units")) {
            JsonArray skuAndUnits = (JsonArray) pair;
            units.add(new Allowance.Units(new Sku(skuAndUnits.getString(0)), skuAndUnits.getLong(1)));
        }
        return new Allowance(new CustomerId(row.getString("customer_id")), units);
    }
}
