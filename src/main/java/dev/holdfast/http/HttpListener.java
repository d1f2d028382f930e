package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one of both APIs on one event loop: deploy as many as there are loops, and they share the port. */
public final class HttpListener extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private static final int MAX_REQUEST_LINE_BYTES = 4 * 1024;
    private static final int MAX_HEADERS_BYTES = 8 * 1024;

    /** Requests in hand are answered before the port goes, but none of them keeps a node for longer than this. */
    private static final long SHUTDOWN_SECONDS = 10;

    /** Bodies are overdue by this at most, ms. */
    private static final long DEADLINE_STEP_MS = 100;

    static {
        // Vert.x's WebSocket handler, which we have no use for, answers foreign HTTP versions with an empty 501 before
        // we see them.
        System.setProperty("vertx.disableWebsockets", "true");
    }

    private final ListenerSettings settings;
    private final ApiKeys keys;
    private final Metrics metrics;
    private final Drain drain;
    private final Function<Context, Future<Routes>> routes;
    private @Nullable HttpServer server;

    /** Asks for the routes at start, on the event loop that they will be called on. */
    public HttpListener(
            ListenerSettings settings,
            ApiKeys keys,
            Metrics metrics,
            Drain drain,
            Function<Context, Future<Routes>> routes) {
        this.settings = settings;
        this.keys = keys;
        this.metrics = metrics;
        this.drain = drain;
        this.routes = routes;
    }

    @Override
    public Future<?> start() {
        return routes.apply(context).compose(this::listen);
    }

    @Override
    public Future<?> stop() {
        return server == null ? Future.succeededFuture() : server.shutdown(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }

    /** The port it listens on; fails before it does. */
    public int port() {
        if (server == null) {
            throw new IllegalStateException("the listener has not started");
        }
        return server.actualPort();
    }

    private Future<?> listen(Routes bound) {
        var bodies = new BodyReader(settings.bodyDeadline());
        vertx.setPeriodic(DEADLINE_STEP_MS, step -> bodies.failOverdue(System.nanoTime()));
        var closing = new ClosingConnections(vertx);
        var writer = new AnswerWriter(closing, metrics, drain);
        Router router = new Dispatcher(keys, metrics, bodies, writer).router(vertx, bound.endpoints());
        HttpServer created = vertx.createHttpServer(options())
                .requestHandler(request -> serve(request, router, closing, writer))
                .connectionHandler(this::connected)
                .invalidRequestHandler(request -> refuse(request, closing, writer))
                .exceptionHandler(failure -> LOG.debug("A connection broke", failure));
        server = created;
        return created.listen();
    }

    private void connected(HttpConnection connection) {
        IdleTimeout.watch(connection, settings.idleTimeout());
        AnswerBuffers.use(connection);
    }

    private HttpServerOptions options() {
        int port = settings.port() == 0 ? settings.side().freePort() : settings.port();
        return new HttpServerOptions()
                .setHost(settings.host())
                .setPort(port)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADERS_BYTES)
                // A reader that vanished without a word acknowledges nothing of what it is written.
                .setTcpUserTimeout((int) settings.idleTimeout().toMillis());
    }

    private static void serve(
            HttpServerRequest request, Router router, ClosingConnections closing, AnswerWriter writer) {
        if (closing.contains(request.connection())) {
            return;
        }
        if (request.version() == null) {
            writer.sendLast(
                    new Call(request),
                    Problem.of(ProblemCode.MALFORMED_REQUEST, "This service speaks HTTP/1.1 and HTTP/1.0."));
            return;
        }
        router.handle(request);
    }

    /** What cannot be decoded; Vert.x reads nothing further from such a connection and closes it after the answer. */
    private static void refuse(HttpServerRequest request, ClosingConnections closing, AnswerWriter writer) {
        if (!closing.contains(request.connection())) {
            writer.sendLast(new Call(request), problem(request.decoderResult().cause()));
        }
    }

    private static Problem problem(@Nullable Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Problem.of(
                    ProblemCode.URI_TOO_LONG, "A request line has at most " + MAX_REQUEST_LINE_BYTES + " bytes.");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Problem.of(
                    ProblemCode.HEADERS_TOO_LARGE, "Headers have at most " + MAX_HEADERS_BYTES + " bytes in all.");
        }
        return Problem.of(
                ProblemCode.MALFORMED_REQUEST, "The request is not HTTP/1.1, or its body is framed in two ways.");
    }
}
