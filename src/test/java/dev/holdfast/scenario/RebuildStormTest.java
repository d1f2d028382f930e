package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A healthy lane may be rebuilt in the middle of a rush: it closes for a moment, and every answer stays true. */
class RebuildStormTest {

    private static final int CLIENTS = 30;
    private static final int REBUILDS = 3;

    @Test
    void nothingIsSoldTwiceOrLostWhereALaneIsRebuiltInAStorm() {
        long seed = Storm.seed();
        String redis = TestServers.redisUri();
        String database = TestServers.migratedDatabase();
        try (TestNode one = TestNode.start(redis, database, UnaryOperator.identity());
                TestNode two = TestNode.start(redis, database, UnaryOperator.identity());
                RedisClient client = RedisClient.create(redis)) {
            Town town = new Town(
                    one.api(),
                    List.of(one.publicUri(), two.publicUri()),
                    client.connect().sync(),
                    new BooksReader(database));
            try (SaleStorm storm = new SaleStorm(town, Kind.LONG, seed)) {
                storm.begin(CLIENTS);
                for (int times = 0; times < REBUILDS; times++) {
                    awaitSales(storm);
                    Api api = (times % 2 == 0 ? one : two).api();
                    storm.rebuild(api);
                }
                awaitSales(storm);
                storm.end();

                storm.settle();
                Evidence evidence = storm.evidence();
                System.out.printf(
                        "rebuilt %d times, seed %d: %s%n", REBUILDS, seed, History.summary(evidence.operations()));
                Violations violations =
                        HistoryChecker.check(evidence, Settings.Rush.usual().nearCache());

                assertThat(violations.found())
                        .as("seed %d: %s", seed, violations.perRule())
                        .isEmpty();
                assertThat(storm.history().count("recovering")).isPositive();
            }
        }
    }

    private static void awaitSales(SaleStorm storm) {
        long before = storm.history().count("done");
        await().until(() -> storm.history().count("done") > before + 200);
    }
}
