package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.StockExplanation;
import dev.holdfast.ledger.RecordedStock;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;

/** Admins ask where the units of a SKU are. */
final class StockExplainRoutes {

    private final AdminRoutes.Finding finding;

    StockExplainRoutes(AdminRoutes.Finding finding) {
        this.finding = finding;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/v1/admin/sales/{saleId}/stock/{sku}/explain", Access.ADMIN, this::explain));
    }

    private Future<Reply> explain(Call call) {
        SaleId saleId = call.saleId();
        Sku sku = call.sku();
        return finding.explainer().explain(saleId, sku).map(explanation -> switch (explanation) {
            case StockExplanation.Explained explained -> Answer.json(200, json -> write(json, sku, explained));
            case StockExplanation.NoSuchSku none -> NotFound.sku(sku);
            case StockExplanation.NoSuchSale none -> NotFound.sale(saleId);
        });
    }

    private static void write(JsonGenerator json, Sku sku, StockExplanation.Explained explanation) throws IOException {
        json.writeStringField("sku", sku.value());
        json.writeObjectFieldStart("now");
        StockJson.writeUnits(json, explanation.now());
        json.writeEndObject();
        if (explanation.recorded().isPresent()) {
            json.writeObjectFieldStart("recorded");
            recorded(json, explanation.recorded().get());
            json.writeEndObject();
        } else {
            json.writeNullField("recorded");
        }
        json.writeObjectFieldStart("nextExpiries");
        Json.list(json, "items", explanation.expiries().soonest(), (generator, hold) -> expiry(generator, sku, hold));
        json.writeBooleanField("complete", explanation.expiries().complete());
        json.writeEndObject();
        Json.list(json, "lastAdjustments", explanation.adjustments(), AdjustmentRoutes::write);
    }

    private static void recorded(JsonGenerator json, RecordedStock stock) throws IOException {
        json.writeStringField("position", stock.place().toString());
        StockJson.writeUnits(json, stock.count());
        json.writeNumberField("pendingReduction", stock.pendingReduction());
        json.writeNumberField("heldBy", stock.holds());
        json.writeNumberField("soldBy", stock.sales());
    }

    private static void expiry(JsonGenerator json, Sku sku, Reservation hold) throws IOException {
        json.writeStringField("reservationId", hold.id().value());
        json.writeStringField("customerId", hold.customerId().value());
        for (Line line : hold.cart().lines()) {
            if (line.sku().equals(sku)) {
                json.writeNumberField("quantity", line.quantity());
            }
        }
        Json.time(json, "expiresAt", hold.expiresAtMs());
        json.writeNumberField("expiresInMs", hold.remainingMs());
    }
}
