package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.Settings;
import dev.holdfast.cli.Told;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.support.Api;
import dev.holdfast.support.RedisRoles;
import dev.holdfast.support.SwitchedProxy;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A node meets a Redis that is not its deployment's: it serves nothing, takes nothing for lost, and changes nothing. */
class DeploymentTest {

    private static final String KEY = "hf:deployment";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String saleId = "deployed-" + UUID.randomUUID();
    private final String database = TestServers.freshDatabase();
    private final LocalRedis redis = TestServers.ownRedis();
    private final List<TestNode> nodes = new ArrayList<>();
    private final List<LocalRedis> others = new ArrayList<>();

    @AfterEach
    void end() {
        nodes.forEach(TestNode::close);
        redis.stop();
        others.forEach(LocalRedis::stop);
    }

    @Test
    void aNewPostgresqlAndANewRedisGetOneIdHoweverManyNodesStart() {
        List<TestNode> both =
                Stream.of(1, 2).parallel().map(n -> start(redis.uri())).toList();

        both.forEach(node -> assertThat(ready(node).status()).isEqualTo(200));
        assertThat(idInRedis(redis)).isNotBlank().isEqualTo(idInPostgres());
    }

    @Test
    void aWrongAddressOfOneNodeStopsThisNodeAndNoOther() {
        TestNode right = sellingNode();
        LocalRedis foreign = redisOfAnotherDeployment();
        Map<String, String> keysBefore = dump(foreign);
        String booksBefore = books();

        TestNode wrong = start(foreign.uri());

        assertThat(ready(wrong).status()).isEqualTo(503);
        assertThat(ready(wrong).text("detail"))
                .contains("belongs to another deployment")
                .contains("adopt")
                .contains("127.0.0.1:" + foreign.port())
                .doesNotContain("\n");
        assertServesNothing(wrong);
        sellFor(right, Duration.ofSeconds(3));
        assertThat(dump(foreign)).isEqualTo(keysBefore);
        assertThat(books()).isEqualTo(booksBefore);
        assertThat(right.api().sale(saleId, false).text("state")).isEqualTo("open");
    }

    @Test
    void aWrongDatabaseNumberOfOneNodeStopsThisNodeAndNoOther() {
        TestNode right = sellingNode();
        String booksBefore = books();

        Logger logger = (Logger) LoggerFactory.getLogger("dev.holdfast");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        TestNode wrong = start(redis.uri() + "/1");

        assertThat(ready(wrong).status()).isEqualTo(503);
        assertThat(ready(wrong).text("detail")).contains("database 1").contains("adopt");
        assertServesNothing(wrong);
        sellFor(right, Duration.ofSeconds(3));
        logger.detachAppender(log);
        assertThat(log.list.stream()
                        .filter(event -> event.getLevel() == Level.ERROR)
                        .map(ILoggingEvent::getFormattedMessage))
                .singleElement()
                .asString()
                .contains("database 1", "adopt");
        long keysThere = RedisRoles.ask(redis, commands -> {
            var unused = commands.select(1);
            return commands.dbsize();
        });
        assertThat(keysThere).isZero();
        assertThat(books()).isEqualTo(booksBefore);
    }

    @Test
    void anAddressThatLeadsElsewhereAfterAReconnectStopsTheNodeUntilItLeadsBack() {
        SwitchedProxy address = SwitchedProxy.to(redis.port());
        TestNode node = sellingNode("redis://127.0.0.1:" + address.port());
        LocalRedis foreign = redisOfAnotherDeployment();

        address.switchTo(foreign.port());
        address.cut();
        await().atMost(PATIENCE).until(() -> ready(node).text("detail").contains("belongs to another deployment"));
        assertServesNothing(node);
        address.switchTo(redis.port());
        address.cut();
        await().atMost(PATIENCE).until(() -> hold(node).status() == 201);
        await().atMost(PATIENCE).until(() -> ready(node).status() == 200);

        assertThat(incidents()).isZero();
        node.close();
        nodes.remove(node);
        address.close();
    }

