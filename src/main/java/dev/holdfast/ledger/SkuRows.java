package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** SKUs and their rules as rows, inside someone else's transaction. */
final class SkuRows {

    private static final String LOCK = """
            select * from skus where sale_id = $1 and sku = $2 for update
            """;

    /** As with sales: of two who create it at once, the second sees the first's row. */
    private static final String INSERT = """
            insert into skus (sale_id, sku, capacity, product_id, attributes, price, per_customer_limit,
                              low_stock_threshold, reorder_quantity, version)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (sale_id, sku) do nothing
            """;

    private static final String UPDATE = """
            update skus
            set capacity = $3, product_id = $4, attributes = $5, price = $6, per_customer_limit = $7,
                low_stock_threshold = $8, reorder_quantity = $9, version = $10, updated_at = now()
            where sale_id = $1 and sku = $2
            """;

    private SkuRows() {}

    /** Nobody else changes the SKU's rules until the transaction is over. */
    static Future<Optional<SkuRules>> lock(SqlConnection connection, SaleId saleId, Sku sku) {
        return connection
                .preparedQuery(LOCK)
                .execute(Tuple.of(saleId.value(), sku.value()))
                .map(rows -> SaleRows.first(rows).map(SkuRows::rules));
    }

    /** False where another transaction was faster. */
    static Future<Boolean> insert(SqlConnection connection, SaleId saleId, SkuRules rules) {
        return connection.preparedQuery(INSERT).execute(values(saleId, rules)).map(inserted -> inserted.rowCount() > 0);
    }

    static Future<Void> update(SqlConnection connection, SaleId saleId, SkuRules rules) {
        return connection.preparedQuery(UPDATE).execute(values(saleId, rules)).mapEmpty();
    }

    static SkuRules rules(Row row) {
        Map<String, String> attributes = new LinkedHashMap<>();
        row.getJsonObject("attributes").forEach(entry -> attributes.put(entry.getKey(), (String) entry.getValue()));
        return new SkuRules(
                new Sku(row.getString("sku")),
                row.getLong("capacity"),
                row.getString("product_id"),
                Collections.unmodifiableMap(attributes),
                row.getLong("price"),
                row.getLong("per_customer_limit"),
                row.getLong("low_stock_threshold"),
                row.getLong("reorder_quantity"),
                row.getLong("version"));
    }

    static SkuRules withVersion(SkuRules rules, long version) {
        return new SkuRules(
                rules.sku(),
                rules.capacity(),
                rules.productId(),
                rules.attributes(),
                rules.price(),
                rules.perCustomerLimit(),
                rules.lowStockThreshold(),
                rules.reorderQuantity(),
                version);
    }

    private static Tuple values(SaleId saleId, SkuRules rules) {
        JsonObject attributes = new JsonObject();
        rules.attributes().forEach(attributes::put);
        return Tuple.from(new @Nullable Object[] {
            saleId.value(),
            rules.sku().value(),
            rules.capacity(),
            rules.productId(),
            attributes,
            rules.price(),
            rules.perCustomerLimit(),
            rules.lowStockThreshold(),
            rules.reorderQuantity(),
            rules.version()
        });
    }
}
