package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry.StockSet;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The counts of each SKU, inside the recorder's transaction. Fails with {@link BooksDoNotAddUp}. */
final class StockRows {

    private static final String PUT_UP = """
            insert into stock (sale_id, lane, sku, capacity, available, held, sold, version)
            select $1, $2, s.sku, s.capacity, s.capacity, 0, 0, s.version
            from unnest($3::text[], $4::bigint[], $5::bigint[]) as s(sku, capacity, version)
            on conflict do nothing
            """;

    private static final String MOVE = """
            update stock s
            set available = s.available + m.available, held = s.held + m.held, sold = s.sold + m.sold,
                capacity = s.capacity + m.capacity, pending = s.pending + m.pending, version = greatest(s.version, m.version),
                adjustment_no = greatest(s.adjustment_no, m.adjustment_no), updated_at = now()
            from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
                as m(sku, available, held, sold, capacity, pending, version, adjustment_no)
            where s.sale_id = $1 and s.lane = $2 and s.sku = m.sku
            """;

    private static final String COUNT = """
            select sku, capacity, available, held, sold, version from stock where sale_id = $1 and lane = $2 order by sku
            """;

    private StockRows() {}

    /** A SKU that is put up a second time would have its units twice. */
    static Future<Void> putUp(SqlConnection connection, Lane lane, List<StockSet> stockSets) {
        if (stockSets.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                Columns.texts(stockSets, set -> set.sku().value()),
                Columns.numbers(stockSets, StockSet::capacity),
                Columns.numbers(stockSets, StockSet::version));
        return connection
                .preparedQuery(PUT_UP)
                .execute(arguments)
                .compose(inserted -> require(
                        inserted.rowCount() == stockSets.size(),
                        () -> "put up a second time, one of "
                                + stockSets.stream().map(StockSet::sku).toList()));
    }

    /** A SKU that was never put up has no units to move. */
    static Future<Void> move(SqlConnection connection, Lane lane, List<Fold.Move> moves) {
        if (moves.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple arguments = Tuple.of(
                lane.saleId().value(),
                lane.number(),
                Columns.texts(moves, move -> move.sku().value()),
                Columns.numbers(moves, Fold.Move::available),
                Columns.numbers(moves, Fold.Move::held),
                Columns.numbers(moves, Fold.Move::sold),
                Columns.numbers(moves, move -> move.capacity().units()),
                Columns.numbers(moves, move -> move.capacity().pending()),
                Columns.numbers(moves, move -> move.capacity().version()),
                Columns.numbers(moves, move -> move.capacity().adjustmentNo()));
        return connection
                .preparedQuery(MOVE)
                .execute(arguments)
                .compose(updated -> require(
                        updated.rowCount() == moves.size(),
                        () -> "never put up, one of "
                                + moves.stream().map(Fold.Move::sku).toList()));
    }

    /** All of the lane, by name. */
    static Future<List<StockCount>> count(SqlConnection connection, Lane lane) {
        return connection
                .preparedQuery(COUNT)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> {
                    List<StockCount> counts = new ArrayList<>();
                    rows.forEach(row -> counts.add(new StockCount(
                            new Sku(row.getString("sku")),
                            row.getLong("capacity"),
                            row.getLong("available"),
                            row.getLong("held"),
                            row.getLong("sold"),
                            row.getLong("version"))));
                    return counts;
                });
    }

    private static Future<Void> require(boolean addsUp, Supplier<String> otherwise) {
        return addsUp ? Future.succeededFuture() : Future.failedFuture(new BooksDoNotAddUp(otherwise.get()));
    }
}
