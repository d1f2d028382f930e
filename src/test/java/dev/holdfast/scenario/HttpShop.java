package dev.holdfast.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A node of the running service, over its public API. */
final class HttpShop implements Shop {

    /** No connection: nothing can have been done. */
    static final Answer NOT_SENT = new Answer.Refused("not-sent");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Wire wire;
    private final String reservations;

    HttpShop(URI publicUri, String checkoutKey, String saleId) {
        wire = new Wire(new InetSocketAddress(publicUri.getHost(), publicUri.getPort()), checkoutKey);
        reservations = "/v1/sales/" + saleId + "/reservations";
    }

    @Override
    public Answer ask(Ask ask, Fault fault) {
        try {
            return read(ask, send(ask, fault));
        } catch (Wire.NotSent e) {
            return NOT_SENT;
        } catch (IOException e) {
            return new Answer.Unknown(e.toString());
        }
    }

    @Override
    public void close() {
        wire.close();
    }

    private Wire.Reply send(Ask ask, Fault fault) throws IOException {
        return switch (ask) {
            case Ask.Hold hold -> wire.call("POST", reservations, hold.key(), cart(hold), fault);
            case Ask.Confirm confirm -> wire.call("POST", path(confirm) + "/confirm", null, null, fault);
            case Ask.Release release -> wire.call("POST", path(release) + "/release", null, null, fault);
            case Ask.Extend extend ->
                wire.call(
                        "POST",
                        path(extend) + "/extend",
                        null,
                        "{\"holdSeconds\":" + extend.holdSeconds() + '}',
                        fault);
            case Ask.Replace replace ->
                wire.call("PUT", path(replace) + "/items", null, "{" + items(replace.lines()) + "}", fault);
            case Ask.Find find -> wire.call("GET", path(find), null, null, fault);
        };
    }

    private String path(Ask.OnReservation verb) {
        return reservations + '/' + verb.id();
    }

    private static String cart(Ask.Hold hold) {
        String seconds = hold.holdSeconds() == null ? "" : ",\"holdSeconds\":" + hold.holdSeconds();
        return "{\"customerId\":\"" + hold.customer() + "\"," + items(hold.lines()) + seconds + '}';
    }

    private static String items(Lines lines) {
        StringJoiner items = new StringJoiner(",", "\"items\":[", "]");
        lines.bySku().forEach((sku, quantity) -> items.add("{\"sku\":\"" + sku + "\",\"quantity\":" + quantity + '}'));
        return items.toString();
    }

    private static Answer read(Ask ask, Wire.Reply reply) {
        JsonNode body = parsed(reply.body());
        if (!body.path("live").asBoolean(true)) {
            // As PostgreSQL recorded it while the sale has stopped: it does not claim to be the present.
            return new Answer.Refused("recovering");
        }
        if (reply.status() == 200 || reply.status() == 201) {
            return new Answer.Done(shown(body), ask instanceof Ask.Hold && reply.status() == 200);
        }
        String code = body.path("code").asText("status " + reply.status());
        return code.equals("outcome-unknown") ? new Answer.Unknown(code) : new Answer.Refused(code, detail(body));
    }

    private static Answer.Shown shown(JsonNode body) {
        return new Answer.Shown(
                body.path("reservationId").asText(),
                body.path("customerId").asText(),
                body.path("state").asText(),
                lines(body.path("items")),
                millis(body.path("heldAt")),
                millis(body.path("expiresAt")),
                body.path("expiresInMs").asLong(),
                body.path("recorded").asBoolean());
    }

    private static Lines lines(JsonNode items) {
        TreeMap<String, Integer> bySku = new TreeMap<>();
        items.forEach(item ->
                bySku.put(item.path("sku").asText(), item.path("quantity").asInt()));
        return new Lines(bySku);
    }

    private static long millis(JsonNode time) {
        return Instant.parse(time.asText()).toEpochMilli();
    }

    private static Answer.Detail detail(JsonNode problem) {
        List<Answer.Shortage> shortages = new ArrayList<>();
        problem.path("shortages")
                .forEach(shortage -> shortages.add(new Answer.Shortage(
                        shortage.path("sku").asText(),
                        shortage.path("requested").asLong(),
                        shortage.path("available").asLong(),
                        shortage.path("held").asLong(),
                        shortage.path("soldOut").asBoolean())));
        return new Answer.Detail(
                shortages,
                problem.path("limit").asLong(),
                problem.path("taken").asLong(),
                nullable(problem.path("sku")));
    }

    private static @Nullable String nullable(JsonNode text) {
        return text.isTextual() ? text.asText() : null;
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + text, e);
        }
    }
}
