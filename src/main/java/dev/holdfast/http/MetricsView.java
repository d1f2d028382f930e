package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.function.Supplier;

/** The page that Prometheus reads. */
final class MetricsView {

    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Supplier<String> scrape;

    MetricsView(Supplier<String> scrape) {
        this.scrape = scrape;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/metrics", Access.OPEN, this::page));
    }

    /** On a worker thread: with many meters it takes milliseconds. */
    private Future<Reply> page(Call call) {
        return call.vertx()
                .executeBlocking(scrape::get, false)
                .map(text -> Answer.of(PROMETHEUS_TEXT, Buffer.buffer(text)));
    }
}
