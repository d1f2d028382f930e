package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Tells, as events, what the stock of SKUs came to, inside the transaction that brought it about. What was told stands beside the
 * counts, so nothing is told twice. Each sale has one lane.
 */
final class StockAlerts {

    /**
     * The lock lets a change of a threshold and a recorder decide one after the other; the condition is looked at again when it is
     * there. Reorders follow from being low, so they come after it.
     */
    private static final String TELL = """
            with turned as (
                select s.lane, s.sku, s.capacity, s.available, s.held, s.sold, s.low_threshold, s.low, s.sold_out,
                       is_low(s.low, s.available, s.low_threshold) as low_now,
                       is_sold_out(s.sold_out, s.available, s.held) as sold_out_now
                from stock s
                where s.sale_id = $1 and s.sku = any ($2)
                  and (s.low <> is_low(s.low, s.available, s.low_threshold)
                       or s.sold_out <> is_sold_out(s.sold_out, s.available, s.held))
                for no key update
            ), remembered as (
                update stock s
                set low = t.low_now, sold_out = t.sold_out_now
                from turned t
                where s.sale_id = $1 and s.lane = t.lane and s.sku = t.sku
            ), told as (
                select t.*, (select k.reorder_quantity from skus k where k.sale_id = $1 and k.sku = t.sku) as reorder_quantity
                from turned t
            )
            insert into events (type, sale_id, subject, at, data)
            select e.type, $1, t.sku,
                   coalesce($3, (select now() + k.clock_offset_ms * interval '1 millisecond' from sales k where k.sale_id = $1)),
                   json_build_object('saleId', $1::text, 'sku', t.sku, 'capacity', t.capacity, 'available', t.available,
                                     'held', t.held, 'sold', t.sold, 'lowStockThreshold', t.low_threshold,
                                     'reorderQuantity', t.reorder_quantity)
            from told t
            cross join lateral (values
                (1, 'dev.holdfast.stock.back-in-stock', t.sold_out and not t.sold_out_now),
                (2, 'dev.holdfast.stock.low', t.low_now and not t.low),
                (3, 'dev.holdfast.stock.reorder-requested', t.low_now and not t.low and t.reorder_quantity > 0),
                (4, 'dev.holdfast.stock.sold-out', t.sold_out_now and not t.sold_out)
            ) as e(place, type, happened)
            where e.happened
            order by t.sku, e.place
            """;

    private StockAlerts() {}

    /**
     * Tells what is not told yet of these SKUs. To be the last in the transaction: from here on others who have something to tell
     * wait for its end.
     *
     * @param atMs when it came to this, ms since 1970 by the sale's clock; null for now
     */
    static Future<Void> tell(SqlConnection connection, SaleId saleId, Collection<Sku> skus, @Nullable Long atMs) {
        if (skus.isEmpty()) {
            return Future.succeededFuture();
        }
        String[] names = skus.stream().map(Sku::value).toArray(String[]::new);
        return connection
                .preparedQuery(TELL)
                .execute(Tuple.of(saleId.value(), names, Columns.timeOrNull(atMs)))
                .mapEmpty();
    }
}
