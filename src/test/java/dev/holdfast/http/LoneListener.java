package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A listener with calls of its own and nothing behind it. */
final class LoneListener implements AutoCloseable {

    static final Duration BODY_DEADLINE = Duration.ofMillis(300);
    static final Duration IDLE_TIMEOUT = Duration.ofMillis(900);

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Vertx vertx = Vertx.vertx();
    private final HttpListener listener;

    LoneListener(List<Endpoint> endpoints) {
        this(endpoints, IDLE_TIMEOUT);
    }

    /** The same with another idle time-out, for readers that a busy machine keeps from reading for a while. */
    LoneListener(List<Endpoint> endpoints, Duration idleTimeout) {
        var keys =
                new ApiKeys(Map.of("shop", "checkout-secret"), Map.of("ops", "admin-secret"), none -> Optional.empty());
        var settings = new ListenerSettings(ListenerSettings.Side.PUBLIC, "127.0.0.1", 0, BODY_DEADLINE, idleTimeout);
        listener = new HttpListener(
                settings,
                keys,
                new Metrics(meters),
                new Drain(),
                loop -> Future.succeededFuture(new Routes(endpoints)));
        vertx.deployVerticle(listener).await();
    }

    /** A new connection to it. */
    RawConnection connect() {
        return new RawConnection(listener.port());
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
