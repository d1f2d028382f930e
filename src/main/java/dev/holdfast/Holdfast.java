package dev.holdfast;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/** A running service. */
public final class Holdfast {

    private final Vertx vertx;
    private final Deque<Supplier<Future<Void>>> endings = new ConcurrentLinkedDeque<>();
    private int publicPort;
    private int adminPort;

    /** Takes Vert.x over: it ends with the service. */
    Holdfast(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Where buyers' services call. */
    public int publicPort() {
        return publicPort;
    }

    /** Where admins call. */
    public int adminPort() {
        return adminPort;
    }

    /** Ends in order: no new requests, then the recorder, then the connections. What one part fails to do does not keep the others. */
    public Future<Void> close() {
        // The event loops are gone at the end, so neither may the answer come from one nor the last step be taken on
        // one.
        Promise<Void> ended = Promise.promise();
        endParts()
                .onComplete(parts -> new Thread(
                                () -> vertx.close()
                                        .transform(closed -> endOf(parts, closed))
                                        .onComplete(ended),
                                "holdfast-end")
                        .start());
        return ended.future();
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

    void listening(int publicPort, int adminPort) {
        this.publicPort = publicPort;
        this.adminPort = adminPort;
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
