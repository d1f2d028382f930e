package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Settings;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Two nodes refuse by themselves what the other may have given back: each such refusal was true a moment ago, by the ledger. */
class NearCacheStormTest {

    private static final Duration LENGTH = Duration.ofSeconds(5);
    private static final int CLIENTS = 30;
    private static final Duration PROMISED = Settings.Rush.usual().nearCache();

    @Test
    void whatANodeRefusesByItselfWasSoWithinTheLastFiftyMilliseconds() {
        Raged raged = rage(PROMISED);

        assertThat(raged.nearRefusals()).isPositive();
        assertThat(raged.violations().found())
                .as("seed %d: %s", raged.seed(), raged.violations().perRule())
                .isEmpty();
    }

    @Test
    void aNodeThatRefusesByWhatIsOlderIsFoundOut() {
        Raged raged = rage(Duration.ofSeconds(1));

        assertThat(raged.violations().perRule()).as("seed %d", raged.seed()).containsOnlyKeys("refused without reason");
    }

    private record Raged(long seed, double nearRefusals, Violations violations) {}

    private static Raged rage(Duration nearCache) {
        long seed = Storm.seed();
        String redis = TestServers.redisUri();
        String database = TestServers.migratedDatabase();
        var rush = new Settings.Rush(nearCache, Settings.Rush.usual().maxWaitingHolds());
        try (TestNode one = TestNode.start(redis, database, rush, UnaryOperator.identity());
                TestNode two = TestNode.start(redis, database, rush, UnaryOperator.identity());
                RedisClient client = RedisClient.create(redis)) {
            Town town = new Town(
                    two.api(),
                    List.of(one.publicUri(), two.publicUri()),
                    client.connect().sync(),
                    new BooksReader(database));
            try (SaleStorm storm = new SaleStorm(town, Kind.BARE, seed)) {
                long end = System.nanoTime() + Storm.length(LENGTH).toNanos();
                storm.begin(CLIENTS);
                storm.steer();
                // A busy machine may need longer until anything is sold out and asked for again at once.
                TestWait.forMoreThan(Storm.length(LENGTH))
                        .until(() -> System.nanoTime() > end && nearRefusals(one, two) > 0);
                storm.end();
                storm.settle();
                double nearRefusals = nearRefusals(one, two);
                Evidence evidence = storm.evidence();
                System.out.printf(
                        "near cache of %s, seed %d: %.0f refusals by nodes, %s%n",
                        nearCache, seed, nearRefusals, History.summary(evidence.operations()));
                return new Raged(seed, nearRefusals, HistoryChecker.check(evidence, PROMISED));
            }
        }
    }

    private static double nearRefusals(TestNode one, TestNode two) {
        return one.metric("holdfast_near_refusals_total") + two.metric("holdfast_near_refusals_total");
    }
}
