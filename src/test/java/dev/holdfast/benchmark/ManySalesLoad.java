package dev.holdfast.benchmark;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.TestServers;
import java.time.Duration;

/**
 * Tells what 2,000 open sales cost, of which 400 sell, on two nodes: all of it in this JVM, with Redis and PostgreSQL on the same machine.
 * Arguments, all optional: sales, selling, nodes, seconds.
 */
public final class ManySalesLoad {

    private static final Duration EVERY = Duration.ofMillis(1_500);

    private ManySalesLoad() {}

    /** Prints the figures. Throws where a bar is missed. */
    public static void main(String[] args) {
        int sales = argument(args, 0, 2_000);
        int selling = argument(args, 1, 400);
        int nodes = argument(args, 2, 2);
        int seconds = argument(args, 3, 60);
        LocalRedis redis = TestServers.ownRedis();
        try (ManySales many = new ManySales(redis.uri(), nodes)) {
            long begun = System.nanoTime();
            many.open(sales);
            System.out.printf(
                    "%,d sales on %d nodes, made in %.0f s%n", sales, nodes, (System.nanoTime() - begun) / 1e9);
            // What was set up is audited once more, some seconds later.
            many.idle(30, Duration.ofSeconds(15));
            ManySales.Idle idle = many.idle(30, Duration.ofSeconds(30));
            System.out.printf(
                    "idle for %.0f s: %.2f commands a second and sale, %,d rows of lanes written%n",
                    idle.seconds(), idle.commands(), idle.laneWrites());
            many.sell(selling, EVERY, Duration.ofSeconds(10));
            ManySales.Sold sold = many.sell(selling, EVERY, Duration.ofSeconds(seconds));
            System.out.printf(
                    "%d sell, each every %d ms: %,d holds, %,d of them refused; %,d transactions of %.1f lanes, %,d lanes retried%n",
                    selling,
                    EVERY.toMillis(),
                    sold.held(),
                    sold.refused(),
                    sold.transactions(),
                    sold.lanesATransaction(),
                    sold.retries());
            System.out.printf(
                    "recorded after %s ms, expired %s ms after the deadline (median, 99 %%, longest)%n",
                    sold.recordedMs(), sold.expiredMs());
            many.requireBalanced(Math.max(1, sales / 100));
            if (idle.commands() >= 1
                    || sold.retries() > 0
                    || sold.refused() > 0
                    || sold.recordedMs().getLast() >= 2_000) {
                throw new IllegalStateException("a bar is missed");
            }
        } finally {
            redis.stop();
        }
    }

    private static int argument(String[] args, int place, int otherwise) {
        return args.length > place ? Integer.parseInt(args[place]) : otherwise;
    }
}
