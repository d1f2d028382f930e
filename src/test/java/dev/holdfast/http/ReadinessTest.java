package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.redis.RedisHealth;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** A node says whether it can reserve, and what keeps it from that: by what its calls meet, and by a probe that writes. */
class ReadinessTest {

    private static final String SALE = "readiness";
    private static final String SKU = "A";

    private static LocalRedis redis;
    private static LocalPostgres postgres;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;
    private static TestNode node;
    private static Api api;

    /**
     * Something in which Redis answers and takes no writes.
     *
     * @param code of the problem that callers get
     * @param sentence what it says
     */
    record Condition(
            String name,
            String code,
            String sentence,
            Consumer<RedisCommands<String, String>> begin,
            Consumer<RedisCommands<String, String>> end) {

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() {
        // Each key takes half a millisecond to load, so that a start can be watched.
        redis = TestServers.ownRedis("key-load-delay 500");
        postgres = TestServers.ownPostgres();
        client = RedisClient.create(redis.uri());
        connection = client.connect();
        node = TestNode.start(redis.uri(), postgres.uri(), UnaryOperator.identity());
        api = node.api();
        api.putSale(SALE, false).must(201);
        api.putStock(SALE, SKU, 1_000_000).must(201);
    }

    @AfterAll
    static void stop() {
        node.close();
        client.shutdown();
        redis.stop();
        postgres.stop();
    }

    static Stream<Condition> conditions() {
        return Stream.of(
                new Condition(
                        "READONLY",
                        "redis-unavailable",
                        "Redis is a replica and takes no writes.",
                        commands -> commands.replicaof("127.0.0.1", 1),
                        RedisCommands::replicaofNoOne),
                new Condition(
                        "NOREPLICAS",
                        "redis-unavailable",
                        "Redis has fewer replicas than it needs to take writes.",
                        commands -> commands.configSet("min-replicas-to-write", "1"),
                        commands -> commands.configSet("min-replicas-to-write", "0")),
                new Condition(
                        "MISCONF",
                        "redis-unavailable",
                        "Redis cannot save its data to disk, so it takes no writes.",
                        ReadinessTest::breakSnapshots,
                        ReadinessTest::mendSnapshots),
                new Condition(
                        "OOM",
                        "overloaded",
                        "Redis is full: its memory limit is reached.",
                        commands -> commands.configSet("maxmemory", "1mb"),
                        commands -> commands.configSet("maxmemory", "0")));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void aNodeThatMetARefusedWriteIsNotReadyAndSaysWhatItWas(Condition condition) {
        awaitReady();
        condition.begin.accept(connection.sync());

        Answer hold = api.hold(SALE, "c-1", SKU, 1);
        Answer ready = api.probe("/health/ready");
        String metrics = api.probe("/metrics").text();
        condition.end.accept(connection.sync());

        assertProblem(hold, 503, condition.code);
        assertThat(hold.text("detail")).isEqualTo(condition.sentence + " Nothing was done.");
        assertProblem(ready, 503, condition.code);
        assertThat(ready.body().path("redis").asBoolean(true)).isFalse();
        assertThat(ready.body().path("postgres").asBoolean()).isTrue();
        assertThat(reasons(ready)).containsExactly(condition.sentence);
        assertThat(metrics).contains("holdfast_redis_up 0.0");
        awaitReady();
        assertThat(node.metric("holdfast_redis_up")).isEqualTo(1);
        await().until(() -> api.hold(SALE, "c-1", SKU, 1).status() == 201);
    }

    @Test
    void aNodeThatNobodyAsksFindsItOutByWriting() {
        awaitReady();
        connection.sync().configSet("maxmemory", "1mb");

        await().until(() -> api.probe("/health/ready").status() == 503);
        Answer ready = api.probe("/health/ready");
        connection.sync().configSet("maxmemory", "0");

        assertThat(reasons(ready)).containsExactly("Redis is full: its memory limit is reached.");
        awaitReady();
    }

    @Test
    void aRedisThatLoadsItsDataIsNamed() {
        awaitReady();
        List<RedisFuture<String>> written = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            written.add(connection.async().set("loads-slowly:" + i, ""));
        }
        written.forEach(reply -> reply.toCompletableFuture().join());
        redis.kill();

        CompletableFuture<Void> restart = CompletableFuture.runAsync(redis::restart);
        await().until(() -> reasons(api.probe("/health/ready")).contains("Redis is loading its data."));
        Answer hold = api.hold(SALE, "c-1", SKU, 1);
        restart.join();

        assertProblem(hold, 503, "redis-unavailable");
        awaitReady();
    }

    @Test
    void howeverManyCallsFailTheLogHasOneLine() {
        awaitReady();
        Logger logger = (Logger) LoggerFactory.getLogger(RedisHealth.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        connection.sync().configSet("min-replicas-to-write", "1");

        for (int i = 0; i < 50; i++) {
            assertThat(api.hold(SALE, "c-1", SKU, 1).status()).isEqualTo(503);
        }
        await().until(() -> !warnings(log).isEmpty());
        connection.sync().configSet("min-replicas-to-write", "0");
        awaitReady();
        logger.detachAppender(log);

        assertThat(warnings(log)).hasSize(1).first().asString().contains("TOO_FEW_REPLICAS");
    }

    @Test
    void aNodeWithoutPostgresIsReadyAndSaysThatNothingIsRecorded() {
        awaitReady();
        postgres.kill();

        await().until(() -> !api.probe("/health/ready").body().path("postgres").asBoolean(true));
        Answer ready = api.probe("/health/ready");
        String metrics = api.probe("/metrics").text();
        postgres.restart();

        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.text("status")).isEqualTo("ready");
        assertThat(ready.body().path("redis").asBoolean()).isTrue();
        assertThat(reasons(ready)).singleElement().asString().contains("PostgreSQL");
        assertThat(metrics).contains("holdfast_postgres_up 0.0");
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
        assertThat(reasons(api.probe("/health/ready"))).isEmpty();
    }

    @Test
    void aPostgresThatOnlyReadsRecordsNothing() {
        awaitReady();
        sql("alter system set default_transaction_read_only = on", "select pg_reload_conf()");

        await().until(() -> !api.probe("/health/ready").body().path("postgres").asBoolean(true));
        Answer ready = api.probe("/health/ready");
        Answer change = api.putSale("nothing-is-written", false);
        double up = node.metric("holdfast_postgres_up");
        sql(
                "set default_transaction_read_only = off",
                "alter system reset default_transaction_read_only",
                "select pg_reload_conf()");

        assertThat(ready.status()).isEqualTo(200);
        assertThat(reasons(ready)).singleElement().asString().contains("PostgreSQL only reads");
        assertThat(change.status()).isEqualTo(503);
        assertThat(change.text("detail")).contains("PostgreSQL only reads", "Nothing was done.");
        assertThat(up).isZero();
        awaitPostgres();
    }

    @Test
    void aPostgresThatLacksATableIsNamedWithIt() {
        awaitReady();
        sql("alter table audits rename to audits_elsewhere");

        await().until(() -> !api.probe("/health/ready").body().path("postgres").asBoolean(true));
        Answer ready = api.probe("/health/ready");
        sql("alter table audits_elsewhere rename to audits");

        assertThat(ready.status()).isEqualTo(200);
        assertThat(reasons(ready)).singleElement().asString().startsWith("PostgreSQL lacks audits.");
        awaitPostgres();
    }

    private static void awaitPostgres() {
        await().until(() -> api.probe("/health/ready").body().path("postgres").asBoolean());
    }

    private static void sql(String... statements) {
        URI uri = URI.create(postgres.uri());
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath());
        try (Connection connection = DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                boolean ignored = statement.execute(text);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + String.join("; ", statements), e);
        }
    }

    /** A folder of the snapshot's name stands where it is to be written. */
    private static void breakSnapshots(RedisCommands<String, String> commands) {
        try {
            Files.deleteIfExists(snapshot(commands));
            Files.createDirectory(snapshot(commands));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands.configSet("save", "3600 1");
        commands.bgsave();
        awaitSnapshot(commands, "err");
    }

    private static void mendSnapshots(RedisCommands<String, String> commands) {
        try {
            Files.delete(snapshot(commands));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands.bgsave();
        awaitSnapshot(commands, "ok");
        commands.configSet("save", "");
    }

    private static Path snapshot(RedisCommands<String, String> commands) {
        return Path.of(commands.configGet("dir").get("dir"), "dump.rdb");
    }

    private static void awaitSnapshot(RedisCommands<String, String> commands, String status) {
        await().until(() -> {
            String info = commands.info("persistence");
            return info.contains("rdb_bgsave_in_progress:0") && info.contains("rdb_last_bgsave_status:" + status);
        });
    }

    private static void awaitReady() {
        await().until(() -> api.probe("/health/ready").status() == 200);
    }

    private static List<String> reasons(Answer ready) {
        List<String> reasons = new ArrayList<>();
        ready.body().path("reasons").forEach(reason -> reasons.add(reason.asText()));
        return reasons;
    }

    private static List<String> warnings(ListAppender<ILoggingEvent> log) {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains(":" + redis.port()))
                .toList();
    }
}
