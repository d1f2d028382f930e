package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lane that Redis lost, or that does not add up, comes back from PostgreSQL as if nothing had happened. */
class RebuildTest {

    private static LocalRedis redis;
    private static RedisClient client;
    private static RedisCommands<String, String> commands;
    private static TestDatabase database;
    private static TestNode one;
    private static TestNode two;

    private final Api api = one.api();
    private final TestSale sale = new TestSale("rebuilt", api, database, commands);
    private final LaneReader lane = sale.lane;

    @BeforeAll
    static void start() {
        redis = TestServers.ownRedis();
        database = new TestDatabase();
        client = RedisClient.create(redis.uri());
        commands = client.connect().sync();
        one = TestNode.start(redis.uri(), database.uri(), UnaryOperator.identity());
        two = TestNode.start(redis.uri(), database.uri(), UnaryOperator.identity());
    }

    @AfterAll
    static void end() {
        one.close();
        two.close();
        client.shutdown();
        redis.stop();
    }

    @BeforeEach
    void aSaleWithLimits() {
        api.putSale(sale.id, "{\"rehearsal\":true,\"perCustomerLimit\":6,\"maxHoldSeconds\":3600}")
                .must(201);
        api.putStock(sale.id, "A", "{\"capacity\":20,\"productId\":\"shoe\"}").must(201);
        api.putStock(sale.id, "B", "{\"capacity\":10,\"productId\":\"shoe\",\"perCustomerLimit\":2}")
                .must(201);
    }

    @Test
    void anEmptiedRedisGetsBackEveryUnitHoldKeyAndAllowance() {
        String live = hold("ann", "A", 2, "ann-1");
        String bought = hold("bob", "A", 3, "bob-1");
        api.confirm(sale.id, bought).must(200);
        String given = hold("cat", "B", 1, "cat-1");
        api.release(sale.id, given).must(200);
        String both = api.hold(
                        sale.id,
                        "{\"customerId\":\"eve\",\"items\":[{\"sku\":\"A\",\"quantity\":1},{\"sku\":\"B\",\"quantity\":2}]}",
                        "eve-1")
                .must(201)
                .text("reservationId");
        String text = stock();
        LaneState before = recordedState();

        commands.flushall();
        assertThat(api.hold(sale.id, "zoe", "A", 1).code()).isEqualTo("recovering");
        assertThat(api.rebuild(sale.id, "power cut").must(202).text("state")).isEqualTo("recovering");
        awaitSelling();
        sale.awaitEndedRestored();

        assertThat(stock()).isEqualTo(text);
        LaneState after = lane.state();
        assertThat(after.stock()).isEqualTo(before.stock());
        assertThat(after.buyers()).isEqualTo(before.buyers());
        assertThat(after.due()).isEqualTo(before.due());
        assertThat(after.holds().keySet()).isEqualTo(before.holds().keySet());
        assertThat(api.reservation(sale.id, live).body().path("recorded").asBoolean())
                .isTrue();

        assertReplay("bob", "A", 3, "bob-1", bought, "confirmed");
        assertReplay("cat", "B", 1, "cat-1", given, "released");
        assertReplay("ann", "A", 2, "ann-1", live, "held");
        assertThat(api.hold(sale.id, Api.cart("ann", "A", 3), "ann-1").code()).isEqualTo("idempotency-key-reused");
        assertThat(api.hold(sale.id, "bob", "A", 4).code()).isEqualTo("purchase-limit");
        assertThat(api.hold(sale.id, "eve", "B", 1).code()).isEqualTo("purchase-limit");
        assertThat(two.api().hold(sale.id, "bob", "A", 3).status()).isEqualTo(201);

        assertThat(two.api().confirm(sale.id, live).must(200).text("state")).isEqualTo("confirmed");
        assertThat(api.release(sale.id, both).must(200).text("state")).isEqualTo("released");
        assertThat(api.hold(sale.id, "eve", "B", 2).status()).isEqualTo(201);
        sale.assertBalanced();
        Api.Answer report = api.rebuild(sale.id).must(200);
        assertThat(report.text("state")).isEqualTo("done");
        assertThat(report.text("reason")).isEqualTo("power cut");
        assertThat(report.body().path("reservations").asLong()).isEqualTo(4);
        assertThat(report.body().path("putAside").asLong()).isZero();
    }

