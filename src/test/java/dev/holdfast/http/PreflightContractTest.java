package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.Tuning;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every finding of a preflight, brought about on real servers; on a node that does not send again what was missed. */
class PreflightContractTest {

    private static final String SOUND = "{\"perCustomerLimit\":2,\"closesAt\":\"2099-01-01T00:00:00Z\"}";
    private static final String PRICED = "{\"capacity\":%d,\"price\":4999}";

    private static LocalRedis redis;
    private static TestDatabase database;
    private static TestNode node;
    private static RedisClient client;

    private final String sale = "preflight-" + UUID.randomUUID();
    private final Instant began = Instant.now();
    private final Api api = node.api();

    @BeforeAll
    static void start() {
        redis = TestServers.ownRedis("maxmemory 200mb");
        client = RedisClient.create(redis.uri());
        database = new TestDatabase();
        node = TestNode.start(redis.uri(), database.uri(), PreflightContractTest::neverResending);
    }

    @AfterAll
    static void stop() {
        node.close();
        client.shutdown();
    }

    @Test
    void aSaleThatIsReadyHasNoFindings() {
        put(SOUND, 10);

        Answer answer = api.preflight(sale);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(json("{'ready':true,'findings':[]}"));
    }

    @Test
    void aFindingSaysWhatItIsAndWhatItWasJudgedBy() {
        put("{\"perCustomerLimit\":11,\"closesAt\":\"2099-01-01T00:00:00Z\"}", 10);
        api.turn(sale, "pause", "not yet");

        Answer answer = api.preflight(sale);

        assertThat(answer.body()).isEqualTo(json("""
                {'ready':false,'findings':[
                 {'code':'sale-paused','severity':'blocker','detail':'The sale is paused: it sells nothing until it is resumed.'},
                 {'code':'limit-above-stock','severity':'warning',
                  'detail':'The limit for each customer is above all there is: one buyer can take it all.',
                  'perCustomerLimit':11,'units':10}]}"""));
    }

    @Test
    void aSaleWithoutStockSellsNothing() {
        putSale(SOUND);
        assertThat(found("no-stock").path("severity").asText()).isEqualTo("blocker");

        api.putStock(sale, "EMPTY", PRICED.formatted(0)).must(201);
        assertThat(found("no-stock").path("skus")).isEqualTo(json("['EMPTY']"));

        api.putStock(sale, "SHIRT", PRICED.formatted(5)).must(201);
        assertCodes("sku-without-stock");
        assertThat(found("sku-without-stock").path("skus")).isEqualTo(json("['EMPTY']"));
    }

    @Test
    void ofManySkusTheFirstAreNamed() {
        putSale(SOUND);
        IntStream.range(10, 22).forEach(i -> api.putStock(sale, "SKU-" + i, 5).must(201));

        JsonNode unpriced = found("no-price");

        assertThat(unpriced.path("skuCount").asInt()).isEqualTo(12);
        assertThat(unpriced.path("skus").size()).isEqualTo(10);
        assertThat(unpriced.path("skus").path(0).asText()).isEqualTo("SKU-10");
    }

    @ParameterizedTest
    @CsvSource({"pause,sale-paused", "close,sale-closed"})
    void aSaleThatAnAdminStoppedSellsNothing(String verb, String code) {
        put(SOUND, 10);
        api.turn(sale, verb, "test");

        assertCodes(code);
    }

    @Test
    void aWindowThatIsOverOrTooShortOrFarAheadIsFound() {
        put("{\"perCustomerLimit\":2,\"closesAt\":\"%s\"}".formatted(inSeconds(-60)), 10);
        assertCodes("window-over");
        assertThat(found("window-over").path("closedForSeconds").asInt()).isGreaterThanOrEqualTo(60);

        window(inSeconds(60), inSeconds(119));
        assertCodes("hold-longer-than-window");
        assertThat(found("hold-longer-than-window").path("windowSeconds").asInt())
                .isEqualTo(59);

        window(inSeconds(400 * 86_400), inSeconds(401 * 86_400));
        assertCodes("opens-late");

        window(inSeconds(60), inSeconds(3600));
        assertCodes();
    }

