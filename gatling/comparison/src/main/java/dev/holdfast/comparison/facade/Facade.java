package dev.holdfast.comparison.facade;

import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.design.HoldRequest;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two calls that all designs answer, on one event loop: deploy as many as there are loops, and they share the port. Without
 * a router, keys or limits, so that what is measured is the design.
 */
public final class Facade extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(Facade.class);

    /** Where the parts of /v1/sales/{saleId}/reservations/{reservationId}/confirm lie. */
    private static final int SALE = 3;

    private static final int RESERVATION = 5;
    private static final int PARTS_OF_HOLD = 5;
    private static final int PARTS_OF_CONFIRM = 7;

    private final Design design;
    private final int port;

    /** Serves this design on loopback. */
    public Facade(Design design, int port) {
        this.design = design;
        this.port = port;
    }

    @Override
    public Future<?> start() {
        return vertx.createHttpServer().requestHandler(this::receive).listen(port, "127.0.0.1");
    }

    private void receive(HttpServerRequest request) {
        request.body()
                .compose(body -> answer(request, body))
                .recover(Facade::failure)
                .onSuccess(answer -> request.response()
                        .setStatusCode(answer.status())
                        .putHeader("Content-Type", answer.contentType())
                        .end(answer.body()));
    }

    private Future<Answer> answer(HttpServerRequest request, Buffer body) {
        String path = request.path();
        String[] parts = path == null ? new String[0] : path.split("/", -1);
        boolean post = request.method().equals(HttpMethod.POST);
        if (post && parts.length == PARTS_OF_HOLD && parts[PARTS_OF_HOLD - 1].equals("reservations")) {
            return hold(parts[SALE], request.getHeader("Idempotency-Key"), body);
        }
        if (post && parts.length == PARTS_OF_CONFIRM && parts[PARTS_OF_CONFIRM - 1].equals("confirm")) {
            return design.confirm(parts[SALE], parts[RESERVATION]).map(Answer::of);
        }
        return Future.succeededFuture(Answer.problem(404, "not-found"));
    }

    private Future<Answer> hold(String saleId, @Nullable String key, Buffer body) {
        try {
            HoldBody cart = HoldBody.read(body.getBytes());
            HoldRequest request = new HoldRequest(
                    saleId, cart.customerId(), cart.sku(), cart.quantity(), cart.holdSeconds() * 1000L, key);
            return design.hold(request).map(outcome -> Answer.of(outcome, request));
        } catch (IOException e) {
            return Future.succeededFuture(Answer.problem(400, "malformed-request"));
        } catch (IllegalArgumentException e) {
            return Future.succeededFuture(Answer.problem(422, "validation-failed"));
        }
    }

    private static Future<Answer> failure(Throwable failure) {
        LOG.warn("a request failed", failure);
        return Future.succeededFuture(Answer.problem(503, "outcome-unknown"));
    }
}
