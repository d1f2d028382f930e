package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.DatabaseBackup;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis and PostgreSQL both come back older under a running node: what the node still knows is told and put back. */
class BothOlderTest {

    private static final String SKU = "GPU";

    private final String saleId = "both-" + UUID.randomUUID();
    private final TestDatabase database = new TestDatabase();
    private final LocalRedis redis = RedisRoles.server();
    private final LocalRedis older = RedisRoles.server();
    private final TestNode node = TestNode.start(redis.uri(), database.uri(), UnaryOperator.identity());
    private final Api api = node.api();

    @BeforeEach
    void aSaleOfTen() {
        api.putSale(saleId, "{\"holdSeconds\":600,\"maxHoldSeconds\":600,\"reclaimSeconds\":300}")
                .must(201);
        api.putStock(saleId, SKU, 10).must(201);
        awaitRecorded(api.hold(saleId, "first", SKU, 1).must(201));
    }

    @AfterEach
    void end() {
        node.close();
        redis.stop();
        older.stop();
    }

    @Test
    void whatTheNodeToldIsListedAndPutBackAndReceiptsComeFirst() {
        keepACopyOfRedis();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        Api.Answer bought = bought("anna", 2);
        Api.Answer held = api.hold(saleId, "bert", SKU, 3).must(201);
        awaitRecorded(held);

        backup.putBack();
        forgetInRedis();

        JsonNode incident = awaitLoss();
        assertThat(incident.path("details").path("lostAnswers").asInt()).isEqualTo(2);
        assertThat(incident.path("details").path("reservations").findValuesAsText("customerId"))
                .containsExactly("anna", "bert");
        rebuild("postgres");
        assertThat(api.rebuild(saleId).text("receiptsFirstUntil")).startsWith("20");
        assertThat(api.hold(saleId, "carla", SKU, 1).code()).isEqualTo("recovering");
        assertThat(api.reservation(saleId, bought.text("reservationId")).text("state"))
                .isEqualTo("confirmed");
        assertThat(api.reclaim(saleId, held).must(200).text("expiresAt")).isEqualTo(held.text("expiresAt"));
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(4);
    }

    @Test
    void thatRedisHasMoreThanThePostgresThatCameBackHidesNothing() {
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        Api.Answer early = bought("early", 1);
        awaitRecorded(early);
        keepACopyOfRedis();
        Api.Answer bought = bought("anna", 2);
        awaitRecorded(bought);

        backup.putBack();
        forgetInRedis();

        assertThat(awaitLoss().path("details").path("reservations").findValuesAsText("customerId"))
                .contains("anna");
        rebuild("redis");
        assertThat(api.rebuild(saleId).text("receiptsFirstUntil")).startsWith("20");
        for (Api.Answer one : new Api.Answer[] {early, bought}) {
            assertThat(api.reservation(saleId, one.text("reservationId")).text("state"))
                    .isEqualTo("confirmed");
        }
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    @Test
    void thatRedisCameBackOlderFirstHidesNothing() {
        keepACopyOfRedis();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        Api.Answer bought = bought("anna", 2);
        awaitRecorded(bought);
        forgetInRedis();
        await().until(() -> api.hold(saleId, "late", SKU, 1).code().equals("recovering"));
        await().until(() -> api.sale(saleId, false).text("state").equals("recovering"));

        backup.putBack();

        await().untilAsserted(() -> assertThat(
                        awaitLoss().path("details").path("reservations").findValuesAsText("customerId"))
                .containsExactly("anna"));
        rebuild("postgres");
        assertThat(api.reservation(saleId, bought.text("reservationId")).text("state"))
                .isEqualTo("confirmed");
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    @Test
    void thatBothAreOlderThanARebuildHidesNothing() {
        keepACopyOfRedis();
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        rebuild("postgres");
        Api.Answer bought = bought("anna", 2);
        awaitRecorded(bought);

        backup.putBack();
        forgetInRedis();

        assertThat(awaitLoss().path("details").path("reservations").findValuesAsText("customerId"))
                .containsExactly("anna");
        rebuild("postgres");
        assertThat(api.rebuild(saleId).text("receiptsFirstUntil")).startsWith("20");
        assertThat(api.reservation(saleId, bought.text("reservationId")).text("state"))
                .isEqualTo("confirmed");
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    private Api.Answer bought(String customer, int units) {
        String id = api.hold(saleId, customer, SKU, units).must(201).text("reservationId");
        return api.confirm(saleId, id).must(200);
    }

    private void keepACopyOfRedis() {
        RedisRoles.demote(older, redis);
        RedisRoles.promote(older);
    }

    private void forgetInRedis() {
        RedisRoles.demote(redis, older);
        RedisRoles.promote(redis);
    }

    private void rebuild(String from) {
        await().until(() -> api.orderRebuild(saleId, "{\"reason\":\"both are older\",\"from\":\"" + from + "\"}")
                        .status()
                == 202);
        await().until(() -> !api.rebuild(saleId).text("state").equals("running"));
        assertThat(api.rebuild(saleId).text("state"))
                .as(api.rebuild(saleId).text())
                .isEqualTo("done");
        await().until(() -> api.sale(saleId, false).text("state").equals("open"));
    }

    private JsonNode awaitLoss() {
        return await().ignoreExceptions()
                .until(
                        () -> api.incidents("?state=open&saleId=" + saleId)
                                .must(200)
                                .body()
                                .path("items")
                                .valueStream()
                                .filter(incident -> incident.path("details").has("lostAnswers"))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
    }

    private void awaitUp() {
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
    }

    private void awaitRecorded(Api.Answer told) {
        await().until(() -> api.reservation(saleId, told.text("reservationId"))
                .body()
                .path("recorded")
                .asBoolean());
    }
}
