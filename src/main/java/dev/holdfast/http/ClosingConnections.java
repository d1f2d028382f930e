package dev.holdfast.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Connections whose next bytes cannot be trusted to be a request: they are answered once more, then closed. One a listener.
 *
 * <p>Closing at once would reset a connection on which the caller is still sending, and the answer with it. So what still comes
 * is thrown away, for a while.
 */
final class ClosingConnections {

    private static final long LINGER_MS = 1000;

    private final Set<HttpConnection> closing = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Vertx vertx;

    ClosingConnections(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Whether no further request of this connection may be served. */
    boolean contains(HttpConnection connection) {
        return !closing.isEmpty() && closing.contains(connection);
    }

    /** Serves nothing that follows this request; it is answered after this call. */
    void add(HttpServerRequest last) {
        HttpConnection connection = last.connection();
        closing.add(connection);
        connection.closeHandler(closed -> closing.remove(connection));
        if (last.isEnded()) {
            return;
        }
        last.handler(thrownAway -> {});
        last.exceptionHandler(ended -> {});
    }

    /** Closes when the rest of the request was thrown away, or has taken too long. */
    void closeAtItsEnd(HttpServerRequest last) {
        HttpConnection connection = last.connection();
        if (last.isEnded()) {
            connection.close();
            return;
        }
        long timer = vertx.setTimer(LINGER_MS, late -> connection.close());
        last.endHandler(end -> {
            vertx.cancelTimer(timer);
            connection.close();
        });
    }
}
