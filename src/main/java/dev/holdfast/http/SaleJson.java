package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleStanding;
import java.io.IOException;

/** A sale as buyers see it, and as admins do. */
final class SaleJson {

    private SaleJson() {}

    static void write(JsonGenerator json, Sale sale, SaleStanding standing) throws IOException {
        head(json, sale, standing);
        json.writeObjectFieldStart("policy");
        policy(json, sale);
        json.writeEndObject();
        json.writeStringField("currency", sale.currency());
        json.writeBooleanField("rehearsal", sale.rehearsal());
        now(json, standing);
    }

    /** With the fields of PUT as they are there. */
    static void writeForAdmins(JsonGenerator json, Sale sale, SaleStanding standing) throws IOException {
        head(json, sale, standing);
        policy(json, sale);
        json.writeNumberField("reclaimSeconds", sale.reclaimMs() / 1000);
        json.writeStringField("currency", sale.currency());
        json.writeBooleanField("rehearsal", sale.rehearsal());
        Json.textOrNull(json, "stateReason", sale.stateReason());
        json.writeNumberField("clockOffsetSeconds", sale.clockOffsetMs() / 1000);
        json.writeNumberField("version", sale.version());
        now(json, standing);
    }

    private static void now(JsonGenerator json, SaleStanding standing) throws IOException {
        Json.time(json, "now", standing.nowMs());
        if (standing.receiptsFirstMs() > 0) {
            Json.time(json, "receiptsFirstUntil", standing.nowMs() + standing.receiptsFirstMs());
        }
        if (!standing.live()) {
            json.writeBooleanField("live", false);
        }
    }

    private static void head(JsonGenerator json, Sale sale, SaleStanding standing) throws IOException {
        json.writeStringField("saleId", sale.id().value());
        json.writeStringField("name", sale.name());
        json.writeStringField("state", standing.state().word());
        Json.timeOrNull(json, "opensAt", sale.opensAtMs());
        Json.timeOrNull(json, "closesAt", sale.closesAtMs());
    }

    private static void policy(JsonGenerator json, Sale sale) throws IOException {
        json.writeNumberField("holdSeconds", sale.holdMs() / 1000);
        json.writeNumberField("maxHoldSeconds", sale.maxHoldMs() / 1000);
        Json.limitOrNull(json, "perCustomerLimit", sale.perCustomerLimit());
    }
}
