package dev.holdfast.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls a node as its callers do: one method for each call of the contract. The answer to a change may be ignored: what it
 * should have brought about will be missed soon enough. Safe for all threads.
 */
public final class Api {

    /** A checkout key that test nodes accept. */
    public static final String CHECKOUT_KEY = "test-checkout-key";

    /** An admin key that test nodes accept. */
    public static final String ADMIN_KEY = "test-admin-key";

    static {
        // The service closes what is idle: a request must not be sent on a connection that is just being closed.
        System.setProperty("jdk.httpclient.keepalive.timeout", "3");
    }

    /** One for all: each has threads and connections of its own. */
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI publicUri;
    private final URI adminUri;
    private final String checkoutKey;
    private final String adminKey;

    /** Calls with the keys of test nodes. */
    public Api(URI publicUri, URI adminUri) {
        this(publicUri, adminUri, CHECKOUT_KEY, ADMIN_KEY);
    }

    /** Calls with these keys. */
    public Api(URI publicUri, URI adminUri, String checkoutKey, String adminKey) {
        this.publicUri = publicUri;
        this.adminUri = adminUri;
        this.checkoutKey = checkoutKey;
        this.adminKey = adminKey;
    }

    /**
     * What came back.
     *
     * @param text the body as it was sent
     * @param body the body as JSON; missing where it is none
     */
    public record Answer(int status, HttpHeaders headers, String text, JsonNode body) {

        /** The first header of this name. */
        public Optional<String> header(String name) {
            return headers.firstValue(name);
        }

        /** A problem's code; empty text where there is none. */
        public String code() {
            return body.path("code").asText();
        }

        /** The same, which must have this status: for what a test takes as given. */
        @CanIgnoreReturnValue
        public Answer must(int expected) {
            if (status != expected) {
                throw new AssertionError("expected " + expected + ", got " + status + " " + text);
            }
            return this;
        }

        /** A field's text; empty where there is none. */
        public String text(String field) {
            return body.path(field).asText();
        }
    }

    /** POST reservations: one line, the sale's own hold time, no key. */
    @CanIgnoreReturnValue
    public Answer hold(String saleId, String customerId, String sku, int quantity) {
        return hold(saleId, cart(customerId, sku, quantity), null);
    }

    /** POST reservations with this body; key null for none. */
    @CanIgnoreReturnValue
    public Answer hold(String saleId, String body, @Nullable String idempotencyKey) {
        HttpRequest.Builder request = onPublic("POST", sale(saleId) + "/reservations", body);
        if (idempotencyKey != null) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        return send(request);
    }

    /** The body of a reservation with one line. */
    public static String cart(String customerId, String sku, int quantity) {
        return "{\"customerId\":\"%s\",\"items\":[{\"sku\":\"%s\",\"quantity\":%d}]}"
                .formatted(customerId, sku, quantity);
    }

    /** GET a reservation. */
    public Answer reservation(String saleId, String id) {
        return send(onPublic("GET", reservationPath(saleId, id), null));
    }

    /** POST confirm. */
    @CanIgnoreReturnValue
    public Answer confirm(String saleId, String id) {
        return send(onPublic("POST", reservationPath(saleId, id) + "/confirm", null));
    }

    /** POST release. */
    @CanIgnoreReturnValue
    public Answer release(String saleId, String id) {
        return send(onPublic("POST", reservationPath(saleId, id) + "/release", null));
    }

    /** POST extend. */
    @CanIgnoreReturnValue
    public Answer extend(String saleId, String id, int holdSeconds) {
        String body = "{\"holdSeconds\":%d}".formatted(holdSeconds);
        return send(onPublic("POST", reservationPath(saleId, id) + "/extend", body));
    }

    /** PUT items: the cart becomes one line. */
    @CanIgnoreReturnValue
    public Answer replace(String saleId, String id, String sku, int quantity) {
        String body = "{\"items\":[{\"sku\":\"%s\",\"quantity\":%d}]}".formatted(sku, quantity);
        return send(onPublic("PUT", reservationPath(saleId, id) + "/items", body));
    }

    /** POST reclaim, with the receipt of what was told of a reservation. */
    @CanIgnoreReturnValue
    public Answer reclaim(String saleId, Answer told) {
        return reclaim(saleId, told.text("reservationId"), told.text("receipt"));
    }

    /** POST reclaim, with this receipt. */
    @CanIgnoreReturnValue
    public Answer reclaim(String saleId, String id, String receipt) {
        return change(saleId, id, "POST", "reclaim", "{\"receipt\":\"" + receipt + "\"}");
    }

