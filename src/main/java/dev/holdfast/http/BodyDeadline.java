package dev.holdfast.http;

import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fails bodies that take too long to arrive. All have the same time, so the oldest is always the first. One a listener. */
final class BodyDeadline {

    private final Map<Promise<?>, Long> startedNanos = new LinkedHashMap<>();
    private final long limitNanos;

    BodyDeadline(Duration limit) {
        limitNanos = limit.toNanos();
    }

    void start(Promise<?> body, long nowNanos) {
        startedNanos.put(body, nowNanos);
    }

    void end(Promise<?> body) {
        startedNanos.remove(body);
    }

    /** One step of the schedule. */
    void failOverdue(long nowNanos) {
        Iterator<Map.Entry<Promise<?>, Long>> oldestFirst =
                startedNanos.entrySet().iterator();
        while (oldestFirst.hasNext()) {
            Map.Entry<Promise<?>, Long> body = oldestFirst.next();
            if (nowNanos - body.getValue() < limitNanos) {
                return;
            }
            oldestFirst.remove();
            body.getKey()
                    .tryFail(new ProblemException(
                            ProblemCode.REQUEST_TIMEOUT,
                            "The body did not arrive within " + limitNanos / 1_000_000 + " ms."));
        }
    }
}
