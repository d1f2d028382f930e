package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.cli.Told;
import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Redis lost what callers were told of, and so did the nodes that told them: only receipts know. */
class ReceiptsFirstTest {

    private static final String SKU = "GPU";

    private final String saleId = "receipts-" + UUID.randomUUID();
    private final LocalRedis redis = TestServers.ownRedis();
    private final LocalPostgres postgres = TestServers.ownPostgres();

    @AfterEach
    void end() {
        redis.stop();
        postgres.stop();
    }

    @Test
    void aReceiptTellsOfALossThatNobodyElseKnows() {
        LocalRedis present = RedisRoles.server();
        LocalRedis older = RedisRoles.server();
        Answer held;
        try (NodeProcess dying = NodeProcess.start(present.uri(), postgres.uri())) {
            // With its first replica a Redis begins another history: that comes before all else here.
            RedisRoles.demote(older, present);
            RedisRoles.promote(older);
            dying.awaitReady();
            openSale(dying.api(), "{\"holdSeconds\":600,\"maxHoldSeconds\":900}");
            dying.api().hold(saleId, "first", SKU, 1).must(201);
            RedisRoles.demote(older, present);
            RedisRoles.promote(older);
            postgres.kill();
            dying.api().hold(saleId, "anna", SKU, 1).must(201);
            dying.api().hold(saleId, "bert", SKU, 1).must(201);
            held = dying.api().hold(saleId, "carla", SKU, 4).must(201);
            dying.kill();
        }
        RedisRoles.demote(present, older);
        RedisRoles.promote(present);
        postgres.restart();

        try (TestNode node = TestNode.start(present.uri(), postgres.uri(), UnaryOperator.identity())) {
            Api api = node.api();
            await().until(() -> api.hold(saleId, "eve", SKU, 1).status() == 201);

            Answer refused = api.reclaim(saleId, held);

            assertThat(refused.code()).isEqualTo("recovering");
            await().until(() -> !api.incidents("?state=open&kind=history-lost&saleId=" + saleId)
                    .must(200)
                    .body()
                    .path("items")
                    .isEmpty());
            api.rebuild(saleId, "a receipt told of it").must(202);
            awaitRebuilt(api);
            assertThat(api.reclaim(saleId, held).must(200).text("state")).isEqualTo("held");
        } finally {
            present.stop();
            older.stop();
        }
    }

    @Test
    void whereAllNodesDiedOnlyReceiptsTakeUnitsForReclaimSeconds() {
        Answer held;
        Answer toBeLess;
        Answer bought;
        try (NodeProcess first = NodeProcess.start(redis.uri(), postgres.uri());
                NodeProcess second = NodeProcess.start(redis.uri(), postgres.uri())) {
            first.awaitReady();
            second.awaitReady();
            openSale(first.api(), "{\"holdSeconds\":600,\"maxHoldSeconds\":900,\"reclaimSeconds\":300}");
            // A node that has not met the sale asks PostgreSQL first.
            await().until(() -> second.api().stock(saleId, SKU).status() == 200);
            postgres.kill();
            held = first.api().hold(saleId, "anna", SKU, 3).must(201);
            toBeLess = second.api().hold(saleId, "bert", SKU, 2).must(201);
            bought = second.api().hold(saleId, "carla", SKU, 4).must(201);
            bought = second.api().confirm(saleId, id(bought)).must(200);
            first.kill();
            second.kill();
        }
        emptyRedis();
        postgres.restart();
        adopt();

        try (TestNode node = start();
                TestNode other = start()) {
            Api api = node.api();
            await().until(() -> api.hold(saleId, "late", SKU, 1).code().equals("recovering"));
            api.rebuild(saleId, "all is lost").must(202);
            awaitRebuilt(api);

            Answer stranger = api.hold(saleId, "eve", SKU, 7);
            assertKeptForReceipts(stranger);
            assertThat(Long.parseLong(stranger.header("retry-after").orElseThrow()))
                    .isBetween(2L, 300L);
            assertKeptForReceipts(await().until(
                            () -> other.api().hold(saleId, "eve", SKU, 7),
                            answer -> answer.text("detail").contains("receipts")));
            assertThat(api.rebuild(saleId).text("receiptsFirstUntil")).endsWith("Z");
            assertThat(api.sale(saleId, true).text("receiptsFirstUntil")).endsWith("Z");
            assertThat(api.preflight(saleId).body().path("findings").findValuesAsText("code"))
                    .contains("receipts-first");

            assertThat(api.reclaim(saleId, bought).must(200).text("state")).isEqualTo("confirmed");
            assertThat(api.reclaim(saleId, held).must(200).text("expiresAt")).isEqualTo(held.text("expiresAt"));
            api.reclaim(saleId, toBeLess).must(200);
            api.extend(saleId, id(held), 700).must(200);
            api.confirm(saleId, id(held)).must(200);
            assertKeptForReceipts(api.replace(saleId, id(toBeLess), SKU, 3));
            api.replace(saleId, id(toBeLess), SKU, 1).must(200);
            api.release(saleId, id(toBeLess)).must(200);
            JsonNode stock = api.stock(saleId, SKU).body();
            assertThat(stock.path("sold").asInt()).isEqualTo(7);
            assertThat(stock.path("available").asInt()).isEqualTo(3);
        }
    }

