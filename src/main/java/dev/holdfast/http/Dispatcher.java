package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

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
        for (Endpoint endpoint : endpoints) {
            if (endpoint.bodyLimit() != BodyLimit.USUAL) {
                router.route(endpoint.method(), pattern(endpoint.path()))
                        .handler(context -> allowMore(context, endpoint));
            }
        }
        router.route().handler(this::takeBody);
        endpoints.forEach(endpoint -> mount(router, endpoint));
        // After them all: what is no method of one path may be one of another that this path is an instance of. Fewest
        // names first.
        endpoints.stream()
                .map(Endpoint::path)
                .distinct()
                .sorted(Comparator.comparingLong(
                        path -> path.chars().filter(c -> c == '{').count()))
                .forEach(path -> mountOtherMethods(router, path, endpoints));
        for (int status : new int[] {400, 404, 500}) {
            router.errorHandler(status, context -> unrouted(status, context));
        }
        return router;
    }

    private void arrive(RoutingContext context) {
        context.put(CALL, new Call(context.request()));
        context.next();
    }

    /** Only for who has a key: memory is not anybody's to fill. */
    private void allowMore(RoutingContext context, Endpoint endpoint) {
        Call call = arrived(context);
        try {
            endpoint.requireServed();
            endpoint.access().require(keys, call, endpoint.reads());
            call.allow(endpoint.bodyLimit());
            context.next();
        } catch (ProblemException | Unavailable refused) {
            writer.sendLast(call, Failures.problem(refused, call));
        }
    }

    /** The body comes before the answer: whatever that is, the next request begins after it. */
    private void takeBody(RoutingContext context) {
        Call call = arrived(context);
        bodies.read(context.request(), call.bodyLimit())
                .onSuccess(body -> {
                    call.body(body);
                    context.next();
                })
                .onFailure(failure -> writer.sendLast(call, Failures.problem(failure, call)));
    }

    private void mount(Router router, Endpoint endpoint) {
        var route = router.route(endpoint.method(), pattern(endpoint.path()));
        if (endpoint.method().equals(HttpMethod.GET)) {
            route.method(HttpMethod.HEAD);
        }
        route.handler(context -> answer(taken(context, endpoint.path()), endpoint));
    }

    private void mountOtherMethods(Router router, String path, List<Endpoint> endpoints) {
        Problem otherMethod = Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "This path has other methods.")
                .with("allow", allowed(path, endpoints));
        router.route(pattern(path)).handler(context -> writer.send(taken(context, path), otherMethod));
    }

    /** OpenAPI has names in braces, Vert.x after a colon. */
    private static String pattern(String path) {
        return path.replaceAll("\\{(\\w+)}", ":$1");
    }

    private static String allowed(String path, List<Endpoint> endpoints) {
        var methods = new TreeSet<String>();
        for (Endpoint endpoint : endpoints) {
            if (path.matches(endpoint.path().replaceAll("\\{\\w+}", "[^/]+"))) {
                methods.add(endpoint.method().name());
            }
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return String.join(", ", methods);
    }

    private static Call taken(RoutingContext context, String path) {
        Call call = arrived(context);
        call.take(path, context);
        return call;
    }

    private static Call arrived(RoutingContext context) {
        return Objects.requireNonNull(context.<Call>get(CALL), "a request is routed after it has arrived");
    }

    private void answer(Call call, Endpoint endpoint) {
        reply(call, endpoint)
                .otherwise(failure -> Failures.problem(failure, call))
                .onSuccess(reply -> call.onLoop(() -> finish(call, endpoint, reply)));
    }

    private Future<Reply> reply(Call call, Endpoint endpoint) {
        try {
            endpoint.requireServed();
            endpoint.access().require(keys, call, endpoint.reads());
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
