package dev.holdfast.http;

/**
 * Whether a node was told to end. From then on it is not ready, and each answer closes its connection, so that callers find another
 * node before this one stops listening. Safe for all threads.
 */
public final class Drain {

    private volatile boolean begun;

    /** Cannot be taken back. */
    public void begin() {
        begun = true;
    }

    /** Whether it has begun. */
    public boolean hasBegun() {
        return begun;
    }
}
