package dev.holdfast.gatling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.holdfast.gatling.history.Adjustment;
import dev.holdfast.gatling.history.Hold;
import dev.holdfast.gatling.history.Line;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What came back for a request.
 *
 * @param status 0 if nothing came back
 * @param body missing if there was none, or none in JSON
 */
record Answer(int status, JsonNode body) {
    static final Answer NONE = new Answer(0, MissingNode.getInstance());
    private static final ObjectMapper JSON = new ObjectMapper();

    static Answer of(int status, String text) {
        try {
            return new Answer(status, JSON.readTree(text));
        } catch (JsonProcessingException e) {
            return new Answer(status, MissingNode.getInstance());
        }
    }

    /** What was asked for was done, now or before. */
    boolean accepted() {
        return status == 200 || status == 201;
    }

    /** The rules of the sale said no. */
    boolean refused() {
        return status == 409;
    }

    /** What happened is not known: no answer, or one that says so. */
    boolean unknown() {
        return status == 0 || status >= 500;
    }

    /** The same request may get another answer a moment later. */
    boolean worthRepeating() {
        return unknown() || code().equals("sale-locked");
    }

    /** A problem's code; empty if this is none. */
    String code() {
        return body.path("code").asText("");
    }

    /** The reservation in the body. */
    Hold hold() {
        List<Line> lines = new ArrayList<>();
        for (JsonNode line : body.path("items")) {
            lines.add(new Line(line.path("sku").asText(), line.path("quantity").asInt()));
        }
        return new Hold(
                body.path("reservationId").asText(),
                body.path("customerId").asText(),
                lines,
                msOf("heldAt"),
                msOf("expiresAt"));
    }

    /** The adjustment in the body. */
    Adjustment adjustment() {
        return new Adjustment(
                body.path("adjustmentId").asText(),
                body.path("before").asLong(),
                body.path("after").asLong(),
                body.path("version").asLong(),
                body.path("pendingReduction").asLong());
    }

    /** A time in the body. */
    long msOf(String field) {
        return Instant.parse(body.path(field).asText()).toEpochMilli();
    }
}
