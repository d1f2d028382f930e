package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Bounds what waits in memory for readers who take it slowly: pages of thousands of SKUs have megabytes, and anyone may ask for them. What
 * is short is not counted. Safe for all threads.
 */
final class UnsentBytes {

    /** Less is bounded by the number of connections. */
    private static final int SHORT = 65_536;

    private final long most;
    private final AtomicLong unsent = new AtomicLong();

    /** None waits yet. */
    UnsentBytes(long most) {
        this.most = most;
    }

    /** Whether so much may be written now. */
    boolean hasRoomFor(Buffer bytes) {
        return bytes.length() <= SHORT || unsent.get() + bytes.length() <= most;
    }

    /** Counts it until it is sent, or has failed. */
    Future<Void> send(Buffer bytes, Supplier<Future<Void>> write) {
        if (bytes.length() <= SHORT) {
            return write.get();
        }
        unsent.addAndGet(bytes.length());
        return write.get().onComplete(sent -> unsent.addAndGet(-bytes.length()));
    }
}
