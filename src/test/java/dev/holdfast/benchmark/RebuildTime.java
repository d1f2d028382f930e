package dev.holdfast.benchmark;

import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.LargeSale;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Tells how long a large sale is closed while it is rebuilt, and how long until all that ended is back, too. A whole node in this JVM; it
 * shares the machine with Redis and PostgreSQL.
 */
public final class RebuildTime {

    private static final String SALE = "large";
    private static final int ROUNDS = 3;

    /** Between two looks: what is measured is tens of seconds. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private RebuildTime() {}

    /** Arguments: reservations, every how many of them is live, how many ended days before. */
    public static void main(String[] args) {
        LargeSale.Size size =
                new LargeSale.Size(argument(args, 0, 1_000_000), argument(args, 1, 10), argument(args, 2, 1_000_000));
        String database = TestServers.freshDatabase();
        try (TestNode node = TestNode.start(TestServers.redisUri(), database, UnaryOperator.identity());
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            RedisCommands<String, String> redis = client.connect().sync();
            Api api = node.api();
            api.putSale(SALE, "{\"maxHoldSeconds\":3600,\"perCustomerLimit\":6}")
                    .must(201);
            api.putStock(SALE, "A", 100_000_000).must(201);
            api.putStock(SALE, "B", 100_000_000).must(201);
            api.audit(SALE).must(200);
            LargeSale.write(database, SALE, size, System.currentTimeMillis());
            for (int round = 0; round < ROUNDS; round++) {
                redis.flushall();
                measure(api, size);
            }
        }
    }

    private static void measure(Api api, LargeSale.Size size) {
        long start = System.nanoTime();
        api.rebuild(SALE, "to measure it").must(202);
        Set<String> seen = new HashSet<>();
        await().pollInterval(LOOK).until(() -> {
            Api.Answer report = api.rebuild(SALE);
            if (seen.add(report.text("phase"))) {
                System.out.printf("  %s from %.1f s%n", report.text("phase"), seconds(start));
            }
            return !report.text("state").equals("running");
        });
        double open = seconds(start);
        await().pollInterval(LOOK)
                .until(() -> !api.rebuild(SALE).body().path("restoringEnded").asBoolean());
        if (!api.audit(SALE).must(200).body().path("balanced").asBoolean()) {
            throw new IllegalStateException("the books do not balance");
        }
        System.out.printf(
                "%,d reservations of which every %dth is live, %,d older ones: %s, sells after %.1f s, all is back after %.1f s%n",
                size.reservations(),
                size.liveEvery(),
                size.older(),
                api.rebuild(SALE).text("state"),
                open,
                seconds(start));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static int argument(String[] args, int at, int otherwise) {
        return args.length > at ? Integer.parseInt(args[at]) : otherwise;
    }
}