    @Test
    void aRehearsalIsToldAndItsOwnClockCounts() {
        put("{\"rehearsal\":true,\"perCustomerLimit\":2,\"closesAt\":\"%s\"}".formatted(inSeconds(3600)), 10);
        assertCodes("rehearsal");

        api.advanceClock(sale, 3601);

        assertCodes("window-over", "rehearsal");
        assertThat(found("rehearsal").path("clockOffsetSeconds").asInt()).isEqualTo(3601);
    }

    @Test
    void aLimitThatNobodyCanReachIsNone() {
        putSale("{}");
        api.putStock(sale, "A", "{\"capacity\":5,\"price\":1,\"perCustomerLimit\":6}")
                .must(201);
        assertCodes("sku-limit-above-capacity");

        api.putStock(sale, "B", "{\"capacity\":5,\"price\":1}").must(201);
        assertCodes("sku-limit-above-capacity", "no-limit");
        assertThat(found("no-limit").path("skus")).isEqualTo(json("['B']"));

        api.putSale(sale, "{\"perCustomerLimit\":11}").must(200);
        assertCodes("limit-above-stock", "sku-limit-above-capacity");
    }

    @Test
    void pricesInSomethingElseThanMoneyAreOdd() {
        put("{\"perCustomerLimit\":2,\"currency\":\"XTS\"}", 10);

        assertCodes("odd-currency");
    }

    @Test
    void whatRedisMissedWhileItWasAwayIsTold() {
        put(SOUND, 10);
        String fresh = "fresh-" + UUID.randomUUID();
        redis.kill();
        await().until(() -> api.probe("/health/ready").status() == 503);
        api.turn(sale, "pause", "Redis is away").must(503);
        api.putStock(sale, "SHIRT", "{\"capacity\":10,\"price\":1}").must(503);
        api.putStock(sale, "SHOES", "{\"capacity\":10,\"price\":1}").must(503);
        adjust("SHIRT").must(503);
        api.putSale(fresh, SOUND).must(503);

        assertProblem(api.preflight(sale), 503, "redis-unavailable");
        redis.restart();
        await().until(() -> api.preflight(sale).status() == 200);

        await().untilAsserted(() -> assertThat(codes())
                .containsSubsequence("sale-paused", "sale-not-in-force", "rules-not-in-force", "adjustments-pending"));
        assertThat(found("rules-not-in-force").path("skus")).isEqualTo(json("['SHIRT','SHOES']"));
        assertThat(found("adjustments-pending").path("adjustments").asInt()).isEqualTo(1);
        assertThat(codes(fresh)).contains("lane-preparing", "sale-not-in-force");
    }

    @Test
    void aLaneThatLostItsHistoryOrIsFrozenSellsNothing() {
        put(SOUND, 10);
        try (StatefulRedisConnection<String, String> look = look()) {
            look.sync().del(look.sync().keys("hf:{" + sale + "/*").toArray(String[]::new));
        }
        assertCodes("lane-recovering");
        // Who calls a script says the one, and a recorder that has just recorded says the other.
        await().untilAsserted(
                        () -> assertThat(found("lane-recovering").path("detail").asText())
                                .containsAnyOf("Redis does not have it", "does not have the entry at"));

        database.change(
                "update lanes set state = 'frozen', state_reason = '3 units too many', version = version + 1"
                        + " where sale_id = ?",
                sale);

        assertCodes("lane-frozen");
        assertThat(found("lane-frozen").path("detail").asText()).contains("3 units too many");
    }

    @Test
    void aRecorderThatTookTheSaleAndStandsStillLags() {
        put(SOUND, 10_000);

        await().until(() -> {
            database.change(
                    "insert into nodes (node_id, records_until)"
                            + " values ('one that stands still for ' || ?, clock_timestamp() + interval '1 hour')"
                            + " on conflict (node_id) do nothing",
                    sale);
            database.change(
                    "update lanes set recorder = 'one that stands still for ' || sale_id where sale_id = ?", sale);
            IntStream.range(0, 200)
                    .parallel()
                    .forEach(i -> Api.patiently(() -> api.hold(sale, "c-" + UUID.randomUUID(), "SHIRT", 1))
                            .must(201));
            return codes().equals(List.of("recorder-lagging"));
        });

        assertThat(found("recorder-lagging").path("waitingEntries").asInt()).isGreaterThan(1_000);
    }

