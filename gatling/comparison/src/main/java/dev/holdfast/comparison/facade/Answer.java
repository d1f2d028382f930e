package dev.holdfast.comparison.facade;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.comparison.design.ConfirmOutcome;
import dev.holdfast.comparison.design.HoldOutcome;
import dev.holdfast.comparison.design.HoldRequest;
import dev.holdfast.comparison.design.Reservation;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** A status and its JSON, with the same fields as Holdfast's. */
record Answer(int status, String contentType, Buffer body) {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final int USUAL_BYTES = 512;
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Writes fields of an object. */
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    static Answer of(HoldOutcome outcome, HoldRequest request) {
        return switch (outcome) {
            case HoldOutcome.Held held -> reservation(201, held.reservation());
            case HoldOutcome.Replayed replayed -> reservation(200, replayed.reservation());
            case HoldOutcome.KeyReused reused -> problem(422, "idempotency-key-reused", json -> {});
            case HoldOutcome.OutOfStock short1 ->
                problem(409, "out-of-stock", json -> shortage(json, request, short1.available()));
            case HoldOutcome.UnknownSku unknown -> problem(422, "unknown-sku", json -> {});
            case HoldOutcome.LockNotTaken late -> problem(503, "overloaded", json -> {});
        };
    }

    static Answer of(ConfirmOutcome outcome) {
        return switch (outcome) {
            case ConfirmOutcome.Confirmed confirmed -> reservation(200, confirmed.reservation());
            case ConfirmOutcome.TooLate late ->
                problem(409, "reservation-" + late.reservation().state(), json -> {});
            case ConfirmOutcome.Unknown unknown -> problem(404, "reservation-not-found", json -> {});
            case ConfirmOutcome.LockNotTaken late -> problem(503, "overloaded", json -> {});
        };
    }

    static Answer problem(int status, String code) {
        return problem(status, code, json -> {});
    }

    private static Answer reservation(int status, Reservation reservation) {
        return new Answer(status, JSON, object(json -> write(json, reservation)));
    }

    private static Answer problem(int status, String code, Fields more) {
        return new Answer(status, PROBLEM, object(json -> {
            json.writeStringField("type", "/problems/" + code);
            json.writeStringField("title", code);
            json.writeNumberField("status", status);
            json.writeStringField("code", code);
            more.write(json);
        }));
    }

    private static void shortage(JsonGenerator json, HoldRequest request, long available) throws IOException {
        json.writeArrayFieldStart("shortages");
        json.writeStartObject();
        json.writeStringField("sku", request.sku());
        json.writeNumberField("requested", request.quantity());
        json.writeNumberField("available", available);
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Reservation reservation) throws IOException {
        json.writeStringField("reservationId", reservation.id());
        json.writeStringField("saleId", reservation.saleId());
        json.writeStringField("customerId", reservation.customerId());
        json.writeStringField("state", reservation.state());
        json.writeArrayFieldStart("items");
        json.writeStartObject();
        json.writeStringField("sku", reservation.sku());
        json.writeNumberField("quantity", reservation.quantity());
        json.writeEndObject();
        json.writeEndArray();
        json.writeStringField("heldAt", RFC_3339.format(Instant.ofEpochMilli(reservation.heldAtMs())));
        json.writeStringField("expiresAt", RFC_3339.format(Instant.ofEpochMilli(reservation.expiresAtMs())));
        json.writeNumberField("expiresInMs", Math.max(0, reservation.expiresAtMs() - System.currentTimeMillis()));
    }

    private static Buffer object(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return Buffer.buffer(bytes.toByteArray());
    }
}
