package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A lane that stops, stops on all nodes: none acknowledges anything after PostgreSQL has committed that it does not sell. */
class FreezeTest {

    private static final Duration PATIENCE = TestWait.LIMIT;

    private static String database;
    private static TestNode one;
    private static TestNode two;
    private static RedisClient client;
    private static RedisCommands<String, String> redis;

    private final String saleId = "freeze-" + UUID.randomUUID();
    private final LaneReader lane = new LaneReader(redis, saleId);
    private String held;

    @BeforeAll
    static void start() {
        database = TestServers.freshDatabase();
        one = TestNode.start(TestServers.redisUri(), database, UnaryOperator.identity());
        two = TestNode.start(TestServers.redisUri(), database, UnaryOperator.identity());
        client = RedisClient.create(TestServers.redisUri());
        redis = client.connect().sync();
    }

    @AfterAll
    static void stop() {
        client.shutdown();
        one.close();
        two.close();
    }

    @BeforeEach
    void sellOnBothNodes() {
        one.api().putSale(saleId, false).must(201);
        one.api().putStock(saleId, "A", 100).must(201);
        one.api().hold(saleId, "ann", "A", 1).must(201);
        held = two.api().hold(saleId, "bob", "A", 1).must(201).text("reservationId");
    }

    @RepeatedTest(5)
    void whatAnAuditFreezesNoNodeSellsOn() {
        redis.hincrby(lane.key("stock"), "A|available", 3);

        Answer audit = one.api().audit(saleId);
        Answer hold = two.api().hold(saleId, "cid", "A", 1);
        Answer confirm = two.api().confirm(saleId, held);
        Answer holdOfTheFirst = one.api().hold(saleId, "cid", "A", 1);

        assertThat(audit.body().path("balanced").asBoolean(true)).isFalse();
        assertThat(hold.code()).isEqualTo("recovering");
        assertThat(confirm.code()).isEqualTo("recovering");
        assertThat(holdOfTheFirst.code()).isEqualTo("recovering");
        assertThat(state()).isEqualTo("frozen");
        assertThat(sql("select kind from incidents where sale_id = '%s'")).isEqualTo("books-do-not-add-up");
    }

    @Test
    void whatOneNodeFindsLostIsClosedInRedisWhenThatIsCommitted() {
        await().atMost(PATIENCE)
                .until(() -> Long.parseLong(sql("select recorded_seq from lanes where sale_id = '%s'")) >= 4);
        endLedgerAt(1);

        await().atMost(PATIENCE).until(() -> state().equals("recovering"));
        boolean open = redis.hexists(lane.key("sale"), "epoch");
        Answer hold = two.api().hold(saleId, "cid", "A", 1);

        assertThat(open).isFalse();
        assertThat(hold.code()).isEqualTo("recovering");
    }

    @Test
    void whatSomebodyFreezesByHandIsClosedInRedisByTheNodesThatHearOfIt() {
        update("update lanes set state = 'frozen', version = version + 1 where sale_id = '%s'");

        await().atMost(PATIENCE).until(() -> !redis.hexists(lane.key("sale"), "epoch"));
        await().atMost(PATIENCE)
                .until(() -> two.api().sale(saleId, false).text("state").equals("recovering"));
        assertThat(two.api().hold(saleId, "cid", "A", 1).code()).isEqualTo("recovering");
        // The incident says what it was, whatever a node met meanwhile.
        assertThat(state()).isEqualTo("frozen");
    }

    @Test
    void aFrozenLaneIsRebuiltAndSells() {
        update("update lanes set state = 'frozen', version = version + 1 where sale_id = '%s'");
        await().atMost(PATIENCE).until(() -> !redis.hexists(lane.key("sale"), "epoch"));

        one.api().rebuild(saleId, "somebody has looked").must(202);

        await().atMost(PATIENCE)
                .until(() -> two.api().hold(saleId, "cid", "A", 1).status() == 201);
        assertThat(two.api().confirm(saleId, held).status()).isEqualTo(200);
    }

    /** As a Redis would have it that came back without what it did last. */
    private void endLedgerAt(long seq) {
        String epoch = redis.hget(lane.key("sale"), "epoch");
        assertThat(redis.xtrim(lane.key("ledger"), XTrimArgs.Builder.maxlen(0))).isNotNegative();
        String set = redis.eval(
                "return redis.call('XSETID', KEYS[1], ARGV[1]).ok",
                ScriptOutputType.VALUE,
                new String[] {lane.key("ledger")},
                epoch + "-" + seq);
        assertThat(set).isEqualTo("OK");
    }

    private String state() {
        return sql("select state from lanes where sale_id = '%s'");
    }

    private String sql(String query) {
        return run(query, statement -> {
            try (var rows = statement.executeQuery(query.formatted(saleId))) {
                assertThat(rows.next()).isTrue();
                return rows.getString(1);
            }
        });
    }

    private void update(String text) {
        int rows = run(text, statement -> statement.executeUpdate(text.formatted(saleId)));
        assertThat(rows).isEqualTo(1);
    }

    private static <T> T run(String text, Work<T> work) {
        URI uri = URI.create(database);
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath());
        try (Connection connection = DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
                Statement statement = connection.createStatement()) {
            return work.on(statement);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + text, e);
        }
    }

    private interface Work<T> {
        T on(Statement statement) throws SQLException;
    }
}
