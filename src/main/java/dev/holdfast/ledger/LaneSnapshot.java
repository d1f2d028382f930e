package dev.holdfast.ledger;

import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.CustomerId;
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

    /** A key may have been used again a day after its reservation ended: the newest is the one that Redis has. */
    private static final String RESERVATIONS = """
            select distinct on (left(reservation_id, 22)) *
            from reservations
            where sale_id = $1 and lane = $2 and (state = 'held' or ended_at > $3)
            order by left(reservation_id, 22), held_at desc
            """;

    private static final String ALLOWANCES = """
            select customer_id, json_agg(json_build_array(sku, units) order by sku) as units
            from allowances
            where sale_id = $1 and lane = $2
            group by customer_id
            """;

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

    /** Hands on the live holds and what ended after that moment, each key once, so many at a time at most. */
    public Future<Void> reservations(
            long endedAfterMs, int most, Function<List<RestoredReservation>, Future<Void>> some) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), Columns.time(endedAfterMs));
        return pages(RESERVATIONS, arguments, most, rows -> some.apply(all(rows, ReservationRows::recorded)));
    }

    /** Hands on what customers hold or have bought, each customer once, so many at a time at most. */
    public Future<Void> allowances(int most, Function<List<Allowance>, Future<Void>> some) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number());
        return pages(ALLOWANCES, arguments, most, rows -> some.apply(all(rows, LaneSnapshot::allowance)));
    }

    private Future<Void> pages(String sql, Tuple arguments, int most, Function<RowSet<Row>, Future<Void>> page) {
        return connection.prepare(sql).compose(statement -> {
            Cursor cursor = statement.cursor(arguments);
            return cursor.read(most)
                    .compose(first -> handOn(cursor, first, most, page))
                    .eventually(cursor::close)
                    .eventually(statement::close);
        });
    }

    /** The next page is read while this one is worked on. */
    private static Future<Void> handOn(
            Cursor cursor, RowSet<Row> rows, int most, Function<RowSet<Row>, Future<Void>> page) {
        Future<Void> handed = page.apply(rows);
        if (!cursor.hasMore()) {
            return handed;
        }
        Future<RowSet<Row>> next = cursor.read(most);
        return Future.join(handed, next).compose(both -> handOn(cursor, next.result(), most, page));
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
