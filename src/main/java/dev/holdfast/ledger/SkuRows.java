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

    /** After the lock: what others had under way when it was asked for is seen now. */
    private static final String ONE = """
            select * from adjusted_skus where sale_id = $1 and sku = $2
            """;

    /** As with sales: of two who create it at once, the second sees the first's row. */
    private static final String INSERT = """
            insert into skus (sale_id, sku, product_id, attributes, price, per_customer_limit, low_stock_threshold,
                              reorder_quantity, version, capacity)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (sale_id, sku) do nothing
            """;

    private static final String UPDATE = """
            update skus
            set product_id = $3, attributes = $4, price = $5, per_customer_limit = $6, low_stock_threshold = $7,
                reorder_quantity = $8, version = $9, updated_at = now()
            where sale_id = $1 and sku = $2
            """;

    private SkuRows() {}

    /** Nobody else changes the SKU's rules until the transaction is over. */
    static Future<Optional<SkuRules>> lock(SqlConnection connection, SaleId saleId, Sku sku) {
        Tuple arguments = Tuple.of(saleId.value(), sku.value());
        return connection
                .preparedQuery(LOCK)
                .execute(arguments)
                .compose(locked -> connection.preparedQuery(ONE).execute(arguments))
                .map(rows -> SaleRows.first(rows).map(SkuRows::rules));
    }

    /** False where another transaction was faster. */
    static Future<Boolean> insert(SqlConnection connection, SaleId saleId, SkuRules rules) {
        return connection
                .preparedQuery(INSERT)
                .execute(values(saleId, rules).addLong(rules.capacity()))
                .map(inserted -> inserted.rowCount() > 0);
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
        return Tuple.from(new @Nullable Object[] {
            saleId.value(),
            rules.sku().value(),
            rules.productId(),
            attributes(rules),
            rules.price(),
            rules.perCustomerLimit(),
            rules.lowStockThreshold(),
            rules.reorderQuantity(),
            rules.version()
        });
    }

    /** As the audit trail shows it. */
    static JsonObject json(SkuRules rules) {
        return new JsonObject()
                .put("capacity", rules.capacity())
                .put("productId", rules.productId())
                .put("attributes", attributes(rules))
                .put("price", rules.price())
                .put("perCustomerLimit", rules.perCustomerLimit() == 0 ? null : rules.perCustomerLimit())
                .put("lowStockThreshold", rules.lowStockThreshold())
                .put("reorderQuantity", rules.reorderQuantity())
                .put("version", rules.version());
    }

    static JsonObject attributes(SkuRules rules) {
        JsonObject attributes = new JsonObject();
        rules.attributes().forEach(attributes::put);
        return attributes;
    }
}
