package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.DatabaseBackup;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sales that a restored backup does not have are named, and come back from Redis. */
class ForgottenSalesTest {

    private final LocalRedis redis = TestServers.ownRedis();
    private final TestDatabase database = new TestDatabase();
    private final TestNode node = TestNode.start(redis.uri(), database.uri(), UnaryOperator.identity());
    private final Api api = node.api();
    private final String known = "known-" + UUID.randomUUID();
    private final String forgotten = "forgotten-" + UUID.randomUUID();

    @AfterEach
    void end() {
        node.close();
        redis.stop();
    }

    @Test
    void salesThatOnlyRedisHasAreNamedAndARebuildFromRedisBringsThemBack() {
        putSale(known);
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        putSale(forgotten);
        String held = api.hold(forgotten, "ann", "A", 2).must(201).text("reservationId");

        backup.putBack();
        await().ignoreExceptions().until(() -> incidents().size() == 1);
        awaitUp();
        JsonNode incident = incidents().path(0);
        await().until(() -> api.hold(forgotten, "bob", "A", 1).code().equals("sale-not-found"));
        await().until(() -> api.orderRebuild(forgotten, "{\"reason\":\"a backup was restored\",\"from\":\"redis\"}")
                        .status()
                == 202);
        await().until(() -> api.rebuild(forgotten).text("state").equals("done"));

        assertThat(incident.path("detail").asText())
                .contains("1 sales", forgotten)
                .doesNotContain(known);
        assertThat(incident.at("/details/count").asInt()).isEqualTo(1);
        assertThat(incident.at("/details/sales/0").asText()).isEqualTo(forgotten);
        assertThat(incident.path("whatToDo").asText()).contains("rebuild from redis");
        await().until(() -> api.sale(forgotten, false).text("state").equals("open"));
        assertThat(api.confirm(forgotten, held).must(200).text("state")).isEqualTo("confirmed");
        assertThat(api.stock(forgotten, "A").body().path("available").asInt()).isEqualTo(8);
    }

    @Test
    void aSaleThatIsPutAgainKeepsWhatWasSoldThoughItsReservationsHaveLeftRedis() {
        putSale(known);
        DatabaseBackup backup = DatabaseBackup.of(database.uri());
        awaitUp();
        putSale(forgotten);
        String sold = api.hold(forgotten, "ann", "A", 9).must(201).text("reservationId");
        api.confirm(forgotten, sold).must(200);
        backup.putBack();
        await().ignoreExceptions().until(() -> incidents().size() == 1);
        awaitUp();
        String lane = "hf:{" + forgotten + "/0}:";
        RedisClient client = RedisClient.create(redis.uri());
        client.connect().sync().del(lane + "holds", lane + "due");
        client.shutdown();

        int put = api.putSale(forgotten, "{\"holdSeconds\":3600,\"maxHoldSeconds\":3600}")
                .status();
        await().until(() -> api.orderRebuild(forgotten, "{\"reason\":\"a backup was restored\",\"from\":\"redis\"}")
                        .status()
                == 202);
        await().until(() -> api.rebuild(forgotten).text("state").equals("done"));

        assertThat(put).isEqualTo(503);
        await().until(() -> api.sale(forgotten, false).text("state").equals("open"));
        assertThat(api.stock(forgotten, "A").body().path("sold").asInt()).isEqualTo(9);
        assertThat(api.hold(forgotten, "bob", "A", 2).code()).isEqualTo("out-of-stock");
    }

    private void putSale(String saleId) {
        api.putSale(saleId, "{\"holdSeconds\":3600,\"maxHoldSeconds\":3600}").must(201);
        api.putStock(saleId, "A", 10).must(201);
    }

    private void awaitUp() {
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
    }

    private JsonNode incidents() {
        return api.incidents("?kind=sales-forgotten").must(200).body().path("items");
    }
}
