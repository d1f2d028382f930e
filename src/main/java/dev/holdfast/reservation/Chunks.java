package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;

/** Long lists in steps, so that none of them keeps anybody waiting for long. */
public final class Chunks {

    private Chunks() {}

    /** Takes the step on the first {@code size} elements, when that is done on the next, and so on; ends with the first failure. */
    public static <T> Future<Void> inTurn(List<T> all, int size, Function<List<T>, Future<Void>> step) {
        if (all.isEmpty()) {
            return Future.succeededFuture();
        }
        int end = Math.min(size, all.size());
        return step.apply(all.subList(0, end)).compose(done -> inTurn(all.subList(end, all.size()), size, step));
    }
}
