package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.PostgresLock;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file tells how far it is, and under its Idempotency-Key it is imported once and answered alike, on two nodes. */
class ImportContractTest {

    private static final String NEW = "sku,capacity\nA,5\nB,7\n";

    private static LocalRedis redis;
    private static TestDatabase database;
    private static TestNode node;
    private static TestNode otherNode;

    private final String sale = "import-" + UUID.randomUUID();
    private final Api api = node.api();
    private final Api other = otherNode.api();

    @BeforeAll
    static void start() {
        redis = TestServers.ownRedis();
        database = new TestDatabase();
        node = TestNode.start(redis.uri(), database.uri(), UnaryOperator.identity());
        otherNode = TestNode.start(redis.uri(), database.uri(), UnaryOperator.identity());
    }

    @AfterAll
    static void stop() {
        otherNode.close();
        node.close();
        redis.stop();
    }

    @BeforeEach
    void putUpASale() {
        api.putSale(sale, false).must(201);
    }

    @Test
    void linesTellHowFarItIsAndTheLastIsTheAnswer() {
        String file = rows(1_200) + "BAD,-1\n";

        Answer answer = api.importByLines(sale, file, "k");

        List<JsonNode> lines = lines(answer);
        List<JsonNode> progress = lines.subList(0, lines.size() - 1);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).hasValue("application/x-ndjson");
        assertThat(answer.header("cache-control")).hasValue("no-store");
        assertThat(progress).hasSizeGreaterThan(3).allSatisfy(line -> {
            assertThat(ContractSale.fields(line)).containsExactly("progress");
            assertThat(line.at("/progress/of").asInt()).isEqualTo(1_201);
        });
        assertThat(progress)
                .extracting(line -> line.at("/progress/rows").asInt())
                .isSorted()
                .startsWith(0)
                .endsWith(1_201);
        assertThat(lines.getLast()).isEqualTo(api.importStock(sale, file, "k").body());
        assertThat(lines.getLast().path("created").asInt()).isEqualTo(1_200);
        assertThat(lines.getLast().path("rejected").asInt()).isEqualTo(1);
    }

    @Test
    void capacitiesThatChangeAreProgressToo() {
        Api.patiently(() -> api.importStock(sale, rows(1_200))).must(200);
        String changed = rows(1_200).replace(",5\n", ",6\n");

        List<JsonNode> lines = lines(api.importByLines(sale, changed, "k"));

        assertThat(lines.getLast().path("updated").asInt()).isEqualTo(1_200);
        assertThat(lines)
                .extracting(line -> line.at("/progress/rows").asInt(-1))
                .containsSequence(0, 166, 333, 400);
        assertThat(other.stock(sale, "SKU-7").body().path("capacity").asInt()).isEqualTo(6);
    }

    @Test
    void aTrialTellsItsLinesToo() {
        Answer tried = api.send(api.importing(sale, NEW, "k")
                .uri(node.adminUri().resolve("/v1/admin/sales/" + sale + "/stock/import?dryRun=true"))
                .header("Accept", "application/x-ndjson"));

        assertThat(lines(tried)).hasSize(3);
        assertThat(lines(tried).getLast().path("dryRun").asBoolean()).isTrue();
        assertThat(api.stock(sale).body().path("items")).isEmpty();
    }

    @Test
    void whatIsRefusedBeforeItBeginsIsAProblemWithItsOwnStatus() {
        assertProblem(api.importByLines(sale, "sku,capacity\nA,\"1", "k"), 400, "malformed-request");
        assertProblem(api.importByLines(sale, "sku,colour\nA,red\n", "k"), 422, "validation-failed");
        assertProblem(api.importByLines("none-" + sale, NEW, "k"), 404, "sale-not-found");
        assertProblem(api.importByLines(sale, NEW, "x".repeat(256)), 400, "idempotency-key-invalid");
    }

    @Test
    void whatFailsAfterwardsIsAProblemInTheLastLine() {
        Api.patiently(() -> api.importStock(sale, rows(15_000))).must(200);

        Answer answer = api.importByLines(sale, rows(15_000, 20_001), "k");

        JsonNode last = lines(answer).getLast();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(last.path("status").asInt()).isEqualTo(422);
        assertThat(last.path("code").asText()).isEqualTo("validation-failed");
        assertThat(last.path("traceId").asText()).isNotBlank();
        assertThat(api.importStock(sale, NEW, "k")
                        .must(200)
                        .body()
                        .path("created")
                        .asInt())
                .as("what changed nothing is not remembered")
                .isEqualTo(2);
    }

    @Test
    void theSameKeyGetsTheSameAnswerOnEveryNodeAndActsOnce() {
        Answer first = api.importStock(sale, NEW, "k").must(200);
        api.adjust(sale, "A", "more", "{\"delta\":3,\"reason\":\"found some\"}").must(201);

        Answer again = api.importStock(sale, NEW, "k");
        Answer elsewhere = other.importStock(sale, NEW, "\"k\"");
        Answer byLines = other.importByLines(sale, NEW, "k");

        assertThat(first.header("idempotent-replayed")).isEmpty();
        for (Answer replayed : List.of(again, elsewhere, byLines)) {
            assertThat(replayed.status()).isEqualTo(200);
            assertThat(replayed.header("idempotent-replayed")).hasValue("true");
            assertThat(replayed.body()).isEqualTo(first.body());
        }
        assertThat(byLines.header("content-type")).hasValue("application/x-ndjson");
        assertThat(first.body().path("created").asInt()).isEqualTo(2);
        assertThat(api.stock(sale, "A").body().path("capacity").asInt()).isEqualTo(8);
        assertThat(imports()).isEqualTo(1);
    }

    @Test
    void aTrialUnderAKeyIsRememberedAsATrial() {
        byte[] file = NEW.getBytes(StandardCharsets.UTF_8);
        Answer first = api.send(withKey(file, "?dryRun=true"));
        api.putStock(sale, "A", 5).must(201);

        Answer again = api.send(withKey(file, "?dryRun=true"));
        Answer forReal = api.send(withKey(file, ""));

        assertThat(first.body().path("created").asInt()).isEqualTo(2);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("idempotent-replayed")).hasValue("true");
        assertProblem(forReal, 422, "idempotency-key-reused");
    }

    @Test
    void theSameKeyWithAnotherFileIsRefused() {
        api.importStock(sale, NEW, "k").must(200);

        assertProblem(other.importStock(sale, NEW + "C,1\n", "k"), 422, "idempotency-key-reused");
        assertProblem(other.importByLines(sale, NEW + "C,1\n", "k"), 422, "idempotency-key-reused");
        assertThat(api.stock(sale).body().path("items")).hasSize(2);
    }

    @Test
    void anotherSaleHasKeysOfItsOwn() {
        String another = "another-" + sale;
        api.putSale(another, false).must(201);
        api.importStock(sale, NEW, "k").must(200);

        assertThat(api.importStock(another, NEW + "C,1\n", "k")
                        .must(200)
                        .body()
                        .path("created")
                        .asInt())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sku,capacity\nA,\"1", "sku,colour\nA,red\n"})
    void aRefusalIsNotRemembered(String refused) {
        assertThat(api.importStock(sale, refused, "k").status()).isIn(400, 422);

        assertThat(api.importStock(sale, NEW, "k")
                        .must(200)
                        .body()
                        .path("created")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void whoComesWhileItIsUnderWayJoinsIt() {
        CompletableFuture<Answer> first;
        CompletableFuture<Answer> joining;
        try (PostgresLock standstill = PostgresLock.taken(
                database.uri(), "select 1 from sales where sale_id = '%s' for no key update".formatted(sale))) {
            first = CompletableFuture.supplyAsync(() -> Api.patiently(() -> api.importStock(sale, NEW, "k")));
            Awaitility.await().until(() -> standstill.waiting() == 1);
            joining = CompletableFuture.supplyAsync(() -> other.importByLines(sale, NEW, "k"));
            Awaitility.await().until(() -> running() == 1);
        }

        assertThat(lines(joining.join()).getLast()).isEqualTo(first.join().body());
        assertThat(first.join().body().path("created").asInt()).isEqualTo(2);
        assertThat(imports()).isEqualTo(1);
    }

    @Test
    void anImportGoesOnWhenItsCallerHasGone() {
        String file = rows(3_000);
        try (RawConnection caller = new RawConnection(node.adminUri().getPort())) {
            caller.send("""
                    POST /v1/admin/sales/%s/stock/import HTTP/1.1
                    host: test
                    authorization: Bearer %s
                    content-type: text/csv
                    accept: application/x-ndjson
                    idempotency-key: k
                    content-length: %d

                    """.formatted(sale, Api.ADMIN_KEY, file.length()));
            caller.sendBytes(file.getBytes(StandardCharsets.UTF_8));
            caller.readUntil("{\"progress\":{\"rows\":0,\"of\":3000}}\n");
        }

        Answer again = other.importStock(sale, file, "k");

        assertThat(again.status()).as(again.text()).isEqualTo(200);
        assertThat(again.header("idempotent-replayed")).hasValue("true");
        assertThat(again.body().path("created").asInt()).isEqualTo(3_000);
        assertThat(imports()).isEqualTo(1);
    }

    @Test
    void whatPostgresHasAndRedisDoesNotIsBroughtToItsEndByTheSameRequest() {
        redis.kill();
        Answer stored;
        try {
            Awaitility.await().until(() -> api.probe("/health/ready").status() == 503);
            stored = api.importStock(sale, NEW, "k");
        } finally {
            redis.restart();
        }

        assertProblem(stored, 503, "redis-unavailable");
        assertThat(stored.text("detail")).contains("stored");
        Answer again = Api.patiently(() -> other.importStock(sale, NEW, "k")).must(200);
        assertThat(again.body().path("created").asInt()).isEqualTo(2);
        assertThat(other.stock(sale, "B").must(200).body().path("capacity").asInt())
                .isEqualTo(7);
        assertThat(imports()).isEqualTo(1);
    }

    private java.net.http.HttpRequest.Builder withKey(byte[] file, String query) {
        return api.importing(sale, new String(file, StandardCharsets.UTF_8), "k")
                .uri(node.adminUri().resolve("/v1/admin/sales/" + sale + "/stock/import" + query));
    }

    /** As the audit trail has it. */
    private long imports() {
        return number("select count(*) from admin_actions where action = 'stock.imported' and sale_id = ?");
    }

    private long running() {
        return number("select count(*) from imports where state = 'running' and sale_id = ?");
    }

    private long number(String sql) {
        return Long.parseLong(database.rows(sql, sale).getFirst().getFirst());
    }

    private static String rows(int count) {
        return rows(0, count);
    }

    private static String rows(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(n -> "SKU-" + n + ",5\n")
                .collect(Collectors.joining("", "sku,capacity\n", ""));
    }

    private static List<JsonNode> lines(Answer answer) {
        assertThat(answer.text()).endsWith("\n");
        return answer.text().lines().map(ImportContractTest::json).toList();
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }
}
