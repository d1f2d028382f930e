package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.AdjustmentList;
import dev.holdfast.admin.Adjustments;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.StoredAdjustment;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Admins restock and correct stock, and see who did. */
final class AdjustmentRoutes {

    private static final String ADJUSTMENTS = "/v1/admin/sales/{saleId}/stock/{sku}/adjustments";

    private final Adjustments adjustments;

    AdjustmentRoutes(Adjustments adjustments) {
        this.adjustments = adjustments;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post(ADJUSTMENTS, Access.ADMIN, this::adjust),
                Endpoint.get(ADJUSTMENTS, Access.ADMIN, this::list));
    }

    private Future<Reply> adjust(Call call) {
        SaleId saleId = call.saleId();
        Sku sku = call.sku();
        String key = IdempotencyKey.required(call.headers(IdempotencyKey.HEADER));
        AdjustmentBody body = AdjustmentBody.read(call.json(), key);
        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.STOCK_ADJUSTED, body.reason());
        return adjustments
                .adjust(action, saleId, sku, body.request())
                .map(outcome -> AdjustmentAnswers.reply(outcome, saleId, sku));
    }

    private Future<Reply> list(Call call) {
        SaleId saleId = call.saleId();
        Sku sku = call.sku();
        Page page = Page.of(call);
        return adjustments
                .list(saleId, sku, page.afterNumber(Long.MAX_VALUE), page.look())
                .map(list -> switch (list) {
                    case AdjustmentList.Found found ->
                        Answer.json(
                                200,
                                json -> page.write(
                                        json,
                                        found.adjustments(),
                                        stored -> Long.toString(
                                                stored.adjustment().number()),
                                        AdjustmentRoutes::write));
                    case AdjustmentList.NoSuchSku none -> NotFound.sku(sku);
                    case AdjustmentList.NoSuchSale none -> NotFound.sale(saleId);
                });
    }

    private static void write(JsonGenerator json, StoredAdjustment stored) throws IOException {
        Adjustment adjustment = stored.adjustment();
        json.writeStringField("adjustmentId", adjustment.id());
        json.writeNumberField("before", adjustment.before());
        json.writeNumberField("after", adjustment.after());
        json.writeNumberField("version", adjustment.version());
        json.writeStringField("state", stored.state().name().toLowerCase(Locale.ROOT));
        Json.numberOrNull(json, "pendingReduction", stored.pendingReduction());
        json.writeStringField("reason", stored.reason());
        Json.textOrNull(json, "reference", stored.reference());
        json.writeStringField("actor", stored.author().actor());
        json.writeStringField("keyName", stored.author().keyName());
        json.writeStringField("requestId", stored.author().requestId());
        json.writeStringField("at", Rfc3339.text(stored.createdAtMs()));
    }
}
