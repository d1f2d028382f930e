package dev.holdfast.gatling.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The calls before and after the load, one at a time. Waits while the answer is 503, throws where it is no success. */
final class ServiceApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** For a recorder that works through the backlog of a burst, above all. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final Target target;
    private final String saleId;

    ServiceApi(Target target, String saleId) {
        this.target = target;
        this.saleId = saleId;
    }

    void putSale(String body) {
        var unused = call(admin("").PUT(BodyPublishers.ofString(body)));
    }

    void putStock(String sku, long capacity) {
        var unused = call(admin("/stock/" + sku).PUT(BodyPublishers.ofString("{\"capacity\":%d}".formatted(capacity))));
    }

    void advanceClock(long seconds) {
        var unused = call(admin("/clock").POST(BodyPublishers.ofString("{\"advanceSeconds\":%d}".formatted(seconds))));
    }

    /** Answers after the recorder has come to this moment. */
    JsonNode audit() {
        return call(admin("/audit").GET());
    }

    /** All of a SKU, page by page, newest first. */
    List<JsonNode> adjustments(String sku) {
        List<JsonNode> items = new ArrayList<>();
        String query = "?limit=100";
        while (!query.isEmpty()) {
            JsonNode page = call(admin("/stock/" + sku + "/adjustments" + query).GET());
            page.path("items").forEach(items::add);
            JsonNode cursor = page.path("nextCursor");
            query = cursor.isTextual() ? "?limit=100&cursor=" + cursor.asText() : "";
        }
        return items;
    }

    JsonNode stock() {
        return call(checkout("/stock").GET());
    }

    JsonNode reservation(String reservationId) {
        return call(checkout("/reservations/" + reservationId).GET());
    }

    private HttpRequest.Builder admin(String path) {
        return request(target.adminUrl(), "/v1/admin/sales/" + saleId + path, target.adminKey());
    }

    private HttpRequest.Builder checkout(String path) {
        return request(target.url(), "/v1/sales/" + saleId + path, target.checkoutKey());
    }

    private static HttpRequest.Builder request(URI base, String path, String key) {
        return HttpRequest.newBuilder(base.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json");
    }

    private JsonNode call(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        Instant end = Instant.now().plus(PATIENCE);
        HttpResponse<String> answer = send(request);
        while (answer.statusCode() == 503 && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            answer = send(request);
        }
        String told =
                "%s %s answered %d %s".formatted(request.method(), request.uri(), answer.statusCode(), answer.body());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(told);
        }
        try {
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(told, e);
        }
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri() + " got no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + request.method() + " " + request.uri(), e);
        }
    }
}
