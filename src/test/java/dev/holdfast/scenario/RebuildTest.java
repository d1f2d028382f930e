package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
    private static BooksReader books;
    private static TestNode one;
    private static TestNode two;

    private final String saleId = "rebuilt-" + UUID.randomUUID();
    private final LaneReader lane = new LaneReader(commands, saleId);
    private final Api api = one.api();

    @BeforeAll
    static void start() {
        redis = TestServers.ownRedis();
        String database = TestServers.migratedDatabase();
        books = new BooksReader(database);
        client = RedisClient.create(redis.uri());
        commands = client.connect().sync();
        one = TestNode.start(redis.uri(), database, UnaryOperator.identity());
        two = TestNode.start(redis.uri(), database, UnaryOperator.identity());
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
        api.putSale(saleId, "{\"rehearsal\":true,\"perCustomerLimit\":6,\"maxHoldSeconds\":3600}")
                .must(201);
        api.putStock(saleId, "A", "{\"capacity\":20,\"productId\":\"shoe\"}").must(201);
        api.putStock(saleId, "B", "{\"capacity\":10,\"productId\":\"shoe\",\"perCustomerLimit\":2}")
                .must(201);
    }

    @Test
    void anEmptiedRedisGetsBackEveryUnitHoldKeyAndAllowance() {
        String live = hold("ann", "A", 2, "ann-1");
        String bought = hold("bob", "A", 3, "bob-1");
        api.confirm(saleId, bought).must(200);
        String given = hold("cat", "B", 1, "cat-1");
        api.release(saleId, given).must(200);
        String both = api.hold(
                        saleId,
                        "{\"customerId\":\"eve\",\"items\":[{\"sku\":\"A\",\"quantity\":1},{\"sku\":\"B\",\"quantity\":2}]}",
                        "eve-1")
                .must(201)
                .text("reservationId");
        String text = stock();
        LaneState before = recordedState();

        commands.flushall();
        assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");
        assertThat(api.rebuild(saleId, "power cut").must(202).text("state")).isEqualTo("recovering");
        awaitSelling();
        awaitEndedRestored();

        assertThat(stock()).isEqualTo(text);
        LaneState after = lane.state();
        assertThat(after.stock()).isEqualTo(before.stock());
        assertThat(after.buyers()).isEqualTo(before.buyers());
        assertThat(after.due()).isEqualTo(before.due());
        assertThat(after.holds().keySet()).isEqualTo(before.holds().keySet());
        assertThat(api.reservation(saleId, live).body().path("recorded").asBoolean())
                .isTrue();

        assertReplay("bob", "A", 3, "bob-1", bought, "confirmed");
        assertReplay("cat", "B", 1, "cat-1", given, "released");
        assertReplay("ann", "A", 2, "ann-1", live, "held");
        assertThat(api.hold(saleId, Api.cart("ann", "A", 3), "ann-1").code()).isEqualTo("idempotency-key-reused");
        assertThat(api.hold(saleId, "bob", "A", 4).code()).isEqualTo("purchase-limit");
        assertThat(api.hold(saleId, "eve", "B", 1).code()).isEqualTo("purchase-limit");
        assertThat(two.api().hold(saleId, "bob", "A", 3).status()).isEqualTo(201);

        assertThat(two.api().confirm(saleId, live).must(200).text("state")).isEqualTo("confirmed");
        assertThat(api.release(saleId, both).must(200).text("state")).isEqualTo("released");
        assertThat(api.hold(saleId, "eve", "B", 2).status()).isEqualTo(201);
        assertBalanced();
        Api.Answer report = api.rebuild(saleId).must(200);
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
        assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");
        // Stored, and in force when the lane is back.
        assertThat(api.advanceClock(saleId, 600).status()).isEqualTo(503);

        api.rebuild(saleId, "test").must(202);
        awaitSelling();

        await().untilAsserted(() -> assertThat(
                        api.stock(saleId, "A").body().path("available").asLong())
                .isEqualTo(20));
        assertThat(api.reservation(saleId, due).text("state")).isEqualTo("expired");
        assertThat(api.hold(saleId, "dan", "A", 6).status()).isEqualTo(201);
        assertBalanced();
    }

    @Test
    void aHealthyLaneIsRebuiltToWhatItWasAndOldEpochsChangeNothing() {
        String live = hold("ann", "A", 2, "ann-1");
        LaneState before = recordedState();
        String epoch = commands.hget(lane.keys()[0], "epoch");

        long next =
                api.rebuild(saleId, "to be sure").must(202).body().path("epoch").asLong();
        awaitSelling();

        assertThat(next).isGreaterThan(Long.parseLong(epoch));
        assertThat(commands.hget(lane.keys()[0], "epoch")).isEqualTo(Long.toString(next));
        assertThat(lane.state().stock()).isEqualTo(before.stock());
        assertThat(lane.state().buyers()).isEqualTo(before.buyers());
        assertThat(api.confirm(saleId, live).status()).isEqualTo(200);
        assertBalanced();
        assertThat(books.laneState(saleId)).isEqualTo("open");
    }

    @Test
    void whatIsNotYetRecordedIsRecordedFirst() {
        String live = hold("ann", "A", 2, "ann-1");

        // Within the recorder's pause: most of it has not been carried over.
        List<String> more = Stream.of("bob", "cat", "dan", "eve")
                .map(name -> hold(name, "B", 1, name))
                .toList();
        api.rebuild(saleId, "to be sure").must(202);
        awaitSelling();

        Stream.concat(Stream.of(live), more.stream())
                .forEach(id -> assertThat(api.confirm(saleId, id).status()).isEqualTo(200));
        assertBalanced();
    }

    @Test
    void madeUpUnitsThatFrozeASaleAreGoneAndWhoeverGotThemIsPutAsideIfAnAdminSaysSo() {
        for (String name : List.of("a", "b", "c", "d")) {
            api.confirm(saleId, hold(name, "A", 5, name)).must(200);
        }
        recordedState();
        commands.hincrby(lane.keys()[1], "A|available", 1);
        commands.hincrby(lane.keys()[1], "A|capacity", 1);
        String madeUp = hold("e", "A", 1, "e");
        await().until(() -> books.laneState(saleId).equals("frozen"));
        // A node hears of it within a second.
        await().until(() -> api.sale(saleId, false).text("state").equals("recovering"));

        Api.Answer refused = api.rebuild(saleId, "made-up unit");
        rebuild("{\"reason\":\"both sides\",\"from\":\"redis\"}").must(202);
        await().until(() -> api.rebuild(saleId).text("state").equals("failed"));
        String notBoth = api.rebuild(saleId).text("problem");
        rebuild("{\"reason\":\"made-up unit\",\"discard\":true}").must(202);
        awaitSelling();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.text("detail")).contains("\"from\":\"redis\"", "\"discard\":1", "stays stopped");
        assertThat(refused.body().path("reservations").asLong()).isEqualTo(1);
        assertThat(refused.body().path("heldUnits").asLong()).isEqualTo(1);
        assertThat(notBoth).contains("more units than there are");

        assertThat(api.hold(saleId, "f", "A", 1).code()).isEqualTo("out-of-stock");
        assertThat(api.reservation(saleId, madeUp).code()).isEqualTo("reservation-not-found");
        assertThat(api.rebuild(saleId).body().path("discarded").asLong()).isEqualTo(1);
        assertThat(api.hold(saleId, "f", "B", 1).status()).isEqualTo(201);
        assertBalanced();
    }

    @Test
    void ofTwoAtOnceOneRebuildsTheLaneAndItIsWhole() {
        hold("ann", "A", 2, "ann-1");
        LaneState before = recordedState();
        commands.flushall();
        assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");

        List<CompletableFuture<Api.Answer>> asked = Stream.of(one, two, one, two)
                .map(node -> CompletableFuture.supplyAsync(() -> node.api().rebuild(saleId, "at once")))
                .toList();

        asked.forEach(answer -> assertThat(answer.join().status()).isEqualTo(202));
        awaitSelling();
        assertThat(lane.state().stock()).isEqualTo(before.stock());
        assertThat(lane.state().buyers()).isEqualTo(before.buyers());
        assertThat(api.rebuild(saleId).text("state")).isEqualTo("done");
        assertBalanced();
    }

    @Test
    void whatAnAdminChangesMeanwhileComesIntoForceAfterwards() {
        recordedState();
        commands.flushall();
        assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");
        assertThat(api.putStock(saleId, "C", 7).status()).isEqualTo(503);
        assertThat(api.turn(saleId, "pause", "until it is mended").status()).isEqualTo(503);

        api.rebuild(saleId, "test").must(202);

        await().until(() -> api.sale(saleId, false).text("state").equals("paused"));
        await().until(() -> api.stock(saleId, "C").status() == 200);
        api.turn(saleId, "resume", "mended").must(200);
        assertThat(api.hold(saleId, "zoe", "C", 6).status()).isEqualTo(201);
        assertBalanced();
    }

    @Test
    void aRebuildWithoutRedisFailsAndSaysSoAndAHealthySaleGoesOn() {
        String live = hold("ann", "A", 2, "ann-1");
        recordedState();
        redis.kill();

        api.rebuild(saleId, "too early").must(202);

        await().until(() -> api.rebuild(saleId).text("state").equals("failed"));
        assertThat(api.rebuild(saleId).text("problem")).contains("Redis");
        assertThat(books.laneState(saleId)).isEqualTo("open");
        assertThat(failures("open")).singleElement().asString().contains("goes on selling");
        redis.restart();
        for (TestNode node : List.of(one, two)) {
            await().until(() -> node.api().hold(saleId, "zoe", "A", 1).status() == 201);
        }
        await().until(() -> {
            api.rebuild(saleId, "again");
            await().until(() -> !api.rebuild(saleId).text("state").equals("running"));
            return api.rebuild(saleId).text("state").equals("done");
        });
        awaitSelling();
        assertThat(failures("open")).isEmpty();
        assertThat(api.confirm(saleId, live).status()).isEqualTo(200);
        assertBalanced();
    }

    @Test
    void aRebuildIntoAFullRedisLeavesAnIncidentAndTheNextOneWorks() {
        String live = hold("ann", "A", 2, "ann-1");
        recordedState();
        commands.configSet("maxmemory", "1");
        try {
            api.rebuild(saleId, "into a full one").must(202);
            await().until(() -> api.rebuild(saleId).text("state").equals("failed"));
        } finally {
            commands.configSet("maxmemory", "0");
        }

        assertThat(books.laneState(saleId)).isEqualTo("recovering");
        assertThat(failures("open")).singleElement().asString().contains("does not sell", "full");
        assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");
        api.rebuild(saleId, "again").must(202);
        awaitSelling();
        assertThat(failures("open")).isEmpty();
        assertThat(failures("resolved")).hasSize(1);
        assertThat(api.confirm(saleId, live).status()).isEqualTo(200);
        assertBalanced();
    }

    @Test
    void badInputIsRefusedAndStopsNothing() {
        recordedState();
        String path = "/v1/admin/sales/" + saleId + "/rebuild";
        String epoch = commands.hget(lane.keys()[0], "epoch");

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
        assertThat(rebuild("{\"reason\":\"x\",\"discard\":-1}").status()).isEqualTo(422);
        assertThat(rebuild("{\"reason\":\"x\",\"discard\":\"all\"}").status()).isEqualTo(422);
        assertThat(rebuild("{\"reason\":\"x\",\"discard\":1.5}")
                        .body()
                        .at("/errors/0/detail")
                        .asText())
                .startsWith("must be true, false or a whole number from 0 to ");
        assertThat(rebuild("{\"reason\":\"x\",\"from\":\"redis\",\"discard\":true}")
                        .status())
                .isEqualTo(422);
        assertThat(api.rebuild("no-such-sale", "test").code()).isEqualTo("sale-not-found");
        assertThat(api.rebuild("no-such-sale").code()).isEqualTo("sale-not-found");
        assertThat(api.rebuild(saleId).code()).isEqualTo("not-found");
        assertThat(api.send(api.onPublic("POST", path, "{\"reason\":\"test\"}")).status())
                .isEqualTo(404);

        assertThat(commands.hget(lane.keys()[0], "epoch")).isEqualTo(epoch);
        assertThat(books.laneState(saleId)).isEqualTo("open");
    }

    @CanIgnoreReturnValue
    private String hold(String customer, String sku, int quantity, String key) {
        return api.hold(saleId, Api.cart(customer, sku, quantity), key)
                .must(201)
                .text("reservationId");
    }

    @CanIgnoreReturnValue
    private Api.Answer rebuild(String body) {
        return api.send(api.onAdmin("POST", "/v1/admin/sales/" + saleId + "/rebuild", body));
    }

    private List<String> failures(String state) {
        Api.Answer found = api.send(api.onAdmin(
                        "GET", "/v1/admin/incidents?saleId=" + saleId + "&kind=rebuild-failed&state=" + state, null))
                .must(200);
        return found.body()
                .path("items")
                .valueStream()
                .map(incident -> incident.path("detail").asText())
                .toList();
    }

    private void awaitEndedRestored() {
        await().until(() -> !api.rebuild(saleId).body().path("restoringEnded").asBoolean());
    }

    private void assertReplay(String customer, String sku, int quantity, String key, String id, String state) {
        Api.Answer again = two.api().hold(saleId, Api.cart(customer, sku, quantity), key);
        assertThat(again.header("Idempotent-Replayed")).hasValue("true");
        assertThat(again.text("reservationId")).isEqualTo(id);
        assertThat(again.text("state")).isEqualTo(state);
    }

    /** What Redis has, once PostgreSQL has it too. */
    @CanIgnoreReturnValue
    private LaneState recordedState() {
        await().until(() -> books.recordedSeq(saleId) == lane.lastSeq());
        return lane.state();
    }

    private String stock() {
        return api.stock(saleId).body().path("items").toString();
    }

    private void awaitSelling() {
        for (TestNode node : List.of(one, two)) {
            await().until(() -> !node.api().sale(saleId, false).text("state").equals("recovering"));
        }
    }

    private void assertBalanced() {
        Api.Answer audit = api.audit(saleId).must(200);
        assertThat(audit.body().path("balanced").asBoolean()).as(audit.text()).isTrue();
    }
}
