package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.ledger.AuditReport;
import dev.holdfast.reservation.StockCount;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An audit as admins see it. */
final class AuditJson {

    private AuditJson() {}

    static void write(JsonGenerator json, AuditReport report) throws IOException {
        json.writeBooleanField("balanced", report.balanced());
        json.writeStringField("position", report.position());
        Json.list(json, "items", report.items(), AuditJson::item);
    }

    private static void item(JsonGenerator json, AuditReport.Item item) throws IOException {
        json.writeStringField("sku", item.sku().value());
        side(json, "redis", item.redis());
        side(json, "postgres", item.postgres());
        json.writeNumberField("drift", item.drift());
    }

    /** Null where that side does not know the SKU. */
    private static void side(JsonGenerator json, String name, @Nullable StockCount count) throws IOException {
        if (count == null) {
            json.writeNullField(name);
            return;
        }
        json.writeObjectFieldStart(name);
        StockJson.writeUnits(json, count);
        json.writeEndObject();
    }
}