    /** POST to, or PUT, what is below a reservation, with this body. */
    @CanIgnoreReturnValue
    public Answer change(String saleId, String id, String method, String what, String body) {
        return send(onPublic(method, reservationPath(saleId, id) + "/" + what, body));
    }

    /** GET a sale, as buyers see it. */
    public Answer sale(String saleId, boolean asAdmin) {
        return send(asAdmin ? onAdmin("GET", adminSale(saleId), null) : onPublic("GET", sale(saleId), null));
    }

    /** GET the stock of all SKUs. */
    public Answer stock(String saleId) {
        return send(request(publicUri, "GET", sale(saleId) + "/stock", null));
    }

    /** GET the stock of one SKU. */
    public Answer stock(String saleId, String sku) {
        return send(request(publicUri, "GET", sale(saleId) + "/stock/" + sku, null));
    }

    /** PUT a sale. */
    @CanIgnoreReturnValue
    public Answer putSale(String saleId, String body) {
        return send(onAdmin("PUT", adminSale(saleId), body));
    }

    /** PUT a sale that is open at once and has the default policy; a rehearsal's clock can be advanced. */
    @CanIgnoreReturnValue
    public Answer putSale(String saleId, boolean rehearsal) {
        return putSale(saleId, "{\"rehearsal\":%b}".formatted(rehearsal));
    }

    /** GET sales; cursor null for the first page. */
    public Answer sales(int limit, @Nullable String cursor) {
        String query = "?limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor);
        return send(onAdmin("GET", "/v1/admin/sales" + query, null));
    }

    /** POST pause, resume or close. */
    @CanIgnoreReturnValue
    public Answer turn(String saleId, String verb, String reason) {
        return send(onAdmin("POST", adminSale(saleId) + "/" + verb, "{\"reason\":\"%s\"}".formatted(reason)));
    }

    /** POST window with this body. */
    @CanIgnoreReturnValue
    public Answer window(String saleId, String body) {
        return send(onAdmin("POST", adminSale(saleId) + "/window", body));
    }

    /** GET preflight. */
    public Answer preflight(String saleId) {
        return send(onAdmin("GET", adminSale(saleId) + "/preflight", null));
    }

    /** PUT a SKU with nothing but its capacity. */
    @CanIgnoreReturnValue
    public Answer putStock(String saleId, String sku, long capacity) {
        return putStock(saleId, sku, "{\"capacity\":%d}".formatted(capacity));
    }

    /** PUT a SKU. */
    @CanIgnoreReturnValue
    public Answer putStock(String saleId, String sku, String body) {
        return send(onAdmin("PUT", adminSale(saleId) + "/stock/" + sku, body));
    }

    /** POST a file of SKUs. */
    @CanIgnoreReturnValue
    public Answer importStock(String saleId, String csv) {
        return importStock(saleId, csv.getBytes(StandardCharsets.UTF_8), "");
    }

    /** POST a file of SKUs; query empty, or with its question mark. */
    @CanIgnoreReturnValue
    public Answer importStock(String saleId, byte[] file, String query) {
        return send(onAdmin("POST", adminSale(saleId) + "/stock/import" + query, null)
                .method("POST", BodyPublishers.ofByteArray(file))
                .header("Content-Type", "text/csv"));
    }

    /** POST a file of SKUs under this Idempotency-Key. */
    @CanIgnoreReturnValue
    public Answer importStock(String saleId, String csv, String key) {
        return send(importing(saleId, csv, key));
    }

    /** The same, answered line by line: the answer's text has them all. */
    @CanIgnoreReturnValue
    public Answer importByLines(String saleId, String csv, String key) {
        return send(importing(saleId, csv, key).header("Accept", "application/x-ndjson"));
    }

    /** The request of an import under this Idempotency-Key. */
    public HttpRequest.Builder importing(String saleId, String csv, String key) {
        return onAdmin("POST", adminSale(saleId) + "/stock/import", null)
                .method("POST", BodyPublishers.ofString(csv))
                .header("Content-Type", "text/csv")
                .header("Idempotency-Key", key);
    }

    /** GET the file of all SKUs. */
    public Answer exportStock(String saleId) {
        return send(onAdmin("GET", adminSale(saleId) + "/stock/export", null));
    }

    /** POST an adjustment under this Idempotency-Key. */
    @CanIgnoreReturnValue
    public Answer adjust(String saleId, String sku, String key, String body) {
        return send(onAdmin("POST", adjustments(saleId, sku), body).setHeader("Idempotency-Key", key));
    }

    /** GET the adjustments of a SKU; the query begins with a question mark, or is empty. */
    public Answer adjustmentsOf(String saleId, String sku, String query) {
        return send(onAdmin("GET", adjustments(saleId, sku) + query, null));
    }

