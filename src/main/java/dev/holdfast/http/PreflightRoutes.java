package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.preflight.Finding;
import dev.holdfast.admin.preflight.Preflight;
import dev.holdfast.admin.preflight.Report;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Admins have a sale looked over. */
final class PreflightRoutes {

    private final Preflight preflight;

    PreflightRoutes(Preflight preflight) {
        this.preflight = preflight;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/v1/admin/sales/{saleId}/preflight", Access.ADMIN, this::report));
    }

    private Future<Reply> report(Call call) {
        SaleId saleId = call.saleId();
        return preflight
                .report(saleId)
                .map(report -> report.<Reply>map(found -> Answer.json(200, json -> write(json, found)))
                        .orElseGet(() -> NotFound.sale(saleId)));
    }

    private static void write(JsonGenerator json, Report report) throws IOException {
        json.writeBooleanField("ready", report.ready());
        Json.list(json, "findings", report.findings(), PreflightRoutes::finding);
    }

    private static void finding(JsonGenerator json, Finding finding) throws IOException {
        json.writeStringField("code", finding.code());
        json.writeStringField("severity", finding.severity().word());
        json.writeStringField("detail", finding.detail());
        for (Map.Entry<String, Long> number : finding.numbers().entrySet()) {
            json.writeNumberField(number.getKey(), number.getValue());
        }
        if (!finding.skus().isEmpty()) {
            json.writeArrayFieldStart("skus");
            for (String sku : finding.skus()) {
                json.writeString(sku);
            }
            json.writeEndArray();
        }
    }
}
