package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.LargeSale;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A large sale sells again as soon as its live state is back; what has ended follows, and is known to callers all the same. */
class LargeRebuildTest {

    private static final int RESERVATIONS = 200_000;
    private static final int LIVE_EVERY = 10;
    private static final int LIVE = RESERVATIONS / LIVE_EVERY;
    private static final int OLDER = 50_000;

    private final String saleId = "large-" + UUID.randomUUID();
    private final TestDatabase database = new TestDatabase();
    private final BooksReader books = new BooksReader(database.uri());
    private final RedisClient client = RedisClient.create(TestServers.redisUri());
    private final RedisCommands<String, String> commands = client.connect().sync();
    private final LaneReader lane = new LaneReader(commands, saleId);
    private TestNode node;
    private Api api;

    @BeforeEach
    void aSale() {
        node = TestNode.start(TestServers.redisUri(), database.uri(), UnaryOperator.identity());
        api = node.api();
        api.putSale(saleId, "{\"perCustomerLimit\":6,\"maxHoldSeconds\":3600}").must(201);
        api.putStock(saleId, "A", 1_000_000).must(201);
        api.putStock(saleId, "B", 1_000_000).must(201);
        await().until(() -> books.recordedSeq(saleId) == lane.lastSeq());
    }

    @AfterEach
    void end() {
        commands.unlink(lane.keys());
        node.close();
        client.shutdown();
    }

    @Test
    void liveHoldsCountsAndLimitsComeFirstAndItsProgressIsShown() {
        long heldAtMs = System.currentTimeMillis();
        LargeSale.write(database.uri(), saleId, new LargeSale.Size(RESERVATIONS, LIVE_EVERY, OLDER), heldAtMs);
        TreeSet<String> phases = new TreeSet<>();

        api.rebuild(saleId, "large").must(202);
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            Api.Answer report = api.rebuild(saleId).must(200);
            phases.add(report.text("phase"));
            return !report.text("state").equals("running");
        });
        Api.Answer opened = api.rebuild(saleId).must(200);
        Api.Answer held = api.confirm(saleId, LargeSale.id(LIVE_EVERY, heldAtMs));
        await().until(() -> !api.rebuild(saleId).body().path("restoringEnded").asBoolean());
        Api.Answer whole = api.rebuild(saleId).must(200);

        assertThat(opened.text("state")).as(opened.text()).isEqualTo("done");
        // A quick machine is past a phase between two looks.
        assertThat(phases).containsAnyOf("holds", "buyers");
        assertThat(held.status()).isEqualTo(200);
        assertThat(whole.body().path("reservations").asLong()).isEqualTo(RESERVATIONS);
        assertThat(whole.text("phase")).isEqualTo("done");
        // What ended days ago is not looked for, and not brought back.
        assertThat(commands.hlen(lane.keys()[3])).isEqualTo(RESERVATIONS);
        assertThat(commands.zcard(lane.keys()[4])).isEqualTo(RESERVATIONS);
        assertThat(api.confirm(saleId, LargeSale.id(1, heldAtMs)).text("state")).isEqualTo("confirmed");
        assertThat(api.release(saleId, LargeSale.id(2, heldAtMs)).text("state")).isEqualTo("released");
        // 10 (two units) is confirmed, and so is 11 (three).
        assertThat(api.hold(saleId, "customer-5", "A", 2).code()).isEqualTo("purchase-limit");
        assertThat(api.hold(saleId, "customer-5", "A", 1).status()).isEqualTo(201);
        assertThat(api.audit(saleId).body().path("balanced").asBoolean()).isTrue();
        assertThat(LIVE).isEqualTo(20_000);
    }

    @Test
    void aKeyWhoseReservationIsNotBackYetHoldsNothingTwice() {
        String bought =
                api.hold(saleId, Api.cart("ann", "A", 2), "ann-1").must(201).text("reservationId");
        api.confirm(saleId, bought).must(200);
        String given =
                api.hold(saleId, Api.cart("bob", "A", 1), "bob-1").must(201).text("reservationId");
        api.release(saleId, given).must(200);
        await().until(() -> books.recordedSeq(saleId) == lane.lastSeq());
        api.rebuild(saleId, "a drill").must(202);
        await().until(() -> api.rebuild(saleId).text("phase").equals("done"));
        // As if the node that restores what has ended had stopped before it began, and was still thought to be at it.
        database.change(
                "update rebuilds set keeper = 'somebody', keeper_until = now() + interval '1 hour', ended_before = null, ended_before_id = null");
        database.change("update lanes set restoring_ended = true, version = version + 1");
        for (String id : List.of(bought, given)) {
            assertThat(commands.hdel(lane.keys()[3], id.substring(0, 22))).isEqualTo(1);
            assertThat(commands.zrem(lane.keys()[4], id.substring(0, 22))).isEqualTo(1);
        }
        // A node that has just started knows that.
        try (TestNode other = TestNode.start(TestServers.redisUri(), database.uri(), UnaryOperator.identity())) {
            Api asked = other.api();

            Api.Answer again = asked.hold(saleId, Api.cart("ann", "A", 2), "ann-1");
            Api.Answer reused = asked.hold(saleId, Api.cart("ann", "A", 1), "ann-1");
            Api.Answer released = asked.hold(saleId, Api.cart("bob", "A", 1), "bob-1");
            Api.Answer fresh =
                    asked.hold(saleId, Api.cart("cat", "A", 3), "cat-1").must(201);
            Api.Answer freshAgain = asked.hold(saleId, Api.cart("cat", "A", 3), "cat-1");

            assertThat(again.text("reservationId")).isEqualTo(bought);
            assertThat(again.header("Idempotent-Replayed")).hasValue("true");
            assertThat(again.text("state")).isEqualTo("confirmed");
            assertThat(reused.code()).isEqualTo("idempotency-key-reused");
            assertThat(released.text("reservationId")).isEqualTo(given);
            assertThat(freshAgain.text("reservationId")).isEqualTo(fresh.text("reservationId"));
        }
        // Whoever comes next takes it up where it was left.
        database.change("update rebuilds set keeper_until = now()");
        await().until(() -> !api.rebuild(saleId).body().path("restoringEnded").asBoolean());

        assertThat(commands.hexists(lane.keys()[3], bought.substring(0, 22))).isTrue();
        assertThat(api.stock(saleId, "A").body().path("sold").asLong()).isEqualTo(2);
        assertThat(api.stock(saleId, "A").body().path("held").asLong()).isEqualTo(3);
        assertThat(api.audit(saleId).body().path("balanced").asBoolean()).isTrue();
    }
}
