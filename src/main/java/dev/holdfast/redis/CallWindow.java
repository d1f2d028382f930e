package dev.holdfast.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps a few calls on their way at once, so that a long row of them does not wait for each answer. Lives on one event loop. */
final class CallWindow {

    private final int most;
    private int underWay;
    private @Nullable Throwable failure;
    private Promise<Void> answered = Promise.promise();

    /** At most so many at once. */
    CallWindow(int most) {
        this.most = most;
    }

    /** Makes the call as soon as there is room for it; succeeds when it was made. Fails where any of the calls has failed. */
    Future<Void> make(Supplier<Future<Void>> call) {
        Throwable before = failure;
        if (before != null) {
            return Future.failedFuture(before);
        }
        if (underWay >= most) {
            return answered.future().compose(one -> make(call));
        }
        underWay++;
        call.get().onComplete(done -> {
            underWay--;
            if (done.failed() && failure == null) {
                failure = done.cause();
            }
            Promise<Void> waiting = answered;
            answered = Promise.promise();
            waiting.complete();
        });
        return Future.succeededFuture();
    }

    /** Succeeds when all calls that were made are answered; fails where any has failed. */
    Future<Void> settled() {
        if (underWay > 0) {
            return answered.future().compose(one -> settled());
        }
        Throwable any = failure;
        return any == null ? Future.succeededFuture() : Future.failedFuture(any);
    }
}
