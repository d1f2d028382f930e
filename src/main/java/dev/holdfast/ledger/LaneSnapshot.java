package dev.holdfast.ledger;

import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
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
import java.util.List;
import java.util.function.Function;

/** All that the books know of one lane, as of one moment, however long reading it takes. Lives in one transaction. */
public final class LaneSnapshot {

    private static final String STOCK = """
            select k.*, s.capacity as units, s.available, s.held, s.sold, s.version as capacity_version,
                   s.pending, s.adjustment_no
            from stock s
            join skus k using (sale_id, sku)
            where s.sale_id = $1 and s.lane = $2
            order by sku
            """;

    /** From the newest to the oldest, as the key has them: live holds are among the newest. Only one of a key can be live. */
    private static final String LIVE_HOLDS = """
            select *
            from reservations
            where sale_id = $1 and lane = $2 and state = 'held'
            order by held_at desc, reservation_id desc
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
                   from stock s
                   left join (select sku, sum(units) as units from purchases where sale_id = $1 and lane = $2 group by sku) p using (sku)
                   where s.sale_id = $1 and s.lane = $2 and s.sold <> coalesce(p.units, 0)) as add_up
            """;

    private static final String ALLOWANCES = """
            select customer_id, json_agg(json_build_array(sku, units)) as units
            from (select customer_id, sku, sum(units)::bigint as units
                  from (select customer_id, sku, units from purchases where sale_id = $1 and lane = $2
                        union all
                        select r.customer_id, l.sku collate "C", l.units::bigint
                        from reservations r
                        cross join lateral json_each_text(r.lines) as l(sku, units)
                        where r.sale_id = $1 and r.lane = $2 and r.held_at >= $3 and r.state = 'held') t
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
     * Hands on the live holds, the newest first, some at a time, until there are no more or one of the answers is false: whoever has all
     * that he looks for need not wait for the rest of the sale's history to be searched.
     */
    public Future<Void> liveHolds(Function<List<RecordedLife>, Future<Boolean>> some) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number());
        return connection
                .query(IN_THE_ORDER_OF_KEYS)
                .execute()
                .compose(set -> pages(LIVE_HOLDS, arguments, rows -> some.apply(all(rows, ConclusionBook::life))))
                .compose(done -> connection.query(IN_ANY_ORDER).execute())
                .mapEmpty();
    }

    /** Whether {@link PurchaseBook} has summed what customers bought, and it comes to what is counted as sold. */
    public Future<Boolean> purchasesAddUp() {
        return connection
                .preparedQuery(PURCHASES_ADD_UP)
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
                        rows -> some.apply(all(rows, LaneSnapshot::allowance)).map(true)));
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
        return new StockedSku(SkuRows.rules(row), count, row.getLong("pending"), row.getLong("adjustment_no"));
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
