package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Many SKUs of one sale in one statement, inside someone else's transaction. */
final class SkuBatchRows {

    /** In the order of their names, so that two who lock the same SKUs do not wait for each other in a circle. */
    private static final String LOCK = """
            select sku from skus where sale_id = $1 and sku = any ($2) order by sku for update
            """;

    /** After the lock, as in {@link SkuRows}. */
    private static final String THESE = """
            select * from adjusted_skus where sale_id = $1 and sku = any ($2)
            """;

    private static final String INSERT = """
            insert into skus (sale_id, sku, product_id, attributes, price, per_customer_limit, low_stock_threshold,
                              reorder_quantity, version, capacity)
            select $1, r.sku, r.product_id, r.attributes::json, r.price, r.per_customer_limit, r.low_stock_threshold,
                   r.reorder_quantity, r.version, r.capacity
            from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                        $9::bigint[], $10::bigint[])
                 r(sku, product_id, attributes, price, per_customer_limit, low_stock_threshold, reorder_quantity, version,
                   capacity)
            """;

    private static final String UPDATE = """
            update skus k
            set product_id = r.product_id, attributes = r.attributes::json, price = r.price,
                per_customer_limit = r.per_customer_limit, low_stock_threshold = r.low_stock_threshold,
                reorder_quantity = r.reorder_quantity, version = r.version, updated_at = now()
            from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                        $9::bigint[])
                 r(sku, product_id, attributes, price, per_customer_limit, low_stock_threshold, reorder_quantity, version)
            where k.sale_id = $1 and k.sku = r.sku
            """;

    private SkuBatchRows() {}

    /** What there is of these; nobody else changes it until the transaction is over. */
    static Future<Map<Sku, SkuRules>> lock(SqlConnection connection, SaleId saleId, List<Sku> skus) {
        Tuple arguments = names(saleId, skus);
        return connection
                .preparedQuery(LOCK)
                .execute(arguments)
                .compose(locked -> connection.preparedQuery(THESE).execute(arguments))
                .map(SkuBatchRows::bySku);
    }

    /** What there is of these, unlocked. */
    static Future<Map<Sku, SkuRules>> find(Postgres postgres, SaleId saleId, List<Sku> skus) {
        return postgres.query("find SKUs of " + saleId, THESE, names(saleId, skus))
                .map(SkuBatchRows::bySku);
    }

    static Future<Void> insert(SqlConnection connection, SaleId saleId, List<SkuRules> rules) {
        Tuple arguments = values(saleId, rules).addValue(Columns.numbers(rules, SkuRules::capacity));
        return connection.preparedQuery(INSERT).execute(arguments).mapEmpty();
    }

    static Future<Void> update(SqlConnection connection, SaleId saleId, List<SkuRules> rules) {
        return connection.preparedQuery(UPDATE).execute(values(saleId, rules)).mapEmpty();
    }

    private static Tuple names(SaleId saleId, List<Sku> skus) {
        return Tuple.of(saleId.value()).addValue(Columns.texts(skus, Sku::value));
    }

    private static Map<Sku, SkuRules> bySku(RowSet<Row> rows) {
        Map<Sku, SkuRules> found = new HashMap<>();
        for (Row row : rows) {
            SkuRules rules = SkuRows.rules(row);
            found.put(rules.sku(), rules);
        }
        return found;
    }

    private static Tuple values(SaleId saleId, List<SkuRules> rules) {
        return Tuple.from(new @Nullable Object[] {
            saleId.value(),
            Columns.texts(rules, each -> each.sku().value()),
            Columns.texts(rules, SkuRules::productId),
            Columns.texts(rules, each -> SkuRows.attributes(each).encode()),
            Columns.numbers(rules, SkuRules::price),
            Columns.numbers(rules, SkuRules::perCustomerLimit),
            Columns.numbers(rules, SkuRules::lowStockThreshold),
            Columns.numbers(rules, SkuRules::reorderQuantity),
            Columns.numbers(rules, SkuRules::version)
        });
    }
}