    @Test
    void whatWasDueWhileTheLaneWasDownIsGivenBackWhenItOpens() {
        String due = hold("dan", "A", 5, "dan-1");
        recordedState();
        commands.flushall();
        assertThat(api.hold(sale.id, "zoe", "A", 1).code()).isEqualTo("recovering");
        // Stored, and in force when the lane is back.
        assertThat(api.advanceClock(sale.id, 600).status()).isEqualTo(503);

        api.rebuild(sale.id, "test").must(202);
        awaitSelling();

        await().untilAsserted(() -> assertThat(
                        api.stock(sale.id, "A").body().path("available").asLong())
                .isEqualTo(20));
        assertThat(api.reservation(sale.id, due).text("state")).isEqualTo("expired");
        assertThat(api.hold(sale.id, "dan", "A", 6).status()).isEqualTo(201);
        sale.assertBalanced();
    }

    @Test
    void aHealthyLaneIsRebuiltToWhatItWasAndOldEpochsChangeNothing() {
        String live = hold("ann", "A", 2, "ann-1");
        LaneState before = recordedState();
        String epoch = commands.hget(lane.key("sale"), "epoch");

        long next = api.rebuild(sale.id, "to be sure")
                .must(202)
                .body()
                .path("epoch")
                .asLong();
        awaitSelling();

        assertThat(next).isGreaterThan(Long.parseLong(epoch));
        assertThat(commands.hget(lane.key("sale"), "epoch")).isEqualTo(Long.toString(next));
        assertThat(lane.state().stock()).isEqualTo(before.stock());
        assertThat(lane.state().buyers()).isEqualTo(before.buyers());
        assertThat(api.confirm(sale.id, live).status()).isEqualTo(200);
        sale.assertBalanced();
        assertThat(sale.laneState()).isEqualTo("open");
    }

    @Test
    void whatIsNotYetRecordedIsRecordedFirst() {
        String live = hold("ann", "A", 2, "ann-1");

        // Within the recorder's pause: most of it has not been carried over.
        List<String> more = Stream.of("bob", "cat", "dan", "eve")
                .map(name -> hold(name, "B", 1, name))
                .toList();
        api.rebuild(sale.id, "to be sure").must(202);
        awaitSelling();

        Stream.concat(Stream.of(live), more.stream())
                .forEach(id -> assertThat(api.confirm(sale.id, id).status()).isEqualTo(200));
        sale.assertBalanced();
    }

    @Test
    void madeUpUnitsThatFrozeASaleAreGoneAndWhoeverGotThemIsPutAsideIfAnAdminSaysSo() {
        for (String name : List.of("a", "b", "c", "d")) {
            api.confirm(sale.id, hold(name, "A", 5, name)).must(200);
        }
        recordedState();
        commands.hincrby(lane.key("stock"), "A|available", 1);
        commands.hincrby(lane.key("stock"), "A|capacity", 1);
        String madeUp = hold("e", "A", 1, "e");
        await().until(() -> sale.laneState().equals("frozen"));
        // A node hears of it within a second.
        await().until(() -> api.sale(sale.id, false).text("state").equals("recovering"));

        Api.Answer refused = api.rebuild(sale.id, "made-up unit");
        sale.call(sale.incident("rebuild-failed")).must(202);
        await().until(() -> api.rebuild(sale.id).text("state").equals("failed"));
        String notBoth = api.rebuild(sale.id).text("problem");
        Api.Answer numbers = sale.call(sale.incident("rebuild-failed"));
        api.rebuild(sale.id, "again").must(409);
        JsonNode left = sale.incident("rebuild-failed");
        sale.rebuild("{\"reason\":\"made-up unit\",\"discard\":true}").must(202);
        awaitSelling();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.text("detail")).contains("\"from\":\"redis\"", "\"discard\":1", "stays stopped");
        assertThat(refused.body().path("reservations").asLong()).isEqualTo(1);
        assertThat(refused.body().path("heldUnits").asLong()).isEqualTo(1);
        assertThat(notBoth)
                .contains("more units than there are", "A rebuild from redis does not get past this", "\"discard\"");
        assertThat(numbers.must(200).text("from")).isEqualTo("redis");
        assertThat(left.at("/call/method").asText()).isEqualTo("GET");
        assertThat(left.path("detail").asText())
                .contains("1 acknowledged reservations", "A rebuild from redis does not get past this");

