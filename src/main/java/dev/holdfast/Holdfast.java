package dev.holdfast;

import dev.holdfast.http.Drain;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A running service. */
public final class Holdfast {

    private final Vertx vertx;
    private final Drain drain;
    private final Deque<Supplier<Future<Void>>> endings = new ConcurrentLinkedDeque<>();
    private final AtomicReference<@Nullable Future<Void>> closing = new AtomicReference<>();
    private Duration drainTime = Duration.ZERO;
    private int publicPort;
    private int adminPort;

    /** Takes Vert.x over: it ends with the service. The drain begins with the end of the service. */
    Holdfast(Vertx vertx, Drain drain) {
        this.vertx = vertx;
        this.drain = drain;
    }

    /** Where buyers' services call. */
    public int publicPort() {
        return publicPort;
    }

    /** Where admins call. */
    public int adminPort() {
        return adminPort;
    }

    /**
     * Ends in order: it is not ready any more but still answers, as long as it is to drain; then no new requests, then the recorder,
     * which leaves its lanes to other nodes, then the connections. What one part fails to do does not keep the others. Asked again, it
     * answers as the first time.
     */
    public Future<Void> close() {
        Promise<Void> ended = Promise.promise();
        Future<Void> before = closing.compareAndExchange(null, ended.future());
        if (before != null) {
            return before;
        }
        // The event loops are gone at the end, so neither may the answer come from one nor the last step be taken on
        // one.
        drained()
                .compose(drained -> endParts())
                .onComplete(parts -> new Thread(
                                () -> vertx.close()
                                        .transform(closed -> endOf(parts, closed))
                                        .onComplete(ended),
                                "holdfast-end")
                        .start());
        return ended.future();
    }

    private Future<Void> drained() {
        drain.begin();
        return drainTime.isZero()
                ? Future.succeededFuture()
                : vertx.timer(drainTime.toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
    }

    private Future<Void> endParts() {
        Future<Void> ended = Future.succeededFuture();
        while (!endings.isEmpty()) {
            Supplier<Future<Void>> next = endings.pop();
            ended = ended.transform(before -> next.get().transform(after -> endOf(before, after)));
        }
        return ended;
    }

    private static Future<Void> endOf(AsyncResult<Void> first, AsyncResult<Void> second) {
        AsyncResult<Void> told = first.failed() ? first : second;
        return told.failed() ? Future.failedFuture(told.cause()) : Future.succeededFuture();
    }

    /** From now on there may be callers, who need so long to find another node. */
    void listening(int publicPort, int adminPort, Duration drainTime) {
        this.publicPort = publicPort;
        this.adminPort = adminPort;
        this.drainTime = drainTime;
    }

    /** What starts last ends first. */
    void endWith(Supplier<Future<Void>> ending) {
        endings.push(ending);
    }

    void endWith(Runnable ending) {
        endWith(() -> {
            ending.run();
            return Future.succeededFuture();
        });
    }
}
