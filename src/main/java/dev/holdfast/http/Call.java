package dev.holdfast.http;

import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.KeyHolder;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request as the calls of the contract see it. Its parts are read when asked for, and throw a problem where they are wrong. */
final class Call {

    private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
    private static final CharSequence ACTOR = HttpHeaders.createOptimized("holdfast-actor");
    private static final Pattern ACTOR_SYNTAX = Pattern.compile("[!-~]([ -~]{0,98}[!-~])?");

    private final HttpServerRequest request;
    private final long startedNanos = System.nanoTime();
    private final Thread loopThread = Thread.currentThread();
    private final Context loop = Objects.requireNonNull(Vertx.currentContext(), "a request arrives on an event loop");
    private BodyLimit bodyLimit = BodyLimit.USUAL;
    private Buffer body = Buffer.buffer(0);
    private String route = "none";
    private @Nullable RoutingContext routed;
    private @Nullable String traceId;
    private @Nullable KeyHolder holder;

    /** On the event loop of the request, as it arrives. */
    Call(HttpServerRequest request) {
        this.request = request;
    }

    HttpServerRequest request() {
        return request;
    }

    /** The same whenever it is asked for. */
    String traceId() {
        if (traceId == null) {
            traceId = TraceId.of(headers(TRACEPARENT));
        }
        return traceId;
    }

    /** The pattern of its path; "none" while no route has taken it. */
    String route() {
        return route;
    }

    void take(String pattern, RoutingContext context) {
        route = pattern;
        routed = context;
    }

    /** Whose key it came with. */
    void madeBy(KeyHolder who) {
        holder = who;
    }

    /** Whose key it came with; of a call that needs a key. */
    KeyHolder holder() {
        return Objects.requireNonNull(holder, "this call needs no key");
    }

    /** Who asks, for the audit trail; of a call that needs a key. Throws malformed-request where Holdfast-Actor is none. */
    Author author() {
        String keyName = holder().name();
        List<String> actors = headers(ACTOR);
        if (actors.isEmpty()) {
            return new Author(keyName, keyName, traceId());
        }
        if (actors.size() > 1 || !ACTOR_SYNTAX.matcher(actors.getFirst()).matches()) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "Holdfast-Actor must be sent once, with 1 to 100 printable ASCII characters.");
        }
        return new Author(actors.getFirst(), keyName, traceId());
    }

    BodyLimit bodyLimit() {
        return bodyLimit;
    }

    /** Before its body is read. */
    void allow(BodyLimit limit) {
        bodyLimit = limit;
    }

    void body(Buffer whole) {
        body = whole;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** Does it on the event loop of the request: at once, if that is where this is called. */
    void onLoop(Runnable step) {
        if (Thread.currentThread().equals(loopThread)) {
            step.run();
        } else {
            loop.runOnContext(v -> step.run());
        }
    }

    /** All headers of this name. */
    List<String> headers(CharSequence name) {
        MultiMap headers = request.headers();
        return headers.contains(name) ? headers.getAll(name) : List.of();
    }

    /** The sale in the path; a name that no sale can have is a sale that is not there. */
    SaleId saleId() {
        String text = inPath("saleId");
        if (!Identifiers.isIdentifier(text)) {
            throw new ProblemException(
                    ProblemCode.SALE_NOT_FOUND, "Sale ids match [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}; this one does not.");
        }
        return new SaleId(text);
    }

    /** The sale that is to be made under the name in the path. */
    SaleId newSaleId() {
        return new SaleId(newName("saleId"));
    }

    /** The SKU that is to be put up under the name in the path. */
    Sku newSku() {
        return new Sku(newName("sku"));
    }

    private String newName(String inPath) {
        String text = inPath(inPath);
        if (!Identifiers.isIdentifier(text)) {
            throw new ProblemException(Problem.invalid(
                    List.of(new FieldError('/' + inPath, "must match [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}"))));
        }
        return text;
    }

    /** The reservation in the path. */
    ReservationId reservationId() {
        String text = inPath("reservationId");
        if (!Identifiers.isReservationId(text)) {
            throw new ProblemException(
                    ProblemCode.RESERVATION_NOT_FOUND,
                    "Reservation ids match [A-Za-z0-9_-]{22,64}; this one does not.");
        }
        return new ReservationId(text);
    }

    /** The SKU in the path. */
    Sku sku() {
        String text = inPath("sku");
        if (!Identifiers.isIdentifier(text)) {
            throw new ProblemException(
                    ProblemCode.SKU_NOT_FOUND, "SKUs match [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}; this one does not.");
        }
        return new Sku(text);
    }

    /** What stands in the path under this name of the pattern. */
    String inPath(String name) {
        String text = taken().pathParam(name);
        return text == null ? "" : text;
    }

    /** The body, which must be a JSON object. */
    JsonFields json() {
        MediaType.requireJson(headers(HttpHeaders.CONTENT_TYPE), headers(HttpHeaders.CONTENT_ENCODING));
        return JsonBody.read(body.getBytes());
    }

    /** The body, which must be CSV. */
    byte[] csv() {
        MediaType.requireCsv(headers(HttpHeaders.CONTENT_TYPE), headers(HttpHeaders.CONTENT_ENCODING));
        return body.getBytes();
    }

    /** A parameter of the query that is true or false; false where it is not given. Throws validation-failed. */
    boolean flagInQuery(String name) {
        List<String> given = inQuery(name);
        if (given.size() > 1 || (given.size() == 1 && !given.getFirst().matches("true|false"))) {
            throw new ProblemException(
                    Problem.invalid(List.of(new FieldError('/' + name, "must be true or false, once"))));
        }
        return given.size() == 1 && Boolean.parseBoolean(given.getFirst());
    }

    /** Throws where there is a body, unless it is an empty JSON object. */
    void requireNothing() {
        if (body.length() > 0) {
            json().check();
        }
    }

    /** Every value of the parameter in the query. */
    List<String> inQuery(String name) {
        return taken().queryParam(name);
    }

    /** The names of all parameters in the query. */
    Set<String> namesInQuery() {
        return taken().queryParams().names();
    }

    /** For work that must leave the event loop. */
    Vertx vertx() {
        return taken().vertx();
    }

    private RoutingContext taken() {
        return Objects.requireNonNull(routed, "a route has taken this call");
    }
}
