package dev.holdfast.gatling;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What several callers want at the same time: who comes next repeats the one before, with the same key. */
final class Shared<T> {
    private final Supplier<T> wishes;
    private final int callersEach;
    private int callersLeft;
    private @Nullable T wish;

    Shared(Supplier<T> wishes, int callersEach) {
        this.wishes = wishes;
        this.callersEach = callersEach;
    }

    /** What the next caller wants. */
    synchronized T next() {
        if (wish == null || callersLeft == 0) {
            wish = wishes.get();
            callersLeft = callersEach;
        }
        callersLeft--;
        return wish;
    }
}
