package dev.holdfast.gatling;

import org.jspecify.annotations.Nullable;

/** Wishes that several callers have at the same time: who comes next repeats the one before, with the same key. */
final class SharedWishes {
    private final Buyers buyers;
    private final int callersEach;
    private int callersLeft;
    private @Nullable Wish wish;

    SharedWishes(Buyers buyers, int callersEach) {
        this.buyers = buyers;
        this.callersEach = callersEach;
    }

    /** The wish of the next caller. */
    synchronized Wish next() {
        if (wish == null || callersLeft == 0) {
            wish = buyers.next();
            callersLeft = callersEach;
        }
        callersLeft--;
        return wish;
    }
}
