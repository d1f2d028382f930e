package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import java.io.IOException;
import java.util.Map;

/** The units of a SKU, and for admins its rules. */
final class StockJson {

    private StockJson() {}

    /** For everybody: counts that somebody made wrong are never less than none. */
    static void write(JsonGenerator json, StockCount count) throws IOException {
        json.writeStringField("sku", count.sku().value());
        writeUnits(
                json,
                new StockCount(
                        count.sku(),
                        count.capacity(),
                        Math.max(0, count.available()),
                        Math.max(0, count.held()),
                        count.sold(),
                        count.version()));
    }

    /** Without its name, as it is: for admins, who have to see what is wrong. */
    static void writeUnits(JsonGenerator json, StockCount count) throws IOException {
        json.writeNumberField("capacity", count.capacity());
        json.writeNumberField("available", count.available());
        json.writeNumberField("held", count.held());
        json.writeNumberField("sold", count.sold());
        json.writeNumberField("version", count.version());
    }

    static void write(JsonGenerator json, StockCount count, SkuRules rules) throws IOException {
        write(json, count);
        Json.textOrNull(json, "productId", rules.productId());
        json.writeObjectFieldStart("attributes");
        for (Map.Entry<String, String> attribute : rules.attributes().entrySet()) {
            json.writeStringField(attribute.getKey(), attribute.getValue());
        }
        json.writeEndObject();
        Json.numberOrNull(json, "price", rules.price());
        Json.limitOrNull(json, "perCustomerLimit", rules.perCustomerLimit());
        Json.numberOrNull(json, "lowStockThreshold", rules.lowStockThreshold());
        Json.numberOrNull(json, "reorderQuantity", rules.reorderQuantity());
    }
}