    @Test
    void aRedisThatIsEmptiedUnderRunningNodesHasLostItsSalesAndGetsItsIdBack() {
        TestNode node = sellingNode();
        String id = idInPostgres();

        String emptied = RedisRoles.ask(redis, commands -> commands.flushall());

        assertThat(emptied).isEqualTo("OK");

        await().atMost(PATIENCE).until(() -> hold(node).code().equals("recovering"));
        await().atMost(PATIENCE).until(() -> id.equals(idInRedis(redis)));
        assertThat(node.api().rebuild(saleId, "it was emptied").status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> hold(node).status() == 201);
    }

    @Test
    void aRedisThatStartsEmptyIsNotTakenForALossUntilSomebodyAdoptsIt() throws IOException {
        TestNode node = sellingNode();
        String id = idInPostgres();
        Path data = Path.of(
                RedisRoles.ask(redis, commands -> commands.configGet("dir")).get("dir"));
        redis.kill();
        empty(data.resolve("appendonlydir"));
        redis.restart();
        await().atMost(PATIENCE).until(() -> ready(node).text("detail").contains("should be there"));
        assertServesNothing(node);
        long lostBefore = incidents();

        String seen = command("adopt", "--reason", "a look", "--dry-run");
        long keysAfterALook = RedisRoles.ask(redis, commands -> commands.dbsize());
        String adopted = command("adopt", "--reason", "its disk was replaced");

        assertThat(lostBefore).isZero();
        assertThat(seen)
                .contains("says of no deployment")
                .contains("0 of 1 sales")
                .contains("0 keys");
        assertThat(keysAfterALook).isZero();
        assertThat(adopted).contains("deployment " + id);
        await().atMost(PATIENCE).until(() -> hold(node).code().equals("recovering"));
        assertThat(incidents()).isEqualTo(1);
        assertThat(node.api().rebuild(saleId, "its disk was replaced").status()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> hold(node).status() == 201);
        assertThat(actions()).contains("deployment.adopted");
    }

    @Test
    void aNewPostgresqlDoesNotTakeARedisThatBelongsToAnother() {
        sellingNode();
        String other = TestServers.freshDatabase();

        TestNode node = alone(redis.uri(), other);

        assertThat(ready(node).status()).isEqualTo(503);
        assertThat(ready(node).text("detail"))
                .contains("belongs to another deployment")
                .contains("adopt");
        assertThat(hold(nodes.getFirst()).status()).isEqualTo(201);
    }

    @Test
    void adoptedByAnotherDeploymentItIsLeftAloneByItsOwn() {
        TestNode first = sellingNode();
        String other = TestServers.freshDatabase();
        TestNode second = alone(redis.uri(), other);

        String told = commandOn(other, "adopt", "--reason", "moving in");

        assertThat(told).contains("belongs to another deployment, " + idInPostgres());
        await().atMost(PATIENCE).until(() -> ready(second).status() == 200);
        await().atMost(PATIENCE).until(() -> ready(first).status() == 503);
        assertServesNothing(first);
        assertThat(incidents()).isZero();
    }

    @Test
    void aDeploymentThatIsOlderThanItsIdIsKnownByItsSales() {
        TestNode node = sellingNode();
        node.close();
        nodes.remove(node);
        sql("delete from deployment");
        long deleted = RedisRoles.ask(redis, commands -> commands.del(KEY));

        TestNode upgraded = start(redis.uri());

        assertThat(deleted).isEqualTo(1);
        assertThat(hold(upgraded).status()).isEqualTo(201);
        assertThat(idInRedis(redis)).isEqualTo(idInPostgres());
    }

    @Test
    void commandsDoNotTouchARedisThatIsNotTheDeployments() {
        sellingNode();
        LocalRedis foreign = redisOfAnotherDeployment();
        Map<String, String> keysBefore = dump(foreign);

        Told rebuilt = run(database, foreign.uri(), "rebuild", saleId, "--reason", "a mistake");

        assertThat(rebuilt.exitCode()).isEqualTo(1);
        assertThat(rebuilt.err()).contains("belongs to another deployment").hasLineCount(1);
        assertThat(dump(foreign)).isEqualTo(keysBefore);
        assertThat(hold(nodes.getFirst()).status()).isEqualTo(201);
    }

    @CanIgnoreReturnValue
    private TestNode sellingNode() {
        return sellingNode(redis.uri());
    }

