package dev.holdfast.comparison.cost;

import dev.holdfast.comparison.server.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How long the disk takes to keep a few hundred bytes, in milliseconds, when nothing else is asked of it: what Redis does before it
 * answers with appendfsync always, and what no accepted hold can be faster than.
 */
public record DiskSync(double p50, double p99) {

    /** About what one hold appends to Redis' file. */
    private static final int BYTES = 400;

    private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(1);
    private static final int DIGITS = 3;

    /** Appends and syncs again and again for this long, beside the servers' data. */
    public static DiskSync measure(Duration time) throws IOException {
        Path folder = Folder.create("sync");
        try (FileChannel file =
                FileChannel.open(folder.resolve("data"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Histogram latencies = new Histogram(LONGEST_US, DIGITS);
            long endNanos = System.nanoTime() + time.toNanos();
            while (System.nanoTime() - endNanos < 0) {
                long start = System.nanoTime();
                int ignored = file.write(ByteBuffer.allocate(BYTES));
                file.force(false);
                latencies.recordValue(Math.min(LONGEST_US, (System.nanoTime() - start) / 1000));
            }
            return new DiskSync(
                    latencies.getValueAtPercentile(50) / 1000.0, latencies.getValueAtPercentile(99) / 1000.0);
        } finally {
            Folder.delete(folder);
        }
    }
}
