package dev.holdfast.recorder;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.Incident;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A lane with many holds is walked whole in small steps. {@code -Dholdfast.inspection.holds=100000} measures what that costs Redis: it is
 * printed.
 */
class InspectionOfManyHoldsTest {

    private static final int HOLDS = Integer.getInteger("holdfast.inspection.holds", 3_000);
    private static final int AT_ONCE = 500;
    private static final Pattern EVALSHA = Pattern.compile("cmdstat_evalsha:calls=(\\d+),usec=(\\d+)");

    @Test
    void oneWrongHoldAmongManyIsFoundAndNothingElse() {
        String database = TestServers.freshDatabase();
        try (RecordingNode node = new RecordingNode(database, "node").record();
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            RedisCommands<String, String> redis = client.connect().sync();
            Lane lane = node.openLane(10L * HOLDS);
            List<ReservationId> ids = new ArrayList<>();
            for (int from = 0; from < HOLDS; from += AT_ONCE) {
                List<Future<?>> holds = new ArrayList<>();
                for (int i = from; i < Math.min(from + AT_ONCE, HOLDS); i++) {
                    ReservationId id = new ReservationId("reservation-%010d".formatted(i));
                    ids.add(id);
                    Cart cart = new Cart(List.of(new Line(RecordingNode.SHOE, 1)));
                    holds.add(node.step.hold(
                            lane,
                            id,
                            "print",
                            new HoldRequest(lane.saleId(), new CustomerId("c-" + i), cart, 600, "key")));
                }
                await(Future.all(holds));
            }
            node.awaitRecorded(lane);
            ListedSale listed = await(node.db.books.sales().find(lane.saleId())).orElseThrow();
            String holds = "hf:{" + lane.saleId() + "/0}:holds";
            String wrong = ids.get(HOLDS / 2).key();
            redis.hset(holds, wrong, redis.hget(holds, wrong).replaceFirst("SHOE 1$", "SHOE 5"));
            long before = usec(redis);
            long calls = calls(redis);
            long began = System.nanoTime();

            await(node.inspector.inspect(listed));

            long tookMs = (System.nanoTime() - began) / 1_000_000;
            System.out.printf(
                    "inspection of %d holds: %d calls and %.1f ms of Redis, %d ms without pauses%n",
                    HOLDS, calls(redis) - calls, (usec(redis) - before) / 1e3, tookMs);
            assertThat(await(node.db
                                    .books
                                    .incidents()
                                    .find(
                                            new Incidents.Query(lane.saleId(), Incident.State.OPEN, null, null),
                                            null,
                                            10))
                            .items())
                    .extracting(Incident::kind, incident -> incident.subject().substring(0, ReservationId.KEY_LENGTH))
                    .containsExactly(org.assertj.core.api.Assertions.tuple("hold-differs", wrong));
        }
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
