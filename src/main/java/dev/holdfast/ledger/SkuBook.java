package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The rules of each SKU, as admins set them up. Safe for all threads. */
public final class SkuBook {

    /** What became of a change. */
    public record SkuChange(SkuRules rules, boolean created) {}

    private static final String OF_SALE = """
            select * from adjusted_skus where sale_id = $1 order by sku
            """;

    private static final String APPLIED = """
            update skus set applied_version = greatest(applied_version, $3) where sale_id = $1 and sku = $2
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public SkuBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** All SKUs of the sale, by name. */
    public Future<List<SkuRules>> skus(SaleId saleId) {
        return postgres.query("list SKUs of " + saleId, OF_SALE, Tuple.of(saleId.value()))
                .map(rows -> {
                    List<SkuRules> skus = new ArrayList<>();
                    rows.forEach(row -> skus.add(SkuRows.rules(row)));
                    return skus;
                });
    }

    /** As {@link SaleBook#change}, for a SKU of a sale that is there. */
    public Future<SkuChange> changeSku(
            AdminAction action, SaleId saleId, Sku sku, Function<Optional<SkuRules>, SkuRules> edit) {
        return postgres.inTransaction(
                "change SKU " + sku + " of " + saleId, connection -> write(connection, action, saleId, sku, edit));
    }

    /** Redis has this version of the SKU's rules. */
    public Future<Void> skuApplied(SaleId saleId, Sku sku, long version) {
        return postgres.query(
                        "mark SKU " + sku + " of " + saleId, APPLIED, Tuple.of(saleId.value(), sku.value(), version))
                .mapEmpty();
    }

    private static Future<SkuChange> write(
            SqlConnection connection,
            AdminAction action,
            SaleId saleId,
            Sku sku,
            Function<Optional<SkuRules>, SkuRules> edit) {
        return SkuRows.lock(connection, saleId, sku).compose(before -> {
            SkuRules wanted = edit.apply(before);
            if (before.isPresent()) {
                return update(connection, action, saleId, before.get(), wanted);
            }
            SkuRules first = SkuRows.withVersion(wanted, 1);
            return SkuRows.insert(connection, saleId, first)
                    .compose(created -> created
                            ? AdminActions.add(
                                            connection,
                                            action.as(Kind.STOCK_CREATED),
                                            saleId,
                                            sku.value(),
                                            null,
                                            SkuRows.json(first))
                                    .map(new SkuChange(first, true))
                            : write(connection, action, saleId, sku, edit));
        });
    }

    private static Future<SkuChange> update(
            SqlConnection connection, AdminAction action, SaleId saleId, SkuRules before, SkuRules wanted) {
        if (SkuRows.withVersion(wanted, before.version()).equals(before)) {
            return Future.succeededFuture(new SkuChange(before, false));
        }
        SkuRules next = SkuRows.withVersion(wanted, before.version() + 1);
        return SkuRows.update(connection, saleId, next)
                .compose(updated -> AdminActions.add(
                        connection, action, saleId, before.sku().value(), SkuRows.json(before), SkuRows.json(next)))
                .compose(updated -> Objects.equals(before.lowStockThreshold(), next.lowStockThreshold())
                        ? Future.succeededFuture()
                        : StockAlerts.tell(connection, saleId, List.of(next.sku()), null))
                .map(new SkuChange(next, false));
    }
}
