package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import dev.holdfast.scenario.SaleStorm.Kind;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The proof of the promises: whatever clients, network and admins do to two nodes, nothing is sold twice, lost, or left idle, and
 * every answer was true. {@code -Dholdfast.storm.seconds=} makes it longer, {@code -Dholdfast.storm.seed=} asks the same again.
 */
class StormTest {

    private static final Duration WAVE = Duration.ofSeconds(7);
    private static final int CLIENTS_OF_A_SALE = 30;
    private static final Duration NEAR_CACHE = Settings.Rush.usual().nearCache();

    @Test
    void nothingIsSoldTwiceLostOrLeftIdleInAStorm() {
        long seed = Storm.seed();
        long waves = Math.max(1, Storm.length(WAVE.multipliedBy(3)).dividedBy(WAVE));
        String database = TestServers.migratedDatabase();
        URI redis = URI.create(TestServers.redisUri());

        try (LossyProxy proxy = new LossyProxy(new InetSocketAddress(redis.getHost(), redis.getPort()));
                TestNode one = TestNode.start(redis.toString(), database, UnaryOperator.identity());
                TestNode two = TestNode.start("redis://127.0.0.1:" + proxy.port(), database, UnaryOperator.identity());
                RedisClient client = RedisClient.create(redis.toString());
                ScheduledExecutorService breaker = Executors.newSingleThreadScheduledExecutor()) {
            FaultLog faults = new FaultLog();
            // The first node has no faults of its own: whatever it does not serve needs a pause of the machine.
            var broken = faults.begin("the second node's way to Redis breaks", 1, LivenessCheck.UNAVAILABLE);
            MachinePulse pulse = new MachinePulse(faults);
            pulse.feel(client);
            pulse.feel(one.api());
            Api api = new Api(one.publicUri(), one.adminUri());
            Town town = new Town(
                    api,
                    List.of(one.publicUri(), two.publicUri()),
                    client.connect().sync(),
                    new BooksReader(database));
            var unused = breaker.scheduleWithFixedDelay(breaking(proxy), 1000, 600, TimeUnit.MILLISECONDS);
            List<SaleStorm> storms = new ArrayList<>();

            for (int wave = 0; wave < waves; wave++) {
                storms.addAll(rage(town, seed + wave * 1000L));
            }
            pulse.end();
            broken.over();
            breaker.shutdownNow();
            proxy.cut();

            for (SaleStorm storm : storms) {
                check(storm, api, faults, seed);
            }
            assertThat(proxy.repliesSwallowed()).isPositive();
            System.out.println("faults: " + faults.counts());
        }
    }

    @Test
    void aBugInTheScriptsIsFoundOverHttpTooAndPostgresFreezesTheSale() {
        long seed = Storm.seed();
        String database = TestServers.migratedDatabase();
        Scripts bundled = Scripts.bundled();
        String right = "quantity - mine > stock.available";
        String bug = bundled.text(Script.HOLD).replace(right, right + " + 1");
        assertThat(bug).isNotEqualTo(bundled.text(Script.HOLD));
        Scripts scripts = bundled.with(Map.of(Script.HOLD, bug));

        try (TestNode node = TestNode.start(TestServers.redisUri(), database, tuning -> tuning.withScripts(scripts));
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            Town town = new Town(
                    node.api(), List.of(node.publicUri()), client.connect().sync(), new BooksReader(database));
            try (SaleStorm storm = new SaleStorm(town, Kind.REHEARSAL, seed)) {
                storm.begin(CLIENTS_OF_A_SALE);
                await().until(() -> town.books().laneState(storm.saleId()).equals("frozen"));
                storm.end();

                Violations violations = HistoryChecker.check(storm.evidenceOfRedis(), NEAR_CACHE);

                assertThat(violations.perRule()).containsKey("oversold or unbalanced");
            }
        }
    }

    private static List<SaleStorm> rage(Town town, long seed) {
        List<SaleStorm> storms = List.of(
                new SaleStorm(town, Kind.REHEARSAL, seed),
                new SaleStorm(town, Kind.ORDINARY, seed + 500),
                new SaleStorm(town, Kind.LARGE, seed + 700));
        long end = System.nanoTime() + WAVE.toNanos();
        for (SaleStorm storm : storms) {
            storm.begin(CLIENTS_OF_A_SALE);
            storm.steer();
            storm.observe();
        }
        await().until(() -> System.nanoTime() > end);
        storms.forEach(SaleStorm::end);
        return storms;
    }

    /** The way from the second node to Redis breaks again and again, every other time with answers already on it. */
    private static Runnable breaking(LossyProxy proxy) {
        AtomicInteger turn = new AtomicInteger();
        return () -> {
            switch (turn.getAndIncrement() % 6) {
                case 0 -> proxy.mute();
                case 1, 4 -> proxy.cut();
                default -> {}
            }
        };
    }

    private static void check(SaleStorm storm, Api api, FaultLog faults, long seed) {
        try (storm) {
            storm.settle();
            Api.Answer audit = api.audit(storm.saleId());
            Evidence evidence = storm.evidence();
            System.out.printf(
                    "storm %s, seed %d: %d operations (%d/s), %d ledger entries, %d unknown, %s, %s%n",
                    storm.saleId(),
                    seed,
                    evidence.operations().size(),
                    evidence.operations().size() / WAVE.toSeconds(),
                    storm.lane().lastSeq(),
                    storm.history().count("unknown"),
                    evidence.observations().summary(),
                    History.summary(evidence.operations()));

            Violations violations = HistoryChecker.check(evidence, NEAR_CACHE);
            new LivenessCheck(faults, violations).check(evidence);

            assertThat(violations.found())
                    .as("seed %d: %s", seed, violations.perRule())
                    .isEmpty();
            String anyId = evidence.books().reservations().keySet().iterator().next();
            await().until(() -> api.reservation(storm.saleId(), anyId)
                    .body()
                    .path("recorded")
                    .asBoolean());
            assertThat(audit.body().path("balanced").asBoolean())
                    .as(audit.text())
                    .isTrue();
        }
    }
}
