package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.redis.LaneKeys;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.Api;
import dev.holdfast.support.SwitchedProxy;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestDeployment;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands as somebody at a terminal has them; the process around them is tested with the production jar. */
class CommandsTest {

    private static final String REDIS = "HOLDFAST_REDIS_URI";
    private static final String POSTGRES = "HOLDFAST_POSTGRES_URI";

    /** What came of a command. */
    private record Run(int exitCode, String out, String err) {

        List<String> lines() {
            return out.lines().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version", "-V"})
    void theVersionIsPrinted(String word) {
        Run run = run(Map.of(), word);

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).matches("Holdfast \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    void helpNamesEveryCommand() {
        Run run = run(Map.of(), "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "serve",
                        "keys",
                        "incidents",
                        "migrate",
                        "audit",
                        "rebuild",
                        "export",
                        "version",
                        "HOLDFAST_REDIS_URI");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sell",
                "--sell",
                "serve now",
                "keys",
                "keys steal",
                "keys create",
                "keys create shop",
                "keys create shop --scope root",
                "keys create sh*p --scope read",
                "keys create shop --scope read --expires-at tomorrow",
                "keys revoke shop --reason leaked",
                "keys revoke 7",
                "incidents",
                "incidents list --sale no*sale",
                "incidents resolve 7",
                "incidents repair 7",
                "incidents repair x --reason y",
                "dead-letters",
                "dead-letters replay 7",
                "dead-letters discard x --reason y",
                "audit",
                "audit no*sale",
                "rebuild shoes",
                "rebuild --reason lost",
                "export",
                "migrate --service-role"
            })
    void whatIsNoCommandIsToldInALine(String words) {
        Run run = run(Map.of(), words.split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1).first().asString().contains("--help)");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve",
                "--print-config",
                "keys create shop --scope read",
                "keys list",
                "keys revoke 1 --reason leaked",
                "incidents list",
                "incidents resolve 1 --reason seen",
                "incidents repair 1 --reason seen",
                "dead-letters list",
                "dead-letters replay 1 --reason mended",
                "dead-letters discard 1 --reason seen",
                "migrate",
                "audit shoes",
                "rebuild shoes --reason lost",
                "export shoes",
                "adopt --reason test"
            })
    void aMissingSettingIsNamed(String words) {
        Run run = run(Map.of(), words.isEmpty() ? new String[0] : words.split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(78);
        assertThat(run.err()).contains("HOLDFAST_").doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys list",
                "incidents list",
                "migrate",
                "audit shoes",
                "rebuild shoes --reason lost",
                "incidents repair 1 --reason seen",
                "export shoes"
            })
    void aServerThatIsAwayIsToldInALineWithoutItsPassword(String words) {
        Run run = run(
                Map.of(POSTGRES, "postgresql://a:secret@127.0.0.1:1/b", REDIS, "redis://127.0.0.1:1"),
                words.split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1).first().asString().contains("127.0.0.1:1");
        assertThat(run.err()).startsWith("holdfast ").doesNotContain("secret");
    }

    @Test
    void theConfigurationIsPrintedWithoutSecrets() {
        Map<String, String> environment = new HashMap<>(Map.of(
                POSTGRES,
                "postgresql://a:secret@127.0.0.1:1/b",
                REDIS,
                "redis://127.0.0.1:1",
                "HOLDFAST_SECRET",
                "a-secret-of-32-characters-or-more",
                "HOLDFAST_CHECKOUT_KEYS",
                "shop:a-secret-key",
                "HOLDFAST_ADMIN_KEYS",
                "ops:another-secret-key"));

        Run asBefore = run(environment, "--print-config");
        Run asServe = run(environment, "serve", "--print-config");

        assertThat(asBefore.exitCode()).isZero();
        assertThat(asBefore.out()).contains("HOLDFAST_CHECKOUT_KEYS=shop:***").doesNotContain("secret");
        assertThat(asServe.out()).isEqualTo(asBefore.out());
    }

    @Test
    void withoutASchemaNoKeyIsMade() {
        Map<String, String> environment = Map.of(POSTGRES, TestServers.freshDatabase());

        Run early = run(environment, "keys", "create", "shop", "--scope", "checkout");
        Run migrated = run(environment, "migrate");
        Run late = run(environment, "keys", "create", "shop", "--scope", "checkout");

        assertThat(early.exitCode()).isEqualTo(1);
        assertThat(early.err().lines()).hasSize(1).first().asString().contains("run `migrate`");
        assertThat(migrated.exitCode()).isZero();
        assertThat(late.exitCode()).isZero();
    }

