package dev.holdfast.comparison.check;

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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Buyers of one sale, many at a time, who send all they send three times. */
final class Buyers implements AutoCloseable {

    private static final int AT_A_TIME = 48;
    private static final int TIMES = 3;
    private static final int MOST_TRIES = 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    private final ObjectMapper json = new ObjectMapper();
    private final String reservations;
    private final String bearer;

    Buyers(int port, String bearer, String saleId) {
        this.reservations = "http://127.0.0.1:" + port + "/v1/sales/" + saleId + "/reservations";
        this.bearer = bearer;
    }

    /**
     * What one request came to.
     *
     * @param reservationId empty for a refusal
     */
    record Answer(int buyer, int status, String reservationId) {}

    /** Each buyer asks for a unit of SKU-0000, three times at about the same time with the same key. */
    List<Answer> hold(int buyers) {
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int buyer = 0; buyer < buyers; buyer++) {
            int number = buyer;
            String body =
                    "{\"customerId\":\"buyer-%d\",\"items\":[{\"sku\":\"SKU-0000\",\"quantity\":1}]}".formatted(buyer);
            for (int time = 0; time < TIMES; time++) {
                calls.add(() -> call(number, reservations, "key-" + number, body));
            }
        }
        return all(calls);
    }

    /** Each reservation is confirmed three times. */
    List<Answer> confirm(List<String> reservationIds) {
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < reservationIds.size(); i++) {
            int number = i;
            String uri = reservations + "/" + reservationIds.get(i) + "/confirm";
            for (int time = 0; time < TIMES; time++) {
                calls.add(() -> call(number, uri, "confirm", ""));
            }
        }
        return all(calls);
    }

    private List<Answer> all(List<Callable<Answer>> calls) {
        try {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> call : threads.invokeAll(calls)) {
                answers.add(call.get());
            }
            return answers;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while buyers bought", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a buyer got no answer", e);
        }
    }

    /** As a careful caller does: what is unknown is asked again with the same key. */
    private Answer call(int buyer, String uri, String key, String body) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + bearer)
                .POST(BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json").header("Idempotency-Key", key);
        }
        HttpResponse<String> response = send(request.build());
        for (int tries = 1; response.statusCode() == 503 && tries < MOST_TRIES; tries++) {
            response = send(request.build());
        }
        return new Answer(buyer, response.statusCode(), idIn(response.body()));
    }

    private HttpResponse<String> send(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(request.uri() + " does not answer", e);
        }
    }

    private String idIn(String body) {
        try {
            return json.readTree(body).path("reservationId").asText();
        } catch (IOException e) {
            throw new UncheckedIOException("not JSON: " + body, e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