    private TestNode sellingNode(String redisUri) {
        TestNode node = start(redisUri);
        node.api().putSale(saleId, false).must(201);
        node.api().putStock(saleId, "GPU", 100_000).must(201);
        hold(node).must(201);
        await().atMost(PATIENCE)
                .until(() -> sql("select recorded_seq >= 3 from lanes").equals("true"));
        return node;
    }

    private TestNode start(String redisUri) {
        return alone(redisUri, database);
    }

    private TestNode alone(String redisUri, String postgresUri) {
        TestNode node =
                TestNode.alone(redisUri, postgresUri, TestNode.SECRET, Settings.Rush.usual(), UnaryOperator.identity());
        synchronized (nodes) {
            nodes.add(node);
        }
        return node;
    }

    private LocalRedis redisOfAnotherDeployment() {
        LocalRedis foreign = TestServers.ownRedis();
        others.add(foreign);
        try (TestNode stranger = TestNode.alone(
                foreign.uri(),
                TestServers.freshDatabase(),
                TestNode.SECRET,
                Settings.Rush.usual(),
                UnaryOperator.identity())) {
            stranger.api().putSale("theirs", false).must(201);
            stranger.api().putStock("theirs", "GPU", 5).must(201);
        }
        return foreign;
    }

    private void assertServesNothing(TestNode node) {
        Api api = node.api();
        for (Api.Answer answer : List.of(
                hold(node),
                api.sale(saleId, false),
                api.stock(saleId),
                api.putSale("another-" + UUID.randomUUID(), false),
                api.turn(saleId, "pause", "test"),
                api.rebuild(saleId, "test"),
                api.send(api.onAdmin("GET", "/v1/admin/sales", null)))) {
            assertThat(answer.code()).isEqualTo("redis-unavailable");
            assertThat(answer.status()).isEqualTo(503);
        }
        assertThat(api.probe("/health/live").status()).isEqualTo(200);
    }

    /** Every hold succeeds, for so long. */
    private void sellFor(TestNode node, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            hold(node).must(201);
        }
    }

    private Api.Answer hold(TestNode node) {
        return node.api().hold(saleId, "someone", "GPU", 1);
    }

    private static Api.Answer ready(TestNode node) {
        return node.api().probe("/health/ready");
    }

    private static String idInRedis(LocalRedis server) {
        return RedisRoles.ask(server, commands -> commands.get(KEY));
    }

    private String idInPostgres() {
        return sql("select id from deployment");
    }

    private long incidents() {
        return Long.parseLong(sql("select count(*) from incidents"));
    }

    private String actions() {
        return sql("select string_agg(action, ' ') from admin_actions");
    }

    /** What no node changes without being asked to; the cursor, stock and reservations move while others sell. */
    private String books() {
        return sql("""
                select (select string_agg(sale_id || state || version, ' ') from lanes) || (select count(*) from incidents)
                    || (select count(*) from admin_actions) || (select count(*) from sales) || (select count(*) from secrets)
                    || (select id from deployment)
                """);
    }

    @CanIgnoreReturnValue
    private String sql(String statement) {
        try (TestBooks books = TestBooks.migrated(database)) {
            var rows = books.sql(statement);
            return rows.iterator().hasNext()
                    ? String.valueOf(rows.iterator().next().getValue(0))
                    : "";
        }
    }

    private static Map<String, String> dump(LocalRedis server) {
        return RedisRoles.ask(server, commands -> {
            Map<String, String> all = new TreeMap<>();
            KeyScanCursor<String> found = commands.scan(ScanArgs.Builder.limit(1_000));
            found.getKeys().forEach(key -> all.put(key, Base64.getEncoder().encodeToString(commands.dump(key))));
            return all;
        });
    }

    private String command(String... words) {
        return commandOn(database, words);
    }

    private String commandOn(String postgresUri, String... words) {
        Told told = run(postgresUri, redis.uri(), words);
        assertThat(told.exitCode()).as(told.err()).isZero();
        return told.out();
    }

    private static Told run(String postgresUri, String redisUri, String... words) {
        return Told.of(Map.of("HOLDFAST_POSTGRES_URI", postgresUri, "HOLDFAST_REDIS_URI", redisUri), words);
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
