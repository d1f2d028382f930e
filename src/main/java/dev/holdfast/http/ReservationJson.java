package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Reservation;
import java.io.IOException;

/** A reservation as callers see it. */
final class ReservationJson {

    private ReservationJson() {}

    static void write(JsonGenerator json, Reservation reservation) throws IOException {
        json.writeStringField("reservationId", reservation.id().value());
        json.writeStringField("saleId", reservation.saleId().value());
        json.writeStringField("customerId", reservation.customerId().value());
        json.writeStringField("state", reservation.state().word());
        lines(json, reservation.cart());
        Json.time(json, "heldAt", reservation.heldAtMs());
        Json.time(json, "expiresAt", reservation.expiresAtMs());
        json.writeNumberField("expiresInMs", reservation.remainingMs());
        Long endedAtMs = reservation.endedAtMs();
        if (endedAtMs != null) {
            Json.time(json, "endedAt", endedAtMs);
        }
        json.writeNumberField("revision", reservation.revision());
    }

    /** With a receipt, by which it can be put back if it is lost. */
    static void write(JsonGenerator json, Reservation reservation, Receipts receipts) throws IOException {
        write(json, reservation);
        json.writeStringField("receipt", receipts.of(reservation));
    }

    /** With whether its present state is in PostgreSQL. */
    static void writeRecorded(JsonGenerator json, Reservation reservation) throws IOException {
        write(json, reservation);
        json.writeBooleanField("recorded", reservation.recorded());
    }

    /** What is in a cart, under the name items. */
    static void lines(JsonGenerator json, Cart cart) throws IOException {
        Json.list(json, "items", cart.lines(), ReservationJson::line);
    }

    private static void line(JsonGenerator json, Line line) throws IOException {
        json.writeStringField("sku", line.sku().value());
        json.writeNumberField("quantity", line.quantity());
    }
}
