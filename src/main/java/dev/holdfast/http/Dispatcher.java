package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** Leads each request to its call, and what comes of it to the writer. One a listener. */
final class Dispatcher {

    private static final Problem UNREADABLE = Problem.of(
            ProblemCode.MALFORMED_REQUEST,
            "The path or its query cannot be read, or the header Host is missing or not valid.");

    private static final Problem NOT_FOUND =
            Problem.of(ProblemCode.NOT_FOUND, "Nothing is served under this path on this port.");

    private final RouteTable routes;
    private final ApiKeys keys;
    private final Metrics metrics;
    private final BodyReader bodies;
    private final AnswerWriter writer;

    Dispatcher(RouteTable routes, ApiKeys keys, Metrics metrics, BodyReader bodies, AnswerWriter writer) {
        this.routes = routes;
        this.keys = keys;
        this.metrics = metrics;
        this.bodies = bodies;
        this.writer = writer;
    }

    /** Answers every request, if only by a problem. */
    void receive(HttpServerRequest request) {
        Call call = new Call(request);
        String path = request.path();
        if (!hasHost(request) || path == null || path.isEmpty()) {
            writer.sendLast(call, UNREADABLE);
        } else if (path.charAt(0) != '/') {
            writer.sendLast(call, NOT_FOUND);
        } else {
            // The body comes first: whatever the answer is, the next request begins after it.
            bodies.read(request)
                    .onSuccess(body -> {
                        call.body(body);
                        route(call, path);
                    })
                    .onFailure(failure -> writer.sendLast(call, Failures.problem(failure, call)));
        }
    }

    /** HTTP/1.1 requires one. */
    private static boolean hasHost(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_1_0 || request.authority() != null;
    }

    private void route(Call call, String path) {
        RouteTable.Match match;
        try {
            match = routes.find(path);
            if (match == null) {
                writer.send(call, NOT_FOUND);
                return;
            }
            call.take(match);
        } catch (IllegalArgumentException undecodable) {
            writer.send(call, UNREADABLE);
            return;
        }
        Endpoint endpoint = match.route().endpoint(call.request().method());
        if (endpoint == null) {
            writer.send(call, match.route().otherMethod());
        } else {
            answer(call, endpoint);
        }
    }

    private void answer(Call call, Endpoint endpoint) {
        reply(call, endpoint)
                .otherwise(failure -> Failures.problem(failure, call))
                .onSuccess(reply -> call.onLoop(() -> finish(call, endpoint, reply)));
    }

    private Future<Reply> reply(Call call, Endpoint endpoint) {
        try {
            endpoint.access().require(keys, call);
            return endpoint.verb().apply(call);
        } catch (RuntimeException problem) {
            return Future.failedFuture(problem);
        }
    }

    private void finish(Call call, Endpoint endpoint, Reply reply) {
        if (endpoint.counted()) {
            metrics.reservation(
                    switch (reply) {
                        case Answer answer -> answer.outcome();
                        case Problem problem -> problem.code().word();
                    });
        }
        writer.send(call, reply);
    }
}
