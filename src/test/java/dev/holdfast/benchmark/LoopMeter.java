package dev.holdfast.benchmark;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/** Counts what one event loop of this JVM allocates and computes. */
final class LoopMeter {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long threadId;

    private LoopMeter(long threadId) {
        this.threadId = threadId;
    }

    /** What a loop has used up so far: bytes of heap, and nanoseconds of processor time. */
    record Reading(long bytes, long cpuNanos) {

        Reading since(Reading before) {
            return new Reading(bytes - before.bytes, cpuNanos - before.cpuNanos);
        }
    }

    /** The loop that does most of this work. */
    static LoopMeter ofWhoDoes(Runnable work) {
        Map<Long, Long> before = new HashMap<>();
        for (long id : eventLoops()) {
            before.put(id, THREADS.getThreadCpuTime(id));
        }
        work.run();
        return new LoopMeter(Arrays.stream(eventLoops())
                .boxed()
                .max(Comparator.comparingLong(id -> THREADS.getThreadCpuTime(id) - before.getOrDefault(id, 0L)))
                .orElseThrow(() -> new IllegalStateException("this JVM has no event loop")));
    }

    Reading read() {
        return new Reading(THREADS.getThreadAllocatedBytes(threadId), THREADS.getThreadCpuTime(threadId));
    }

    private static long[] eventLoops() {
        return Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("vert.x-eventloop"))
                .mapToLong(thread -> thread.getThreadId())
                .toArray();
    }
}