    @Test
    void whenReclaimSecondsAreOverEverybodyMayHold() {
        lostWhileANodeDied("{\"reclaimSeconds\":1}", api -> {
            api.rebuild(saleId, "all is lost").must(202);
            awaitRebuilt(api);

            await().until(() -> api.hold(saleId, "eve", SKU, 7).status() == 201);

            assertThat(api.sale(saleId, true).body().has("receiptsFirstUntil")).isFalse();
            assertThat(api.rebuild(saleId).body().path("receiptsFirstUntil").isNull())
                    .isTrue();
        });
    }

    @Test
    void aSaleThatKeepsNothingForReceiptsSellsAtOnce() {
        lostWhileANodeDied("{\"reclaimSeconds\":0}", api -> {
            api.rebuild(saleId, "all is lost").must(202);
            awaitRebuilt(api);

            api.hold(saleId, "eve", SKU, 7).must(201);
        });
    }

    @Test
    void whoDiscardsWhatIsLostSellsAtOnce() {
        lostWhileANodeDied("{\"reclaimSeconds\":300}", api -> {
            api.orderRebuild(saleId, "{\"reason\":\"start over\",\"discard\":true}")
                    .must(202);
            awaitRebuilt(api);

            api.hold(saleId, "eve", SKU, 7).must(201);
        });
    }

    @Test
    void aRebuildWithoutALossSellsAtOnceWhoeverDied() {
        try (TestNode node = start()) {
            Api api = node.api();
            openSale(api, "{\"reclaimSeconds\":300}");
            aNodeDied();

            api.rebuild(saleId, "a drill").must(202);
            awaitRebuilt(api);

            api.hold(saleId, "eve", SKU, 7).must(201);
        }
    }

    private interface Then {
        void with(Api api);
    }

    private void lostWhileANodeDied(String sale, Then then) {
        try (TestNode node = start()) {
            Api api = node.api();
            openSale(api, sale);
            aNodeDied();
            emptyRedis();
            adopt();
            await().until(() -> api.hold(saleId, "late", SKU, 1).code().equals("recovering"));
            then.with(api);
        }
    }

    /** Its row is as it would be some seconds after a kill. */
    private void aNodeDied() {
        new TestDatabase(postgres.uri())
                .change(
                        "insert into nodes (node_id, seen_at) values ('killed', clock_timestamp() - interval '11 seconds')");
    }

    private TestNode start() {
        return TestNode.start(redis.uri(), postgres.uri(), UnaryOperator.identity());
    }

    private void openSale(Api api, String body) {
        api.putSale(saleId, body).must(201);
        api.putStock(saleId, SKU, 10).must(201);
        String first = id(api.hold(saleId, "first", SKU, 1).must(201));
        await().until(() ->
                api.reservation(saleId, first).body().path("recorded").asBoolean());
        api.release(saleId, first).must(200);
        await().until(() ->
                api.reservation(saleId, first).body().path("recorded").asBoolean());
    }

    private void emptyRedis() {
        try (RedisClient client = RedisClient.create(redis.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().flushall()).isEqualTo("OK");
        }
    }

    private void adopt() {
        Told adopted = Told.of(
                Map.of("HOLDFAST_POSTGRES_URI", postgres.uri(), "HOLDFAST_REDIS_URI", redis.uri()),
                "adopt",
                "--reason",
                "it was emptied");
        assertThat(adopted.exitCode()).as(adopted.err()).isZero();
    }

    private void awaitRebuilt(Api api) {
        await().until(() -> !api.rebuild(saleId).text("state").equals("running"));
        assertThat(api.rebuild(saleId).text("state"))
                .as(api.rebuild(saleId).body().toString())
                .isEqualTo("done");
        await().until(() -> api.sale(saleId, true).text("state").equals("open"));
    }

    private static void assertKeptForReceipts(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("recovering");
        assertThat(answer.text("detail")).contains("kept for the receipts").contains("Nothing was done");
    }

    private static String id(Answer reservation) {
        return reservation.text("reservationId");
    }
}
