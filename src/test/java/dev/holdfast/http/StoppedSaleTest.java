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
import io.lettuce.core.RedisClient;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who has bought in a sale that has stopped still sees what is recorded of it, marked as such. */
class StoppedSaleTest {

    private static LocalRedis redis;
    private static LocalPostgres postgres;
    private static TestNode node;
    private static Api api;

    private final String sale = "stopped-" + UUID.randomUUID();
    private String held;
    private String confirmed;

    @BeforeAll
    static void start() {
        redis = TestServers.ownRedis();
        postgres = TestServers.ownPostgres();
        node = TestNode.start(redis.uri(), postgres.uri(), UnaryOperator.identity());
        api = node.api();
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.stop();
        postgres.stop();
    }

    @BeforeEach
    void buy() {
        api.putSale(sale, false).must(201);
        api.putStock(sale, "A", 10).must(201);
        held = api.hold(sale, "ann", "A", 2).must(201).text("reservationId");
        confirmed = api.hold(sale, "bob", "A", 1).must(201).text("reservationId");
        api.confirm(sale, confirmed).must(200);
        awaitRecorded(held);
        awaitRecorded(confirmed);
    }

    @Test
    void whatIsLiveIsNotMarked() {
        assertThat(api.reservation(sale, held).body().has("live")).isFalse();
        assertThat(api.sale(sale, false).body().has("live")).isFalse();
    }

    @Test
    void aSaleThatLostItsHistoryShowsWhatIsRecorded() {
        try (RedisClient client = RedisClient.create(redis.uri())) {
            assertThat(client.connect().sync().flushall()).isEqualTo("OK");
        }

        assertShown("recovering", "recovering");
        assertThat(api.sale(sale, true).text("state")).isEqualTo("recovering");
    }

    @Test
    void aFrozenSaleShowsWhatIsRecorded() {
        sql("update lanes set state = 'frozen', version = version + 1 where sale_id = '" + sale + "'");
        await().until(() -> api.sale(sale, false).text("state").equals("recovering"));

        assertShown("recovering", "recovering");
    }

    @Test
    void whoAsksIsToldWhyNothingIsSold() {
        assertWhy("frozen", "waits for an admin");
        assertWhy("recovering", "waits for a rebuild");
        assertWhy("rebuilding", "is being rebuilt");
    }

    private void assertWhy(String laneState, String why) {
        sql("update lanes set state = '" + laneState + "', version = version + 1 where sale_id = '" + sale + "'");
        await().untilAsserted(() -> {
            Answer refused = api.hold(sale, "zoe", "A", 1);
            assertProblem(refused, 503, "recovering");
            assertThat(refused.text("detail")).contains(why, "Nothing was done.");
        });
    }

    @Test
    void whereWhatIsRecordedCannotBeReadEitherNothingIsShown() {
        sql("update lanes set state = 'frozen', version = version + 1 where sale_id = '" + sale + "'");
        await().until(() -> api.sale(sale, false).text("state").equals("recovering"));
        postgres.kill();

        Answer reservation = api.reservation(sale, held);
        postgres.restart();

        assertThat(reservation.status()).isEqualTo(503);
        assertThat(reservation.code()).isIn("recovering", "postgres-unavailable");
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
    }

    @Test
    void aSaleWhoseRedisIsAwayIsShownAsItIsSetUpAndItsReservationsWait() {
        redis.kill();
        Answer reservation = api.reservation(sale, held);
        Answer shown = api.sale(sale, false);
        redis.restart();

        assertProblem(reservation, 503, "redis-unavailable");
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.text("state")).isEqualTo("open");
        assertThat(shown.body().path("live").asBoolean(true)).isFalse();
        await().until(() -> api.hold(sale, "cid", "A", 1).status() == 201);
    }

    private void assertShown(String saleState, String code) {
        Answer heldOne = api.reservation(sale, held);
        Answer confirmedOne = api.reservation(sale, confirmed);
        Answer shownSale = api.sale(sale, false);

        assertMarked(heldOne);
        assertThat(heldOne.text("state")).isEqualTo("held");
        assertThat(heldOne.text("customerId")).isEqualTo("ann");
        assertThat(heldOne.body().path("recorded").asBoolean()).isTrue();
        assertMarked(confirmedOne);
        assertThat(confirmedOne.text("state")).isEqualTo("confirmed");
        assertThat(shownSale.status()).isEqualTo(200);
        assertThat(shownSale.text("state")).isEqualTo(saleState);
        assertThat(shownSale.body().path("live").asBoolean(true)).isFalse();

        // What is not recorded may be in Redis all the same.
        assertProblem(api.reservation(sale, "AAAAAAAAAAAAAAAAAAAAAA"), 503, code);
        assertProblem(api.stock(sale), 503, code);
        // Reading changes nothing about who may change something.
        assertProblem(api.confirm(sale, held), 503, code);
        assertProblem(api.release(sale, held), 503, code);
    }

    private static void assertMarked(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().path("live").asBoolean(true)).isFalse();
        assertThat(Instant.parse(answer.text("asOf"))).isBeforeOrEqualTo(Instant.now());
    }

    private void awaitRecorded(String id) {
        await().until(() -> api.reservation(sale, id).body().path("recorded").asBoolean());
    }

    private static void sql(String statement) {
        URI uri = URI.create(postgres.uri());
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath());
        try (Connection connection = DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
                Statement run = connection.createStatement()) {
            run.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + statement, e);
        }
    }
}
