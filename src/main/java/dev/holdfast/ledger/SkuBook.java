package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The rules of each SKU, as admins set them up. Safe for all threads. */
public final class SkuBook {

    /** What became of a change. */
    public record SkuChange(SkuRules rules, boolean created) {}

    private static final String OF_SALE = """
            select * from adjusted_skus where sale_id = $1 order by sku
            """;

    private static final String PAGE = """
            select * from adjusted_skus where sale_id = $1 and sku > $2 order by sku limit $3
            """;

    /** Confirmations may overtake each other. Locked in the order of names, because others may confirm the same. */
    private static final String APPLIED = """
            with confirmed as (
                select k.sku, r.version
                from skus k
                join unnest($2::text[], $3::bigint[]) r(sku, version) on r.sku = k.sku
                where k.sale_id = $1 and k.applied_version < r.version
                order by k.sku
                for update of k
            )
            update skus k set applied_version = greatest(k.applied_version, c.version)
            from confirmed c where k.sale_id = $1 and k.sku = c.sku
            """;

    /** Who counts the SKUs of a sale must not meet another who adds some. */
    private static final String LOCK_SALE = """
            select sale_id from sales where sale_id = $1 for no key update
            """;

    private static final String COUNT = """
            select count(*) as skus from skus where sale_id = $1
            """;

    /** A lane's counts are read and audited in one step each: with so many SKUs that is a tenth of a second of Redis. */
    public static final int MOST_SKUS = 20_000;

    /** So many SKUs a statement: few enough that their JSON keeps no event loop busy. */
    private static final int SKUS_A_STATEMENT = 500;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public SkuBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** All SKUs of the sale, by name. */
    public Future<List<SkuRules>> skus(SaleId saleId) {
        return postgres.query("list SKUs of " + saleId, OF_SALE, Tuple.of(saleId.value()))
                .map(SkuBook::listed);
    }

    private static List<SkuRules> listed(RowSet<Row> rows) {
        List<SkuRules> skus = new ArrayList<>();
        rows.forEach(row -> skus.add(SkuRows.rules(row)));
        return skus;
    }

    /** Those of these SKUs that the sale has. */
    public Future<Map<Sku, SkuRules>> find(SaleId saleId, List<Sku> skus) {
        Map<Sku, SkuRules> found = new HashMap<>();
        return Chunks.inTurn(
                        skus,
                        SKUS_A_STATEMENT,
                        chunk -> SkuBatchRows.find(postgres, saleId, chunk)
                                .onSuccess(found::putAll)
                                .mapEmpty())
                .map(done -> found);
    }

    /** At most {@code limit} SKUs after this one, by name; the empty string is before all. */
    public Future<List<SkuRules>> page(SaleId saleId, String after, int limit) {
        return postgres.query("list SKUs of " + saleId, PAGE, Tuple.of(saleId.value(), after, limit))
                .map(SkuBook::listed);
    }

    /** How many SKUs the sale has. */
    public Future<Long> count(SaleId saleId) {
        return postgres.query("count SKUs of " + saleId, COUNT, Tuple.of(saleId.value()))
                .map(rows -> rows.iterator().next().getLong("skus"));
    }

    /** As {@link SaleBook#change}, for a SKU of a sale that is there. Fails with {@link TooManySkus}. */
    public Future<SkuChange> changeSku(
            AdminAction action, SaleId saleId, Sku sku, Function<Optional<SkuRules>, SkuRules> edit) {
        return postgres.inTransaction(
                "change SKU " + sku + " of " + saleId, connection -> write(connection, action, saleId, sku, edit));
    }

    /**
     * Creates and changes many SKUs of a sale that is there, all or none. The audit trail has each SKU that was really created or
     * changed, and the action for all of them, without a subject. Answers what was created or changed, by name. Fails with
     * {@link TooManySkus}.
     */
    public Future<List<SkuChange>> changeSkus(AdminAction action, SaleId saleId, SkuEdits edits) {
        return changeSkus(action, saleId, edits, connection -> Future.succeededFuture());
    }

    /** The same, and keeps what came of all with it: the import is stored, or nothing is changed. Fails with {@link ImportLost}. */
    public Future<List<SkuChange>> changeSkus(
            AdminAction action, SaleId saleId, SkuEdits edits, ImportClaim claim, Supplier<Future<String>> report) {
        return changeSkus(
                action,
                saleId,
                edits,
                connection -> report.get().compose(text -> ImportBook.store(connection, claim, text)));
    }

    private Future<List<SkuChange>> changeSkus(
            AdminAction action, SaleId saleId, SkuEdits edits, Function<SqlConnection, Future<Void>> end) {
        List<Sku> inOrder =
                edits.skus().stream().sorted(Comparator.comparing(Sku::value)).toList();
        return postgres.inTransaction("change SKUs of " + saleId, connection -> {
            List<SkuChange> changes = new ArrayList<>();
            return lockSale(connection, saleId)
                    .compose(locked -> Chunks.inTurn(
                            inOrder,
                            SKUS_A_STATEMENT,
                            chunk -> SkuBatch.change(connection, action, saleId, chunk, edits)
                                    .onSuccess(changes::addAll)
                                    .mapEmpty()))
                    .compose(changed -> requireRoom(connection, saleId))
                    .compose(counted -> AdminActions.add(connection, action, saleId, null, null, edits.told()))
                    .compose(told -> end.apply(connection))
                    .map(done -> changes);
        });
    }

    /** Redis has these versions of the SKUs' rules. */
    public Future<Void> skusApplied(SaleId saleId, List<SkuRules> applied) {
        Tuple arguments = Tuple.of(
                saleId.value(),
                Columns.texts(applied, rules -> rules.sku().value()),
                Columns.numbers(applied, SkuRules::version));
        return postgres.query("mark " + applied.size() + " SKUs of " + saleId, APPLIED, arguments)
                .mapEmpty();
    }

    private static Future<Void> lockSale(SqlConnection connection, SaleId saleId) {
        return connection
                .preparedQuery(LOCK_SALE)
                .execute(Tuple.of(saleId.value()))
                .mapEmpty();
    }

    private static Future<Void> requireRoom(SqlConnection connection, SaleId saleId) {
        return connection.preparedQuery(COUNT).execute(Tuple.of(saleId.value())).compose(counted -> {
            long skus = counted.iterator().next().getLong("skus");
            return skus > MOST_SKUS ? Future.failedFuture(new TooManySkus(saleId, skus)) : Future.succeededFuture();
        });
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
            return lockSale(connection, saleId)
                    .compose(locked -> SkuRows.insert(connection, saleId, first))
                    .compose(created -> created
                            ? created(connection, action, saleId, first)
                            : write(connection, action, saleId, sku, edit));
        });
    }

    private static Future<SkuChange> created(
            SqlConnection connection, AdminAction action, SaleId saleId, SkuRules first) {
        return requireRoom(connection, saleId)
                .compose(room -> AdminActions.add(
                        connection,
                        action.as(Kind.STOCK_CREATED),
                        saleId,
                        first.sku().value(),
                        null,
                        SkuRows.json(first)))
                .map(new SkuChange(first, true));
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