    @Test
    void aKeyIsMadeListedAndRevokedWithoutANode() {
        String postgresUri = migrated();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri);

        Run made =
                run(environment, "keys", "create", "shop", "--scope", "read", "--expires-at", "2999-01-01T00:00:00Z");
        Run listed = run(environment, "keys", "list");
        String keyId = listed.lines().get(1).split(" ", -1)[0];
        Run revoked = run(environment, "keys", "revoke", keyId, "--reason", "it leaked", "--actor", "alice");
        Run listedAfterwards = run(environment, "keys", "list");

        assertThat(made.out()).matches("hf_[A-Za-z0-9_-]{43}\\R");
        assertThat(made.err())
                .contains("shop", "read", "2999-01-01T00:00:00Z")
                .doesNotContain(made.out().strip());
        assertThat(listed.lines()).hasSize(2);
        assertThat(listed.lines().getFirst()).matches("KEY +NAME +SCOPE +STATE +CREATED +BY +EXPIRES +LAST USED");
        assertThat(listed.lines().getLast()).contains("shop", "read", "valid", "never");
        assertThat(listed.out()).doesNotContain(made.out().strip());
        assertThat(revoked.out()).isEqualTo("Key " + keyId + " of shop is revoked." + System.lineSeparator());
        assertThat(listedAfterwards.lines().getLast()).contains("revoked");
    }

    @ParameterizedTest
    @CsvSource({
        "keys create taken --scope read, a key of the environment is named taken",
        "keys create late --scope read --expires-at 2020-01-01T00:00:00Z, would have expired",
        "keys revoke 999999 --reason leaked, no such key",
        "incidents resolve 999999 --reason seen, there is no incident 999999",
        "incidents repair 999999 --reason seen, there is no incident 999999",
        "dead-letters replay 999999 --reason mended, there is no dead letter 999999",
        "dead-letters discard 999999 --reason seen, there is no dead letter 999999",
        "audit nothing, there is no sale nothing",
        "rebuild nothing --reason lost, there is no sale nothing",
        "export nothing, there is no sale nothing"
    })
    void whatCannotBeDoneIsToldInALine(String words, String told) {
        Map<String, String> environment = Map.of(
                POSTGRES, migrated(), REDIS, TestServers.redisUri(), "HOLDFAST_ADMIN_KEYS", "taken:a-key-of-somebody");

        Run run = run(environment, words.split(" ", -1));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1).first().asString().contains(told);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void anAdoptionSaysWhatItDidToSecrets() {
        String postgresUri = migrated();
        Map<String, String> environment = Map.of(
                POSTGRES,
                postgresUri,
                REDIS,
                TestServers.ownRedis().uri(),
                "HOLDFAST_SECRET",
                "a-secret-of-more-than-thirty-two-characters");

        Run first = run(environment, "adopt", "--secret", "--reason", "a drill");
        new TestDatabase(postgresUri).change("insert into secrets (digest) values ('of-another-secret')");
        Run second = run(environment, "adopt", "--secret", "--reason", "it leaked");

        assertThat(first.out()).contains("No other secret was known");
        assertThat(second.out()).contains("1 other secret was dropped", "are forgotten");
    }

    /** As a program that has just started meets them on a busy machine. */
    @Test
    void serversWhoseFirstAnswerTakesSecondsAreWaitedFor() {
        URI postgres = URI.create(TestServers.migratedDatabase());
        URI redis = URI.create(TestServers.redisUri());
        try (SwitchedProxy slowPostgres = SwitchedProxy.to(postgres.getPort());
                SwitchedProxy slowRedis = SwitchedProxy.to(redis.getPort())) {
            slowPostgres.delay(Duration.ofSeconds(3));
            slowRedis.delay(Duration.ofSeconds(3));
            Map<String, String> environment = Map.of(
                    POSTGRES,
                    postgres.toString().replace(":" + postgres.getPort(), ":" + slowPostgres.port()),
                    REDIS,
                    redis.toString().replace(":" + redis.getPort(), ":" + slowRedis.port()));

            Run listed = run(environment, "incidents", "list");
            Run looked = run(environment, "adopt", "--reason", "a drill", "--dry-run");

            assertThat(listed.exitCode()).as(listed.err()).isZero();
            assertThat(looked.exitCode()).as(looked.err()).isZero();
        }
    }

    @Test
    void whoGotNoAnswerIsToldWhetherItMayHaveBeenDoneAndWhetherToRepeatIt() {
        Unavailable unknown =
                new Unavailable(Unavailable.Reason.OUTCOME_UNKNOWN, "dead-letter.discarded 1: no answer", null);
        Unavailable away = new Unavailable(Unavailable.Reason.POSTGRES_UNAVAILABLE, "find the deployment: away", null);

        assertThat(Commands.whatThen(unknown, "discard")).contains("may have been done", "may be given again");
        assertThat(Commands.whatThen(unknown, "create")).contains("may have been done", "revoke");
        assertThat(Commands.whatThen(away, "adopt")).contains("was not done", "may be given again");
        assertThat(Commands.whatThen(new IllegalStateException("there is no sale"), "audit"))
                .isEmpty();
    }

    @Test
    void aNameHasTwoKeysHereToo() {
        Map<String, String> environment = Map.of(POSTGRES, migrated());

        Run first = run(environment, "keys", "create", "shop", "--scope", "CHECKOUT");
        Run second = run(environment, "keys", "create", "shop", "--scope", "checkout");
        Run third = run(environment, "keys", "create", "shop", "--scope", "checkout");

        assertThat(first.exitCode()).isZero();
        assertThat(second.exitCode()).isZero();
        assertThat(third.exitCode()).isEqualTo(1);
        assertThat(third.err()).contains("two valid keys");
    }

    @Test
    void aRunningNodeKnowsSoonWhatTheCommandsDid() {
        String postgresUri = TestServers.migratedDatabase();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri);
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgresUri, UnaryOperator.identity())) {
            String key = run(environment, "keys", "create", "ops", "--scope", "admin")
                    .out()
                    .strip();
            Api api = node.api().as(key);

            await().until(() -> api.keys(1, null).status() == 200);
            String keyId = api.keys(1, null).body().at("/items/0/keyId").asText();
            run(environment, "keys", "revoke", keyId, "--reason", "it leaked");

            await().until(() -> api.keys(1, null).status() == 401);
        }
    }

    @Test
    void anAuditShowsBothSidesAndWhetherTheyAreBalanced() {
        String postgresUri = TestServers.migratedDatabase();
        String sale = "audited-" + UUID.randomUUID();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri, REDIS, TestServers.redisUri());
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgresUri, UnaryOperator.identity())) {
            node.api().putSale(sale, false).must(201);
            node.api().putStock(sale, "RED-M", 10).must(201);
            node.api().hold(sale, "c", "RED-M", 3).must(201);

            Run balanced = run(environment, "audit", sale);
            Database.execute(
                    postgresUri, "update stock set held = held - 1, sold = sold + 1 where sale_id = '" + sale + "'");
            Run differs = run(environment, "audit", sale);

            assertThat(balanced.exitCode()).isZero();
            assertThat(balanced.lines().get(0)).matches("SKU +BOOKS +CAPACITY +AVAILABLE +HELD +SOLD +VERSION +DRIFT");
            assertThat(balanced.lines().get(1)).matches("RED-M +Redis +10 +7 +3 +0 +1 +0");
            assertThat(balanced.lines().get(2)).matches(" +PostgreSQL +10 +7 +3 +0 +1");
            assertThat(balanced.lines().get(3))
                    .startsWith("Sale " + sale + " at ")
                    .endsWith(": balanced.");
            assertThat(differs.exitCode()).isEqualTo(1);
            assertThat(differs.lines().get(1)).matches("RED-M +Redis +10 +7 +3 +0 +1 +1");
            assertThat(differs.lines().get(3)).endsWith(": NOT BALANCED.");
        }
    }

    @Test
    void anAuditOfWhatNobodyRecordsIsToldSo() {
        String postgresUri = TestServers.migratedDatabase();
        String sale = "alone-" + UUID.randomUUID();
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgresUri, UnaryOperator.identity())) {
            node.api().putSale(sale, false).must(201);
            node.api().putStock(sale, "RED-M", 10).must(201);
        }
        writeAnEntry(sale);

        Run run = run(Map.of(POSTGRES, postgresUri, REDIS, TestServers.redisUri()), "audit", sale);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1).first().asString().contains("no node records the sale");
        assertThat(run.out()).isEmpty();
    }

    /** As a node does whose PostgreSQL is away. */
    private static void writeAnEntry(String sale) {
        LaneKeys keys = LaneKeys.of(new Lane(new SaleId(sale), 0, 1));
        try (RedisClient client = RedisClient.create(TestServers.redisUri())) {
            client.connect()
                    .sync()
                    .eval(
                            "local seq = redis.call('hincrby', KEYS[2], 'seq', 1)"
                                    + " local epoch = redis.call('hget', KEYS[2], 'epoch')"
                                    + " return redis.call('xadd', KEYS[1], epoch .. '-' .. seq, 'e', 'repaired 1 stock RED-M|limit')",
                            ScriptOutputType.VALUE,
                            keys.ledger(),
                            keys.sale());
        }
    }

    @Test
    void aSaleThatRedisLostIsRebuilt() {
        String postgresUri = TestServers.migratedDatabase();
        String sale = "lost-" + UUID.randomUUID();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri, REDIS, TestServers.redisUri());
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgresUri, UnaryOperator.identity())) {
            Api api = node.api();
            api.putSale(sale, false).must(201);
            api.putStock(sale, "RED-M", 10).must(201);
            String held = api.hold(sale, "c", "RED-M", 3).must(201).text("reservationId");
            await().until(() ->
                    api.reservation(sale, held).body().path("recorded").asBoolean());

            Run run = run(environment, "rebuild", sale, "--reason", "as a drill", "--actor", "alice");

            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).contains("Sale " + sale + " is rebuilt, with 1 live reservations, and sells.");
            await().until(() -> api.confirm(sale, held).status() == 200);
            assertThat(api.stock(sale, "RED-M").body().path("sold").asInt()).isEqualTo(3);
        }
    }

    @Test
    void whatAnAuditFoundIsRepairedWithoutANode() {
        String postgresUri = TestServers.migratedDatabase();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri, REDIS, TestServers.redisUri());
        String sale = "mended-" + UUID.randomUUID();
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgresUri, UnaryOperator.identity());
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            node.api().putSale(sale, false).must(201);
            node.api().putStock(sale, "RED-M", 10).must(201);
            String stock = LaneKeys.of(new Lane(new SaleId(sale), 0, 1)).stock();
            client.connect().sync().hset(stock, "RED-M|available", "7");
            assertThat(node.api().audit(sale).must(200).body().path("balanced").asBoolean())
                    .isFalse();
        }
        String id = run(environment, "incidents", "list", "--sale", sale)
                .lines()
                .getFirst()
                .split("[ ,]+", -1)[1];

        Run repaired = run(environment, "incidents", "repair", id, "--reason", "a drill", "--actor", "alice");
        Run again = run(environment, "incidents", "repair", id, "--reason", "a drill", "--actor", "alice");

        assertThat(repaired.err()).isEmpty();
        assertThat(repaired.out())
                .isEqualTo("Incident " + id + ", stock-differs, is mended and resolved." + System.lineSeparator());
        assertThat(again.exitCode()).isZero();
        assertThat(run(environment, "incidents", "list", "--all", "--sale", sale)
                        .out())
                .contains("by alice: a drill");
    }

    @Test
    void anIncidentThatOnlyARebuildEndsIsNotRepaired() {
        String postgresUri = migrated();
        Database.execute(postgresUri, """
                insert into incidents (sale_id, lane, epoch, kind, detail)
                values ('lost-for-good', 0, 7, 'history-lost', 'Redis is empty')
                """);
        Map<String, String> environment = Map.of(POSTGRES, postgresUri, REDIS, TestServers.redisUri());
        String id = run(environment, "incidents", "list", "--sale", "lost-for-good")
                .lines()
                .getFirst()
                .split("[ ,]+", -1)[1];

        Run repaired = run(environment, "incidents", "repair", id, "--reason", "a drill");

        assertThat(repaired.exitCode()).isEqualTo(1);
        assertThat(repaired.err().lines()).hasSize(1).first().asString().contains("history-lost, is not mended");
        assertThat(repaired.out()).isEmpty();
    }

    @Test
    void incidentsAreListedAndResolvedWithoutANode() {
        String postgresUri = migrated();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri);
        Database.execute(postgresUri, """
                insert into incidents (sale_id, lane, epoch, kind, detail, units)
                values ('shoes', 0, 7, 'history-lost', 'Redis is empty', 5), ('boots', 0, 7, 'history-lost', 'it too', null)
                """);

        Run listed = run(environment, "incidents", "list", "--sale", "shoes");
        String id = listed.lines().getFirst().split("[ ,]+", -1)[1];
        Run resolved = run(environment, "incidents", "resolve", id, "--reason", "it was a drill", "--actor", "alice");
        Run openOnes = run(environment, "incidents", "list", "--sale", "shoes");
        Run all = run(environment, "incidents", "list", "--all");

        assertThat(listed.lines().getFirst()).isEqualTo("Incident " + id + ", history-lost, open: shoes, 5 units");
        assertThat(listed.lines().get(1)).contains("Redis is empty");
        assertThat(listed.lines().get(2)).startsWith("  What to do: ");
        assertThat(listed.lines().get(3))
                .isEqualTo("  POST /v1/admin/sales/shoes/rebuild {\"reason\":\"incident " + id
                        + ": history-lost\",\"from\":\"redis\"}");
        assertThat(resolved.out())
                .isEqualTo("Incident " + id + ", history-lost, is resolved." + System.lineSeparator());
        assertThat(openOnes.out()).isEmpty();
        assertThat(all.out()).contains("boots").contains("by alice: it was a drill");
    }

    @Test
    void deadLettersAreListedReplayedAndDiscardedWithoutANode() {
        String postgresUri = migrated();
        Map<String, String> environment = Map.of(POSTGRES, postgresUri);
        Database.execute(postgresUri, """
                insert into sales (sale_id, name, hold_ms, max_hold_ms, per_customer_limit, currency, rehearsal, state, clock_offset_ms, version)
                values ('shoes', 'Shoes', 1, 1, 0, 'EUR', false, 'open', 0, 1);
                insert into lanes (sale_id, lane, epoch, state, recorded_seq) values ('shoes', 0, 7, 'frozen', 5);
                insert into stock (sale_id, lane, sku, capacity, available, held, sold, version) values ('shoes', 0, 'RED-M', 10, 10, 0, 0, 1);
                insert into dead_letters (sale_id, lane, epoch, seq, entry, problem)
                values ('shoes', 0, 7, 4, 'held key-of-22-characters 1 5 1763640000123 60000 Zm9v ann RED-M 2', 'a full disk'),
                       ('shoes', 0, 7, 5, 'nonsense', 'unknown kind of entry')
                """);

        Run listed = run(environment, "dead-letters", "list", "--sale", "shoes");
        Run broken = run(environment, "dead-letters", "replay", "2", "--reason", "hope");
        Run discarded = run(environment, "dead-letters", "discard", "2", "--reason", "nonsense", "--actor", "alice");
        Run replayed = run(environment, "dead-letters", "replay", "1", "--reason", "there is room", "--actor", "alice");
        Run twice = run(environment, "dead-letters", "replay", "1", "--reason", "there is room");
        Run waiting = run(environment, "dead-letters", "list");
        Run all = run(environment, "dead-letters", "list", "--all");

        assertThat(listed.lines().getFirst()).isEqualTo("Dead letter 2, waiting: shoes at 7-5, stops the sale");
        assertThat(listed.out()).contains("a full disk", "held key-of-22-characters", "nonsense");
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(broken.err().lines()).hasSize(1).first().asString().contains("unknown kind of entry");
        assertThat(discarded.lines())
                .contains("Dead letter 2 is discarded.", "  GET /v1/admin/dead-letters?saleId=shoes&state=waiting");
        assertThat(replayed.exitCode()).as(replayed.err()).isZero();
        assertThat(replayed.lines())
                .contains(
                        "Dead letter 1 is replayed.",
                        "  POST /v1/admin/sales/shoes/rebuild {\"reason\":\"its dead letters are settled\"}");
        assertThat(twice.out()).isEqualTo(replayed.out());
        assertThat(waiting.out()).isEmpty();
        assertThat(all.out()).contains("by alice: there is room", "by alice: nonsense");
    }

    @Test
    void aCatalogueIsExportedWithoutANode() {
        String postgresUri = TestServers.migratedDatabase();
        String sale = "exported-" + UUID.randomUUID();
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgresUri, UnaryOperator.identity())) {
            node.api().putSale(sale, false).must(201);
            node.api()
                    .putStock(sale, "RED-M", "{\"capacity\":10,\"price\":4999}")
                    .must(201);
        }

        Run run = run(Map.of(POSTGRES, postgresUri), "export", sale);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines().getFirst()).startsWith("sku,capacity,");
        assertThat(run.lines().get(1)).startsWith("RED-M,10,").contains("4999");
    }

    private static String migrated() {
        String uri = TestServers.freshDatabase();
        TestDeployment.join(TestServers.redisUri(), uri);
        return uri;
    }

    @CanIgnoreReturnValue
    private static Run run(Map<String, String> environment, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commands =
                Commands.with(environment).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode = commands.execute(words);
        return new Run(exitCode, out.toString(), err.toString());
    }
}
