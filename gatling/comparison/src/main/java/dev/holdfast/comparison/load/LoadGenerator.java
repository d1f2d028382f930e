package dev.holdfast.comparison.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Sends one load from one thread and keeps every latency. At a given rate a request's latency counts from when it fell due, not
 * from when a connection was free for it: a server that stalls cannot slow down the clock it is measured with.
 */
public final class LoadGenerator {

    private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);
    private static final int DIGITS = 3;
    private static final long LAST_ANSWERS_NANOS = Duration.ofSeconds(20).toNanos();

    /** Between looks at sockets while the next request is not due: less than what is measured, more than a spin. */
    private static final long NAP_NANOS = 50_000;

    private final Load load;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final Histogram latencies = new Histogram(LONGEST_US, DIGITS);
    private final Map<Integer, Long> answers = new TreeMap<>();
    private final long startNanos;
    private final long endNanos;
    private long sent;
    private long answered;
    private long acceptedInTime;
    private long refusedInTime;

    private LoadGenerator(Load load, Selector selector) throws IOException {
        this.load = load;
        this.selector = selector;
        for (int i = 0; i < load.connections(); i++) {
            Connection connection = new Connection(load.port(), selector, load.requests());
            connections.add(connection);
            idle.add(connection);
        }
        startNanos = System.nanoTime();
        endNanos = startNanos + load.time().toNanos();
    }

    /** Sends it all; answers when the last answer is there, or long overdue. */
    public static LoadResult run(Load load) throws IOException {
        try (Selector selector = Selector.open()) {
            LoadGenerator generator = new LoadGenerator(load, selector);
            try {
                return generator.run();
            } finally {
                for (Connection connection : generator.connections) {
                    connection.close();
                }
            }
        }
    }

    private LoadResult run() throws IOException {
        while (!allSent()) {
            sendDue();
            await();
        }
        double seconds = (Math.min(System.nanoTime(), endNanos) - startNanos) / 1e9;
        long giveUpNanos = System.nanoTime() + LAST_ANSWERS_NANOS;
        while (answered < sent && System.nanoTime() - giveUpNanos < 0) {
            int ignored = selector.select(this::ready, 10);
        }
        return new LoadResult(seconds, acceptedInTime, refusedInTime, answers, sent - answered, latencies);
    }

    private boolean allSent() {
        return load.most().isPresent()
                ? sent >= load.most().getAsLong() || System.nanoTime() - endNanos >= 0
                : System.nanoTime() - endNanos >= 0;
    }

    private void sendDue() throws IOException {
        while (!idle.isEmpty() && !allSent()) {
            long due = dueNanos(sent);
            if (due - System.nanoTime() > 0) {
                return;
            }
            idle.remove().send(load.firstNumber() + sent, due);
            sent++;
        }
    }

    /** When the next request falls due: by the rate, or now. */
    private long dueNanos(long index) {
        return load.ratePerSecond().isPresent()
                ? startNanos + (long) (index * 1e9 / load.ratePerSecond().getAsDouble())
                : System.nanoTime();
    }

    private void await() throws IOException {
        if (load.ratePerSecond().isPresent() && !idle.isEmpty()) {
            long wait = dueNanos(sent) - System.nanoTime();
            if (selector.selectNow(this::ready) == 0 && wait > 0) {
                LockSupport.parkNanos(Math.min(wait, NAP_NANOS));
            }
        } else {
            int ignored = selector.select(this::ready, 1);
        }
    }

    private void ready(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            if (key.isWritable()) {
                connection.write();
            }
            int status = key.isReadable() ? connection.read() : 0;
            if (status > 0) {
                count(status, connection.dueNanos());
                idle.add(connection);
            }
        } catch (IOException e) {
            // What it had under way stays unanswered, and its place stays empty.
            key.cancel();
        }
    }

    private void count(int status, long dueNanos) {
        long now = System.nanoTime();
        answered++;
        answers.merge(status, 1L, Long::sum);
        latencies.recordValue(Math.min(LONGEST_US, (now - dueNanos) / 1000));
        if (now - endNanos > 0) {
            return;
        }
        if (LoadResult.isAccepted(status)) {
            acceptedInTime++;
        } else if (LoadResult.isRefused(status)) {
            refusedInTime++;
        }
    }
}
