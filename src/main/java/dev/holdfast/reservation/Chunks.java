package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Long lists in steps, so that none of them keeps anybody waiting for long. */
public final class Chunks {

    private Chunks() {}

    /** Takes the step on the first {@code size} elements, when that is done on the next, and so on; ends with the first failure. */
    public static <T> Future<Void> inTurn(List<T> all, int size, Function<List<T>, Future<Void>> step) {
        AtomicInteger from = new AtomicInteger();
        return AsyncLoop.whileTrue(() -> {
            int start = from.get();
            if (start >= all.size()) {
                return Future.succeededFuture(false);
            }
            int end = Math.min(start + size, all.size());
            from.set(end);
            return step.apply(all.subList(start, end)).map(true);
        });
    }
}