    @Test
    void aSaleThatNobodyRecordsIsTold() {
        put(SOUND, 10);

        database.whileLocked(
                "select * from nodes where ? is not null for update",
                sale,
                () -> await().until(() -> codes().equals(List.of("nobody-records"))));

        await().until(() -> codes().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "appendfsync,everysec,redis-sync-late",
        "appendonly,no,redis-not-durable",
        "maxmemory-policy,allkeys-lru,redis-evicts",
        "maxmemory,0,redis-memory-unlimited"
    })
    void aRedisThatMayLoseWhatItHasIsFound(String setting, String value, String code) {
        put(SOUND, 10);
        try (StatefulRedisConnection<String, String> look = look()) {
            String before = look.sync().configGet(setting).get(setting);

            look.sync().configSet(setting, value);
            try {
                assertCodes(code);
            } finally {
                look.sync().configSet(setting, before);
            }
        }
    }

    @Test
    void aRedisThatIsAReplicaIsFound() {
        put(SOUND, 10);
        try (StatefulRedisConnection<String, String> look = look()) {
            // Nobody listens there: it keeps what it has.
            look.sync().replicaof("127.0.0.1", 1);
            List<String> codes = codes();
            look.sync().replicaofNoOne();

            assertThat(codes).contains("redis-is-replica");
        }
    }

    @Test
    void aRedisWithoutRoomForEveryUnitIsTooSmall() {
        put(SOUND, 1_000_000);

        assertCodes("redis-memory-too-small");
        JsonNode tooSmall = found("redis-memory-too-small");
        assertThat(tooSmall.path("neededBytes").asLong()).isEqualTo(1_000_000L * (333 + 2 * 110));
        assertThat(tooSmall.path("limitBytes").asLong()).isEqualTo(200L << 20);
        assertThat(tooSmall.path("usedBytes").asLong()).isPositive();
    }

    @Test
    void aSaleThatIsNotThereIsNotLookedOver() {
        assertProblem(api.preflight("nobody-knows"), 404, "sale-not-found");
    }

    /** A preflight looks at the moment: the recorder takes a new sale within half a second. */
    private void put(String body, long shirts) {
        putSale(body);
        api.putStock(sale, "SHIRT", PRICED.formatted(shirts)).must(201);
    }

    private void putSale(String body) {
        api.putSale(sale, body).must(201);
        await().until(() -> !codes().contains("nobody-records"));
    }

    private Answer adjust(String sku) {
        return api.send(api.onAdmin(
                        "POST",
                        "/v1/admin/sales/" + sale + "/stock/" + sku + "/adjustments",
                        "{\"delta\":5,\"reason\":\"test\"}")
                .header("Idempotency-Key", "\"more\""));
    }

    private void window(String opensAt, String closesAt) {
        api.window(sale, "{\"opensAt\":\"%s\",\"closesAt\":\"%s\",\"reason\":\"test\"}".formatted(opensAt, closesAt))
                .must(200);
    }

    private List<String> codes() {
        return codes(sale);
    }

    /** Soon at the latest: a recorder that a busy machine held up is missed for a moment. */
    private void assertCodes(String... expected) {
        await().untilAsserted(() -> assertThat(codes()).containsExactly(expected));
    }

    private List<String> codes(String saleId) {
        List<String> codes = new ArrayList<>();
        api.preflight(saleId)
                .must(200)
                .body()
                .path("findings")
                .forEach(finding -> codes.add(finding.path("code").asText()));
        return codes;
    }

    private JsonNode found(String code) {
        Answer answer = api.preflight(sale).must(200);
        for (JsonNode finding : answer.body().path("findings")) {
            if (finding.path("code").asText().equals(code)) {
                return finding;
            }
        }
        throw new AssertionError("no " + code + " in " + answer.text());
    }

    private static StatefulRedisConnection<String, String> look() {
        return client.connect();
    }

    /** From one moment on for a whole test: two ends of a window are apart by what they say. */
    private String inSeconds(int seconds) {
        return Rfc3339.text(began.plusSeconds(seconds).toEpochMilli());
    }

    private static Tuning neverResending(Tuning tuning) {
        Tuning.Intervals usual = tuning.intervals();
        return tuning.withIntervals(new Tuning.Intervals(
                usual.sweep(),
                usual.audit(),
                usual.inspection(),
                Duration.ofHours(1),
                usual.housekeeping(),
                usual.database()));
    }
}