        assertThat(api.hold(sale.id, "f", "A", 1).code()).isEqualTo("out-of-stock");
        assertThat(api.reservation(sale.id, madeUp).code()).isEqualTo("reservation-not-found");
        assertThat(api.rebuild(sale.id).body().path("discarded").asLong()).isEqualTo(1);
        assertThat(api.hold(sale.id, "f", "B", 1).status()).isEqualTo(201);
        sale.assertBalanced();
    }

    @Test
    void ofTwoAtOnceOneRebuildsTheLaneAndItIsWhole() {
        hold("ann", "A", 2, "ann-1");
        LaneState before = recordedState();
        commands.flushall();
        assertThat(api.hold(sale.id, "zoe", "A", 1).code()).isEqualTo("recovering");

        List<CompletableFuture<Api.Answer>> asked = Stream.of(one, two, one, two)
                .map(node -> CompletableFuture.supplyAsync(() -> node.api().rebuild(sale.id, "at once")))
                .toList();

        asked.forEach(answer -> assertThat(answer.join().status()).isEqualTo(202));
        awaitSelling();
        assertThat(lane.state().stock()).isEqualTo(before.stock());
        assertThat(lane.state().buyers()).isEqualTo(before.buyers());
        assertThat(api.rebuild(sale.id).text("state")).isEqualTo("done");
        sale.assertBalanced();
    }

    @Test
    void whatAnAdminChangesMeanwhileComesIntoForceAfterwards() {
        recordedState();
        commands.flushall();
        assertThat(api.hold(sale.id, "zoe", "A", 1).code()).isEqualTo("recovering");
        assertThat(api.putStock(sale.id, "C", 7).status()).isEqualTo(503);
        assertThat(api.turn(sale.id, "pause", "until it is mended").status()).isEqualTo(503);

        api.rebuild(sale.id, "test").must(202);

        await().until(() -> api.sale(sale.id, false).text("state").equals("paused"));
        await().until(() -> api.stock(sale.id, "C").status() == 200);
        api.turn(sale.id, "resume", "mended").must(200);
        assertThat(api.hold(sale.id, "zoe", "C", 6).status()).isEqualTo(201);
        sale.assertBalanced();
    }

    @Test
    void aRebuildWithoutRedisFailsAndSaysSoAndAHealthySaleGoesOn() {
        String live = hold("ann", "A", 2, "ann-1");
        recordedState();
        redis.kill();

        api.rebuild(sale.id, "too early").must(202);

        await().until(() -> api.rebuild(sale.id).text("state").equals("failed"));
        assertThat(api.rebuild(sale.id).text("problem")).contains("Redis");
        assertThat(sale.laneState()).isEqualTo("open");
        assertThat(failures("open")).singleElement().asString().contains("goes on selling");
        redis.restart();
        for (TestNode node : List.of(one, two)) {
            await().until(() -> node.api().hold(sale.id, "zoe", "A", 1).status() == 201);
        }
        await().until(() -> {
            api.rebuild(sale.id, "again");
            await().until(() -> !api.rebuild(sale.id).text("state").equals("running"));
            return api.rebuild(sale.id).text("state").equals("done");
        });
        awaitSelling();
        assertThat(failures("open")).isEmpty();
        assertThat(api.confirm(sale.id, live).status()).isEqualTo(200);
        sale.assertBalanced();
    }

    @Test
    void aRebuildIntoAFullRedisLeavesAnIncidentAndTheNextOneWorks() {
        String live = hold("ann", "A", 2, "ann-1");
        recordedState();
        commands.configSet("maxmemory", "1");
        try {
            api.rebuild(sale.id, "into a full one").must(202);
            await().until(() -> api.rebuild(sale.id).text("state").equals("failed"));
        } finally {
            commands.configSet("maxmemory", "0");
        }

        assertThat(sale.laneState()).isEqualTo("recovering");
        assertThat(failures("open")).singleElement().asString().contains("does not sell", "full");
        assertThat(api.hold(sale.id, "zoe", "A", 1).code()).isEqualTo("recovering");
        api.rebuild(sale.id, "again").must(202);
        awaitSelling();
        assertThat(failures("open")).isEmpty();
        assertThat(failures("resolved")).hasSize(1);
        assertThat(api.confirm(sale.id, live).status()).isEqualTo(200);
        sale.assertBalanced();
    }

    @Test
    void badInputIsRefusedAndStopsNothing() {
        recordedState();
        String path = "/v1/admin/sales/" + sale.id + "/rebuild";
        String epoch = commands.hget(lane.key("sale"), "epoch");

        Map.of(
                        "{}",
                        422,
                        "{\"reason\":\"\"}",
                        422,
                        "{\"reason\":null}",
                        422,
                        "{\"reason\":7}",
                        422,
                        "{\"reason\":\"" + "x".repeat(501) + "\"}",
                        422,
                        "{\"reason\":\"x\",\"epoch\":1}",
                        422,
                        "{\"reason\":\"x\",\"from\":\"nowhere\"}",
                        422,
                        "{\"reason\":\"a\\u0000b\"}",
                        422,
                        "{\"reason\":",
                        400,
                        "[]",
                        422)
                .forEach((body, status) -> assertThat(
                                api.send(api.onAdmin("POST", path, body)).status())
                        .as(body)
                        .isEqualTo(status));
        assertThat(sale.rebuild("{\"reason\":\"x\",\"discard\":-1}").status()).isEqualTo(422);
        assertThat(sale.rebuild("{\"reason\":\"x\",\"discard\":\"all\"}").status())
                .isEqualTo(422);
        assertThat(sale.rebuild("{\"reason\":\"x\",\"discard\":1.5}")
                        .body()
                        .at("/errors/0/detail")
                        .asText())
                .startsWith("must be true, false or a whole number from 0 to ");
        assertThat(sale.rebuild("{\"reason\":\"x\",\"from\":\"redis\",\"discard\":true}")
                        .status())
                .isEqualTo(422);
        assertThat(api.rebuild("no-such-sale", "test").code()).isEqualTo("sale-not-found");
        assertThat(api.rebuild("no-such-sale").code()).isEqualTo("sale-not-found");
        assertThat(api.rebuild(sale.id).code()).isEqualTo("not-found");
        assertThat(api.send(api.onPublic("POST", path, "{\"reason\":\"test\"}")).status())
                .isEqualTo(404);

        assertThat(commands.hget(lane.key("sale"), "epoch")).isEqualTo(epoch);
        assertThat(sale.laneState()).isEqualTo("open");
    }

    @CanIgnoreReturnValue
    private String hold(String customer, String sku, int quantity, String key) {
        return api.hold(sale.id, Api.cart(customer, sku, quantity), key)
                .must(201)
                .text("reservationId");
    }

    private void assertReplay(String customer, String sku, int quantity, String key, String id, String state) {
        Api.Answer again = two.api().hold(sale.id, Api.cart(customer, sku, quantity), key);
        assertThat(again.header("Idempotent-Replayed")).hasValue("true");
        assertThat(again.text("reservationId")).isEqualTo(id);
        assertThat(again.text("state")).isEqualTo(state);
    }

    private List<String> failures(String state) {
        return sale.incidents(state, "rebuild-failed").stream()
                .map(incident -> incident.path("detail").asText())
                .toList();
    }

    /** What Redis has, once PostgreSQL has it too. */
    @CanIgnoreReturnValue
    private LaneState recordedState() {
        sale.awaitRecorded();
        return lane.state();
    }

    private String stock() {
        return api.stock(sale.id).body().path("items").toString();
    }

    private void awaitSelling() {
        for (TestNode node : List.of(one, two)) {
            await().until(() -> !node.api().sale(sale.id, false).text("state").equals("recovering"));
        }
    }
}
