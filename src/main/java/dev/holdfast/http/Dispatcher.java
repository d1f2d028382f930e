package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Leads each request to its call, and what comes of it to the writer. One a listener. */
final class Dispatcher {

    private static final String CALL = "call";

    private final ApiKeys keys;
    private final Metrics metrics;
    private final BodyReader bodies;
    private final AnswerWriter writer;

    Dispatcher(ApiKeys keys, Metrics metrics, BodyReader bodies, AnswerWriter writer) {
        this.keys = keys;
        this.metrics = metrics;
        this.bodies = bodies;
        this.writer = writer;
    }

    /** A router for these calls, and a problem for everything else. */
    Router router(Vertx vertx, List<Endpoint> endpoints) {
        Router router = Router.router(vertx);
        router.route().handler(this::arrive);
        Map<String, List<Endpoint>> byPath = endpoints.stream()
                .collect(Collectors.groupingBy(Endpoint::path, LinkedHashMap::new, Collectors.toList()));
        byPath.forEach((path, those) -> mount(router, path, those));
        for (int status : new int[] {400, 404, 500}) {
            router.errorHandler(status, context -> unrouted(status, context));
        }
        return router;
    }

    /** The body comes first: whatever the answer is, the next request begins after it. */
    private void arrive(RoutingContext context) {
        Call call = new Call(context.request());
        context.put(CALL, call);
        bodies.read(context.request())
                .onSuccess(body -> {
                    call.body(body);
                    context.next();
                })
                .onFailure(failure -> writer.sendLast(call, Failures.problem(failure, call)));
    }

    private void mount(Router router, String path, List<Endpoint> endpoints) {
        // OpenAPI has names in braces, Vert.x after a colon.
        String pattern = path.replaceAll("\\{(\\w+)}", ":$1");
        for (Endpoint endpoint : endpoints) {
            var route = router.route(endpoint.method(), pattern);
            if (endpoint.method().equals(HttpMethod.GET)) {
                route.method(HttpMethod.HEAD);
            }
            route.handler(context -> answer(taken(context, path), endpoint));
        }
        Problem otherMethod = Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "This path has other methods.")
                .with("allow", allowed(endpoints));
        router.route(pattern).handler(context -> writer.send(taken(context, path), otherMethod));
    }

    private static String allowed(List<Endpoint> endpoints) {
        var methods = new TreeSet<String>();
        for (Endpoint endpoint : endpoints) {
            methods.add(endpoint.method().name());
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return String.join(", ", methods);
    }

    private static Call taken(RoutingContext context, String path) {
        Call call = Objects.requireNonNull(context.<Call>get(CALL), "a request is routed after it has arrived");
        call.take(path, context);
        return call;
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
            metrics.reservation(reply.outcome());
        }
        writer.send(call, reply);
    }

    private void unrouted(int status, RoutingContext context) {
        Call call = context.get(CALL);
        if (call == null) {
            // Refused before any route saw it: its body was not read, so nobody knows where the next request begins.
            Call refused = new Call(context.request());
            writer.sendLast(refused, problem(status, context, refused));
        } else {
            writer.send(call, problem(status, context, call));
        }
    }

    private static Problem problem(int status, RoutingContext context, Call call) {
        return switch (status) {
            case 400 ->
                Problem.of(
                        ProblemCode.MALFORMED_REQUEST,
                        "The path cannot be read, or the header Host is missing or not valid.");
            case 404 -> Problem.of(ProblemCode.NOT_FOUND, "Nothing is served under this path on this port.");
            default -> Failures.problem(failure(context), call);
        };
    }

    private static Throwable failure(RoutingContext context) {
        Throwable failure = context.failure();
        return failure == null ? new IllegalStateException("routing failed with " + context.statusCode()) : failure;
    }
}
