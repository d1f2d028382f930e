package dev.holdfast.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Speaks to the service as its callers do; waits a while for one that is not ready yet (503). */
final class JsonClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final String key;

    JsonClient(String key) {
        this.key = key;
    }

    /** Answers what is there; empty if nothing is (404). */
    Optional<JsonNode> find(String url) {
        HttpResponse<String> answer = send("GET", url, BodyPublishers.noBody());
        return answer.statusCode() == 404 ? Optional.empty() : Optional.of(require(url, answer));
    }

    /** Puts it there; throws if that is refused. */
    void put(String url, JsonNode body) {
        JsonNode ignored = require(url, send("PUT", url, BodyPublishers.ofString(body.toString())));
    }

    private HttpResponse<String> send(String method, String url, BodyPublisher body) {
        AtomicReference<HttpResponse<String>> answer = new AtomicReference<>(sendOnce(method, url, body));
        boolean ready = Patience.until(
                () -> {
                    if (answer.get().statusCode() == 503) {
                        answer.set(sendOnce(method, url, body));
                    }
                    return answer.get().statusCode() != 503;
                },
                READY_TIMEOUT);
        if (!ready) {
            throw new IllegalStateException(
                    url + " is not ready: " + answer.get().body());
        }
        return answer.get();
    }

    private HttpResponse<String> sendOnce(String method, String url, BodyPublisher body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .method(method, body)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .timeout(TIMEOUT)
                .build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + url + " got no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + method + " " + url, e);
        }
    }

    private static JsonNode require(String url, HttpResponse<String> answer) {
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(url + " answered " + answer.statusCode() + ": " + answer.body());
        }
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(url + " answered no JSON", e);
        }
    }
}
