package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.SkuBook.SkuChange;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Creates and changes some hundred SKUs in a handful of statements, inside someone else's transaction. */
final class SkuBatch {

    private final List<SkuRules> created = new ArrayList<>();
    private final List<SkuRules> changed = new ArrayList<>();
    private final List<Sku> otherThresholds = new ArrayList<>();
    private final List<SkuChange> changes = new ArrayList<>();
    private final List<AdminActions.Subject> subjects = new ArrayList<>();

    private SkuBatch() {}

    /** Answers what was really created or changed. Nobody else may create SKUs of the sale meanwhile. */
    static Future<List<SkuChange>> change(
            SqlConnection connection, AdminAction action, SaleId saleId, List<Sku> skus, SkuEdits edits) {
        return SkuBatchRows.lock(connection, saleId, skus).compose(before -> {
            var batch = new SkuBatch();
            edits.wanted(skus, before).forEach(wanted -> batch.add(before, wanted));
            return batch.write(connection, action, saleId);
        });
    }

    private void add(Map<Sku, SkuRules> allBefore, SkuRules wanted) {
        SkuRules before = allBefore.get(wanted.sku());
        if (before == null) {
            SkuRules first = SkuRows.withVersion(wanted, 1);
            created.add(first);
            changes.add(new SkuChange(first, true));
            subjects.add(
                    new AdminActions.Subject(Kind.STOCK_CREATED, first.sku().value(), null, SkuRows.json(first)));
        } else if (!SkuRows.withVersion(wanted, before.version()).equals(before)) {
            SkuRules next = SkuRows.withVersion(wanted, before.version() + 1);
            changed.add(next);
            if (!Objects.equals(before.lowStockThreshold(), next.lowStockThreshold())) {
                otherThresholds.add(next.sku());
            }
            changes.add(new SkuChange(next, false));
            subjects.add(new AdminActions.Subject(
                    Kind.STOCK_CHANGED, next.sku().value(), SkuRows.json(before), SkuRows.json(next)));
        }
    }

    private Future<List<SkuChange>> write(SqlConnection connection, AdminAction action, SaleId saleId) {
        return (created.isEmpty() ? Future.<Void>succeededFuture() : SkuBatchRows.insert(connection, saleId, created))
                .compose(inserted -> changed.isEmpty()
                        ? Future.<Void>succeededFuture()
                        : SkuBatchRows.update(connection, saleId, changed))
                .compose(updated -> otherThresholds.isEmpty()
                        ? Future.<Void>succeededFuture()
                        : StockAlerts.tell(connection, saleId, otherThresholds, null))
                .compose(told -> subjects.isEmpty()
                        ? Future.<Void>succeededFuture()
                        : AdminActions.addMany(connection, action, saleId, subjects))
                .map(written -> changes);
    }
}
