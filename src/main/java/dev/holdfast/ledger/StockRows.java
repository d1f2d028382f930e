package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry.StockSet;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The counts of each SKU, inside the recorder's transaction. Fails with {@link BooksDoNotAddUp}. */
final class StockRows {

    /** Begins as it is: nothing crossed its threshold yet. An admin who changes that meanwhile waits, and finds the SKU here. */
    private static final String PUT_UP = """
            insert into stock (sale_id, lane, sku, capacity, available, held, sold, version, low_threshold, low, sold_out)
            select s.sale_id, s.lane, s.sku, s.capacity, s.capacity, 0, 0, s.version, r.threshold,
                   is_low(false, s.capacity, r.threshold), is_sold_out(false, s.capacity, 0)
            from unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bigint[]) as s(sale_id, lane, sku, capacity, version)
            left join lateral (select k.low_stock_threshold as threshold
                               from skus k where k.sale_id = s.sale_id and k.sku = s.sku for share) r on true
            on conflict do nothing
            """;

    /** Names those of the SKUs of which something is to be told; hardly ever any. */
    private static final String MOVE = """
            with moved as (
                update stock s
                set available = s.available + m.available, held = s.held + m.held, sold = s.sold + m.sold,
                    holds = s.holds + m.holds, sales = s.sales + m.sales,
                    capacity = s.capacity + m.capacity, pending = s.pending + m.pending, version = greatest(s.version, m.version),
                    adjustment_no = greatest(s.adjustment_no, m.adjustment_no), updated_at = now()
                from unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                             $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
                         with ordinality as m(sale_id, lane, sku, available, held, sold, holds, sales, capacity, pending, version,
                                              adjustment_no, place)
                where s.sale_id = m.sale_id and s.lane = m.lane and s.sku = m.sku
                returning m.place, s.available, s.held, s.low_threshold, s.low, s.sold_out
            )
            select count(*) as moved,
                   coalesce(array_agg(place) filter (where low <> is_low(low, available, low_threshold)
                                                        or sold_out <> is_sold_out(sold_out, available, held)), '{}') as turned
            from moved
            """;

    private static final String COUNT = """
            select sku, capacity, available, held, sold, version from stock where sale_id = $1 and lane = $2 order by sku
            """;

    /** With the cursor, of one snapshot. */
    private static final String RECORDED = """
            select s.*, l.epoch, l.recorded_seq
            from stock s
            join lanes l on l.sale_id = s.sale_id and l.lane = s.lane
            where s.sale_id = $1 and s.sku = $2
            """;

    private StockRows() {}

    /** A SKU that is put up a second time would have its units twice. */
    static Future<Void> putUp(SqlConnection connection, List<InLane<StockSet>> stockSets) {
        if (stockSets.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple arguments = Tuple.of(
                InLane.saleIds(stockSets),
                InLane.numbers(stockSets),
                Columns.texts(stockSets, set -> set.row().sku().value()),
                Columns.numbers(stockSets, set -> set.row().capacity()),
                Columns.numbers(stockSets, set -> set.row().version()));
        return connection
                .preparedQuery(PUT_UP)
                .execute(arguments)
                .compose(inserted -> require(
                        inserted.rowCount() == stockSets.size(),
                        () -> "put up a second time, one of "
                                + stockSets.stream().map(set -> set.row().sku()).toList()));
    }

    /** A SKU that was never put up has no units to move. Answers those that came to something that {@link StockAlerts} tells. */
    static Future<List<InLane<Sku>>> move(SqlConnection connection, List<InLane<Fold.Move>> moves) {
        if (moves.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        Tuple arguments = Tuple.of(
                InLane.saleIds(moves),
                InLane.numbers(moves),
                Columns.texts(moves, move -> move.row().sku().value()),
                Columns.numbers(moves, move -> move.row().available()),
                Columns.numbers(moves, move -> move.row().held()),
                Columns.numbers(moves, move -> move.row().sold()),
                Columns.numbers(moves, move -> move.row().carts().holds()),
                Columns.numbers(moves, move -> move.row().carts().sales()),
                Columns.numbers(moves, move -> move.row().capacity().units()),
                Columns.numbers(moves, move -> move.row().capacity().pending()),
                Columns.numbers(moves, move -> move.row().capacity().version()),
                Columns.numbers(moves, move -> move.row().capacity().adjustmentNo()));
        return connection.preparedQuery(MOVE).execute(arguments).compose(rows -> {
            Row row = rows.iterator().next();
            return require(
                            row.getLong("moved") == moves.size(),
                            () -> "never put up, one of "
                                    + moves.stream()
                                            .map(move -> move.row().sku())
                                            .toList())
                    .map(Arrays.stream(row.getArrayOfLongs("turned"))
                            .map(place -> moves.get(place.intValue() - 1))
                            .map(move -> new InLane<>(move.lane(), move.row().sku()))
                            .toList());
        });
    }

    /** All of the lane, by name. */
    static Future<List<StockCount>> count(SqlConnection connection, Lane lane) {
        return connection
                .preparedQuery(COUNT)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(StockRows::counts);
    }

    /** From rows of stock. */
    static List<StockCount> counts(RowSet<Row> rows) {
        List<StockCount> counts = new ArrayList<>();
        rows.forEach(row -> counts.add(count(row)));
        return counts;
    }

    /** Where the units of one SKU are; empty while its ledger entry is not recorded. */
    static Future<Optional<RecordedStock>> recorded(Postgres postgres, SaleId saleId, Sku sku) {
        return postgres.query(
                        "count " + sku + " of " + saleId + " in the books",
                        RECORDED,
                        Tuple.of(saleId.value(), sku.value()))
                .map(rows -> SaleRows.first(rows)
                        .map(row -> new RecordedStock(
                                count(row),
                                row.getLong("pending"),
                                row.getLong("holds"),
                                row.getLong("sales"),
                                new LedgerPlace(row.getLong("epoch"), row.getLong("recorded_seq")))));
    }

    static StockCount count(Row row) {
        return new StockCount(
                new Sku(row.getString("sku")),
                row.getLong("capacity"),
                row.getLong("available"),
                row.getLong("held"),
                row.getLong("sold"),
                row.getLong("version"));
    }

    private static Future<Void> require(boolean addsUp, Supplier<String> otherwise) {
        return addsUp ? Future.succeededFuture() : Future.failedFuture(new BooksDoNotAddUp(otherwise.get()));
    }
}