    /** GET the audit, again while it is not to be had: on a busy machine the recorder may be late for it. */
    public Answer audit(String saleId) {
        return patiently(() -> send(onAdmin("GET", adminSale(saleId) + "/audit", null)));
    }

    /** Asks again while the answer is that it may be had later, as a good caller does; only what may be done twice. */
    @CanIgnoreReturnValue
    public static Answer patiently(Supplier<Answer> call) {
        long began = System.nanoTime();
        Answer answer = call.get();
        while (answer.status() == 503 && System.nanoTime() - began < TestWait.LIMIT.toNanos()) {
            answer = call.get();
        }
        return answer;
    }

    /** POST rebuild. */
    @CanIgnoreReturnValue
    public Answer rebuild(String saleId, String reason) {
        return orderRebuild(saleId, "{\"reason\":\"%s\"}".formatted(reason));
    }

    /** POST rebuild with this body. */
    @CanIgnoreReturnValue
    public Answer orderRebuild(String saleId, String body) {
        return send(onAdmin("POST", adminSale(saleId) + "/rebuild", body));
    }

    /** GET rebuild: how the last one went, or goes. */
    public Answer rebuild(String saleId) {
        return send(onAdmin("GET", adminSale(saleId) + "/rebuild", null));
    }

    /** GET the findings of the last rebuild, the first hundred of them. */
    public Answer findings(String saleId) {
        return send(onAdmin("GET", adminSale(saleId) + "/rebuild/findings?limit=100", null));
    }

    /** GET incidents; the query begins with a question mark, or is empty. */
    public Answer incidents(String query) {
        return send(onAdmin("GET", "/v1/admin/incidents" + query, null));
    }

    /** POST clock. */
    @CanIgnoreReturnValue
    public Answer advanceClock(String saleId, long seconds) {
        return send(onAdmin("POST", adminSale(saleId) + "/clock", "{\"advanceSeconds\":%d}".formatted(seconds)));
    }

    /** POST a key; expiresAt null for never. */
    public Answer createKey(String name, String scope, @Nullable String expiresAt) {
        String until = expiresAt == null ? "null" : '"' + expiresAt + '"';
        return send(onAdmin(
                "POST",
                "/v1/admin/keys",
                "{\"name\":\"%s\",\"scope\":\"%s\",\"expiresAt\":%s}".formatted(name, scope, until)));
    }

    /** POST revoke of a key. */
    @CanIgnoreReturnValue
    public Answer revokeKey(String keyId, String reason) {
        return send(onAdmin("POST", "/v1/admin/keys/" + keyId + "/revoke", "{\"reason\":\"%s\"}".formatted(reason)));
    }

    /** GET keys; cursor null for the first page. */
    public Answer keys(int limit, @Nullable String cursor) {
        String query = "?limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor);
        return send(onAdmin("GET", "/v1/admin/keys" + query, null));
    }

    /** The same calls with this key, whatever they need. */
    public Api as(String key) {
        return new Api(publicUri, adminUri, key, key);
    }

    /** GET anything of the admin listener that needs no key. */
    public Answer probe(String path) {
        return send(request(adminUri, "GET", path, null));
    }

    /** A call of the public listener with the checkout key; body null for none, else sent as JSON. */
    public HttpRequest.Builder onPublic(String method, String path, @Nullable String body) {
        return request(publicUri, method, path, body).setHeader("Authorization", "Bearer " + checkoutKey);
    }

    /** A call of the admin listener with the admin key; body null for none, else sent as JSON. */
    public HttpRequest.Builder onAdmin(String method, String path, @Nullable String body) {
        return request(adminUri, method, path, body).setHeader("Authorization", "Bearer " + adminKey);
    }

    /** A call without any key; body null for none, else sent as JSON. */
    public static HttpRequest.Builder request(URI base, String method, String path, @Nullable String body) {
        BodyPublisher publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).method(method, publisher);
        return body == null ? request : request.setHeader("Content-Type", "application/json");
    }

    /** Waits for the answer. */
    public Answer send(HttpRequest.Builder request) {
        try {
            var response = CLIENT.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body(), parsed(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an answer", e);
        }
    }

    private static JsonNode parsed(String text) {
        try {
            return text.startsWith("{") ? JSON.readTree(text) : MissingNode.getInstance();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + text, e);
        }
    }

    private static String sale(String saleId) {
        return "/v1/sales/" + saleId;
    }

    private static String reservationPath(String saleId, String id) {
        return sale(saleId) + "/reservations/" + id;
    }

    private static String adjustments(String saleId, String sku) {
        return adminSale(saleId) + "/stock/" + sku + "/adjustments";
    }

    private static String adminSale(String saleId) {
        return "/v1/admin/sales/" + saleId;
    }
}
