package dev.holdfast.scenario;

import dev.holdfast.support.Api;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Feels whether the machine lets servers and nodes work: asks each of them for next to nothing, again and again. Where that takes long, or
 * this thread itself did not run, other work on the machine is the cause of what was not served meanwhile, and the fault log says so.
 */
final class MachinePulse implements AutoCloseable {

    private static final long PAUSE_MS = 20;

    /** A node calls Redis silent after 250 ms. */
    private static final long LONG_MS = 100;

    private final FaultLog faults;
    private final List<ExecutorService> threads = new ArrayList<>();
    private volatile boolean over;

    MachinePulse(FaultLog faults) {
        this.faults = faults;
    }

    /** Feels this Redis until the end. */
    void feel(RedisClient redis) {
        StatefulRedisConnection<String, String> connection = redis.connect();
        begin("Redis, or this machine, was slow", () -> connection.sync().ping());
    }

    /** Feels this node until the end. */
    void feel(Api node) {
        begin("a node, or this machine, was slow", () -> {
            var unused = node.probe("/health/live");
        });
    }

    private void begin(String fault, Runnable beat) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        threads.add(thread);
        thread.execute(() -> {
            long last = System.nanoTime();
            while (!over) {
                try {
                    beat.run();
                } catch (RedisException | UncheckedIOException e) {
                    // It is away, which is a fault that somebody else injects and logs.
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
                }
                long now = System.nanoTime();
                if (now - last > TimeUnit.MILLISECONDS.toNanos(LONG_MS + PAUSE_MS)) {
                    faults.add(fault, LivenessCheck.UNAVAILABLE, last, now + TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
                }
                last = now;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
            }
        });
    }

    /** Feels nothing any more. */
    void end() {
        over = true;
        threads.forEach(ExecutorService::close);
    }

    @Override
    public void close() {
        end();
    }
}
