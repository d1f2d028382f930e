package dev.holdfast.recorder;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.ledger.Incident;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.redis.LaneKeys;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A lane with many holds is walked whole in small steps. {@code -Dholdfast.inspection.holds=100000} measures what that costs Redis, with the
 * pauses of a service that runs: it is printed.
 */
class InspectionOfManyHoldsTest {

    private static final int HOLDS = Integer.getInteger("holdfast.inspection.holds", 3_000);
    private static final int AT_ONCE = 500;

    /** An inspection of 100,000 holds must be over within it. */
    private static final Duration INTERVAL = Duration.ofMinutes(10);

    /** Of Redis's time. */
    private static final double MOST_SHARE = 0.02;

    private static final Pattern EVALSHA = Pattern.compile("cmdstat_evalsha:calls=(\\d+),usec=(\\d+)");

    @Test
    void oneWrongHoldAmongManyIsFoundAndNothingElse() {
        String database = TestServers.freshDatabase();
        try (RecordingNode node = new RecordingNode(database, "node").record();
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            RedisCommands<String, String> redis = client.connect().sync();
            Lane lane = node.openLane(10L * HOLDS);
            String wrong = oneWrongAmongMany(node, redis, lane);
            ListedSale listed = await(node.db.books.sales().find(lane.saleId())).orElseThrow();
            long before = usec(redis);
            long calls = calls(redis);
            long began = System.nanoTime();

            await(node.inspector.inspect(listed));

            long tookMs = (System.nanoTime() - began) / 1_000_000;
            System.out.printf(
                    "inspection of %d holds: %d calls and %.1f ms of Redis, %d ms without pauses%n",
                    HOLDS, calls(redis) - calls, (usec(redis) - before) / 1e3, tookMs);
            assertOnlyWrongIs(wrong, node, lane);
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "holdfast.inspection.holds", matches = "[0-9]+")
    void withItsPausesItLeavesRedisToOthersAndIsOverInItsInterval() {
        try (RecordingNode node = new RecordingNode(TestServers.freshDatabase(), "node").record();
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            RedisCommands<String, String> redis = client.connect().sync();
            Lane lane = node.openLane(10L * HOLDS);
            String wrong = oneWrongAmongMany(node, redis, lane);
            await(node.db.books.sales().refresh(lane.saleId()));
            Deque<Long> usecBySecond = new ArrayDeque<>(List.of(usec(redis)));
            long before = usec(redis);
            long began = System.nanoTime();

            node.inspector.start(INTERVAL, each -> true);
            long[] busiest = {0};
            Awaitility.await()
                    .atMost(INTERVAL.plusMinutes(5))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        long now = usec(redis);
                        busiest[0] = Math.max(busiest[0], now - usecBySecond.removeLast());
                        usecBySecond.add(now);
                        return hasEnded(node, began);
                    });
            node.inspector.stop();

            double tookMs = (System.nanoTime() - began) / 1e6;
            double usedMs = (usec(redis) - before) / 1e3;
            System.out.printf(
                    "inspection of %d holds with its pauses: %.0f s, %.0f ms of Redis, %.2f %% of its time, at most %.2f %% in a second%n",
                    HOLDS, tookMs / 1e3, usedMs, 100 * usedMs / tookMs, busiest[0] / 1e4);
            assertOnlyWrongIs(wrong, node, lane);
            assertThat(tookMs).isLessThan((double) INTERVAL.toMillis());
            assertThat(usedMs / tookMs).isLessThan(MOST_SHARE);
        }
    }

    /** The last whole inspection ended after this one began. */
    private static boolean hasEnded(RecordingNode node, long beganNanos) {
        double age = node.meters.get("holdfast.inspection.age.seconds").gauge().value();
        double sinceBegan = (System.nanoTime() - beganNanos) / 1e9;
        return sinceBegan > 5 && age < sinceBegan - 3;
    }

    /** Holds many, records them, and changes one in Redis; answers its key. */
    private static String oneWrongAmongMany(RecordingNode node, RedisCommands<String, String> redis, Lane lane) {
        for (int from = 0; from < HOLDS; from += AT_ONCE) {
            List<Future<?>> holds = new ArrayList<>();
            for (int i = from; i < Math.min(from + AT_ONCE, HOLDS); i++) {
                Cart cart = new Cart(List.of(new Line(RecordingNode.SHOE, 1)));
                holds.add(node.step.hold(
                        lane,
                        new ReservationId(key(i)),
                        "print",
                        new HoldRequest(lane.saleId(), new CustomerId("c-" + i), cart, 600, "key")));
            }
            await(Future.all(holds));
            assertThat(holds).allMatch(held -> held.result() instanceof HoldOutcome.Held);
        }
        node.awaitRecorded(lane);
        String holds = LaneKeys.of(lane).holds();
        String wrong = key(HOLDS / 2);
        redis.hset(holds, wrong, redis.hget(holds, wrong).replaceFirst("SHOE 1$", "SHOE 5"));
        return wrong;
    }

    private static String key(int number) {
        return "reservation-%010d".formatted(number);
    }

    private static void assertOnlyWrongIs(String wrong, RecordingNode node, Lane lane) {
        assertThat(await(node.db
                                .books
                                .incidents()
                                .find(new Incidents.Query(lane.saleId(), Incident.State.OPEN, null, null), null, 10))
                        .items())
                .extracting(Incident::kind, incident -> incident.subject().substring(0, ReservationId.KEY_LENGTH))
                .containsExactly(tuple("hold-differs", wrong));
    }

    private static long usec(RedisCommands<String, String> redis) {
        return stat(redis, 2);
    }

    private static long calls(RedisCommands<String, String> redis) {
        return stat(redis, 1);
    }

    private static long stat(RedisCommands<String, String> redis, int group) {
        Matcher matcher = EVALSHA.matcher(redis.info("commandstats"));
        return matcher.find() ? Long.parseLong(matcher.group(group)) : 0;
    }
}
