package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that lost history sells nothing, on no node, whatever an admin does: what it forgot might be sold twice. */
class LostHistoryTest {

    private final String saleId = "lost-" + UUID.randomUUID();
    private String database;
    private LocalRedis redis;
    private @Nullable LocalPostgres postgres;
    private TestNode one;
    private TestNode two;

    @BeforeEach
    void sellHalfOfTheUnits() {
        redis = TestServers.ownRedis();
        openOn(TestServers.migratedDatabase());
    }

    private void openOn(String postgresUri) {
        database = postgresUri;
        one = start();
        two = start();
        assertThat(api(one).putSale(saleId, false).status()).isEqualTo(201);
        assertThat(api(one).putStock(saleId, "GPU", 10).status()).isEqualTo(201);
        buy(5);
    }

    @AfterEach
    void end() {
        one.close();
        two.close();
        redis.stop();
        if (postgres != null) {
            postgres.stop();
        }
    }

    @Test
    void anEmptiedRedisSellsNothingOnAnyNode() {
        flushAll();

        assertThat(hold(one).code()).isEqualTo("recovering");
        assertThat(hold(two).code()).isEqualTo("recovering");
        assertThat(hold(two).status()).isEqualTo(503);
        assertThat(hold(two).header("Retry-After")).isPresent();
        assertThat(api(one).sale(saleId, false).text("state")).isEqualTo("recovering");
    }

    @Test
    void nothingAnAdminDoesBringsAnEmptiedLaneBackWithFullShelves() {
        flushAll();

        Stream.of(
                        api(one).putSale(saleId, "{\"perCustomerLimit\":3}"),
                        api(one).putStock(saleId, "GPU", 10),
                        api(one).putStock(saleId, "CPU", 10),
                        api(one).turn(saleId, "pause", "test"),
                        api(one).turn(saleId, "resume", "test"))
                .forEach(answer -> assertThat(answer.status()).isIn(200, 201, 503));

        assertThat(hold(one).code()).isEqualTo("recovering");
        assertThat(hold(two).code()).isEqualTo("recovering");
    }

    @Test
    void aNodeThatStartsOnAnEmptiedRedisSellsNothing() {
        flushAll();
        two.close();

        two = start();

        // Until the other node has told Redis again whose it is, this one serves nothing.
        await().until(() -> refusalOf(two).equals("recovering"));
        assertThat(refusalOf(one)).isEqualTo("recovering");
    }

    private String refusalOf(TestNode node) {
        Api.Answer answer = hold(node);
        assertThat(answer.status()).isEqualTo(503);
        return answer.code();
    }

    @Test
    void aRedisThatCameBackWithAnOlderPastSellsNothing(@TempDir Path backup) throws IOException {
        Path data = Path.of(config("dir"));
        redis.stop();
        copy(data, backup);
        redis.restart();
        awaitSelling();
        buy(2);

        redis.kill();
        copy(backup, data);
        redis.restart();

        assertThat(firstAnswerWithRedis(one).code()).isEqualTo("recovering");
        assertThat(firstAnswerWithRedis(two).code()).isEqualTo("recovering");
    }

    @Test
    void aNodeThatStartsOnAnOlderPastSellsNothing(@TempDir Path backup) throws IOException {
        Path data = Path.of(config("dir"));
        redis.stop();
        copy(data, backup);
        redis.restart();
        awaitSelling();
        buy(2);

        redis.kill();
        two.close();
        copy(backup, data);
        redis.restart();
        two = start();

        assertThat(hold(two).code()).isEqualTo("recovering");
    }

    @Test
    void anOlderPastIsRebuiltToThePresentAndSellsWhatIsLeft(@TempDir Path backup) throws IOException {
        Path data = Path.of(config("dir"));
        redis.stop();
        copy(data, backup);
        redis.restart();
        awaitSelling();
        buy(2);
        redis.kill();
        copy(backup, data);
        redis.restart();
        assertThat(firstAnswerWithRedis(one).code()).isEqualTo("recovering");

        assertThat(api(two).rebuild(saleId, "an older file came back").status()).isEqualTo(202);
        awaitSelling();

        assertThat(api(one).stock(saleId, "GPU").body().path("available").asLong())
                .isEqualTo(3);
        buy(3);
        assertThat(hold(two).code()).isEqualTo("out-of-stock");
        assertThat(api(one).audit(saleId).body().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void aRedisThatForgotWhatWasSoldButNotYetRecordedSellsNothing(@TempDir Path backup) throws IOException {
        one.close();
        two.close();
        postgres = TestServers.ownPostgres();
        openOn(postgres.uri());
        Path data = Path.of(config("dir"));
        redis.stop();
        copy(data, backup);
        redis.restart();
        awaitSelling();
        postgres.kill();
        assertThat(hold(one).status()).isEqualTo(201);

        redis.kill();
        copy(backup, data);
        redis.restart();
        postgres.restart();

        assertThat(firstAnswerWithRedis(one).code()).isEqualTo("recovering");
        // Nobody was told of the sale by this node, so it can only hear of it: decision 0003.
        await().until(() -> hold(two).code().equals("recovering"));
    }

    private TestNode start() {
        return TestNode.start(redis.uri(), database, UnaryOperator.identity());
    }

    private static Api api(TestNode node) {
        return new Api(node.publicUri(), node.adminUri());
    }

    private Api.Answer hold(TestNode node) {
        return api(node).hold(saleId, "someone", "GPU", 1);
    }

    /** Sells so many units, and waits until PostgreSQL has it. */
    private void buy(int units) {
        BooksReader books = new BooksReader(database);
        long before = books.state(saleId).reservations().size();
        for (int i = 0; i < units; i++) {
            String id = hold(i % 2 == 0 ? one : two).must(201).text("reservationId");
            assertThat(api(one).confirm(saleId, id).status()).isEqualTo(200);
        }
        await().untilAsserted(
                        () -> assertThat(books.state(saleId).reservations().values())
                                .filteredOn(row -> row.state().equals("confirmed"))
                                .hasSize((int) before + units));
    }

    /** What the node says to a buyer as soon as it reaches Redis again. */
    private Api.Answer firstAnswerWithRedis(TestNode node) {
        return await().until(
                        () -> hold(node),
                        answer -> !List.of("redis-unavailable", "postgres-unavailable", "outcome-unknown")
                                .contains(answer.code()));
    }

    /** By the count of one SKU, which is asked for at once: that of all may have been asked for while Redis was away. */
    private void awaitSelling() {
        for (TestNode node : List.of(one, two)) {
            await().until(() -> api(node).stock(saleId, "GPU").status() == 200);
        }
    }

    private void flushAll() {
        String reply = command(c -> c.sync().flushall());
        assertThat(reply).isEqualTo("OK");
    }

    private String config(String name) {
        Map<String, String> found = command(c -> c.sync().configGet(name));
        return found.get(name);
    }

    private <T> T command(Function<StatefulRedisConnection<String, String>, T> call) {
        try (RedisClient client = RedisClient.create(redis.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return call.apply(connection);
        }
    }

    /** Only the append-only files: they are all that such a Redis loads. */
    private static void copy(Path from, Path to) throws IOException {
        Path source = from.resolve("appendonlydir");
        Path target = Files.createDirectories(to.resolve("appendonlydir"));
        try (Stream<Path> old = Files.list(target)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
