package dev.holdfast;

import io.vertx.core.Future;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/** A running service. */
public final class Holdfast {

    private final Deque<Supplier<Future<Void>>> endings = new ConcurrentLinkedDeque<>();
    private int publicPort;
    private int adminPort;

    Holdfast() {}

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
        Future<Void> ended = Future.succeededFuture();
        while (!endings.isEmpty()) {
            Supplier<Future<Void>> next = endings.pop();
            ended = ended.transform(before -> next.get()
                    .compose(done -> before.failed() ? Future.failedFuture(before.cause()) : Future.succeededFuture()));
        }
        return ended;
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
