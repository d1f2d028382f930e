package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a whole node tells its callers while one of its servers is away, stands still, or is full. */
class OutageContractTest {

    private static final String SALE = "outage";
    private static final String SKU = "RED-DRESS-M";

    private static LocalRedis redis;
    private static LocalPostgres postgres;
    private static TestNode node;
    private static Api api;

    @BeforeAll
    static void start() {
        redis = TestServers.ownRedis();
        postgres = TestServers.ownPostgres();
        node = TestNode.start(redis.uri(), postgres.uri(), UnaryOperator.identity());
        api = node.api();
        api.putSale(SALE, false).must(201);
        api.putStock(SALE, SKU, 100).must(201);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void aNodeWithoutRedisTakesNothingAndGoesOnByItself() {
        redis.kill();

        await().until(() -> api.probe("/health/ready").status() == 503);
        // Each connection hears of the end by itself: what was just sent on one of them has an unknown outcome.
        Answer hold = await().until(
                        () -> api.hold(SALE, "c-1", SKU, 1),
                        answer -> !answer.code().equals("outcome-unknown"));
        Answer ready = api.probe("/health/ready");
        Answer live = api.probe("/health/live");
        Answer pause = api.turn(SALE, "pause", "Redis is away");
        Answer resume = api.turn(SALE, "resume", "it comes back");
        String metrics = api.probe("/metrics").text();
        redis.restart();

        assertProblem(hold, 503, "redis-unavailable");
        assertThat(hold.header("retry-after")).isPresent();
        assertProblem(ready, 503, "redis-unavailable");
        assertThat(live.status()).isEqualTo(200);
        assertProblem(pause, 503, "redis-unavailable");
        assertThat(pause.text("detail")).contains("stored");
        assertProblem(resume, 503, "redis-unavailable");
        assertThat(metrics).contains("holdfast_redis_up 0.0").contains("holdfast_postgres_up 1.0");
        await().until(() -> api.hold(SALE, "c-1", SKU, 1).status() == 201);
        await().until(() -> api.probe("/health/ready").status() == 200);
    }

    @Test
    void aNodeWithoutPostgresGoesOnSellingAndSaysWhatItCannotTell() {
        Answer before = api.hold(SALE, "c-2", SKU, 1).must(201);
        await().until(() -> api.reservation(SALE, before.text("reservationId"))
                .body()
                .path("recorded")
                .asBoolean());
        postgres.kill();

        Answer held = api.hold(SALE, "c-3", SKU, 1);
        Answer unrecorded = api.reservation(SALE, held.text("reservationId"));
        Answer confirmed = api.confirm(SALE, held.text("reservationId"));
        breakConnectionsToRedis();
        await().until(() -> api.hold(SALE, "c-7", SKU, 1).status() == 201);
        Answer unknownSale = api.sale("nobody-knows", false);
        Answer unknownReservation = api.reservation(SALE, "AAAAAAAAAAAAAAAAAAAAAA");
        Answer change = api.putStock(SALE, "BLUE-DRESS-M", 5);
        Answer preflight = api.preflight(SALE);
        postgres.restart();

        assertThat(held.status()).isEqualTo(201);
        assertThat(unrecorded.body().path("recorded").asBoolean(true)).isFalse();
        assertThat(confirmed.text("state")).isEqualTo("confirmed");
        assertProblem(unknownSale, 503, "postgres-unavailable");
        assertThat(unknownSale.header("retry-after")).isPresent();
        assertProblem(unknownReservation, 503, "postgres-unavailable");
        assertProblem(change, 503, "postgres-unavailable");
        assertProblem(preflight, 503, "postgres-unavailable");
        await().until(() -> api.reservation(SALE, held.text("reservationId"))
                .body()
                .path("recorded")
                .asBoolean());
    }

    @Test
    void aHoldWhoseAnswerDoesNotComeIsUnknownAndTheSameKeyTellsTheTruth() throws Exception {
        String body = Api.cart("c-4", SKU, 1);
        signal("STOP");
        Answer unknown;
        try {
            unknown = api.hold(SALE, body, "the-key");
        } finally {
            signal("CONT");
        }

        assertProblem(unknown, 503, "outcome-unknown");
        assertThat(unknown.header("retry-after")).isPresent();
        await().until(() -> api.hold(SALE, body, "the-key").status() < 300);
        Answer again = api.hold(SALE, body, "the-key");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("idempotent-replayed")).hasValue("true");
    }

    @Test
    void aFullRedisTurnsHoldsAwayAndLetsConfirmsPass() {
        Answer held = api.hold(SALE, "c-5", SKU, 1).must(201);
        try (RedisClient client = RedisClient.create(redis.uri())) {
            client.connect().sync().configSet("maxmemory", "1mb");

            Answer hold = api.hold(SALE, "c-6", SKU, 1);
            Answer confirm = api.confirm(SALE, held.text("reservationId"));
            client.connect().sync().configSet("maxmemory", "0");

            assertProblem(hold, 503, "overloaded");
            assertThat(hold.header("retry-after")).isPresent();
            assertThat(confirm.text("state")).isEqualTo("confirmed");
        }
    }

    private static void breakConnectionsToRedis() {
        try (RedisClient client = RedisClient.create(redis.uri())) {
            assertThat(client.connect().sync().clientKill(KillArgs.Builder.typeNormal()))
                    .isPositive();
        }
    }

    private static void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(redis.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
