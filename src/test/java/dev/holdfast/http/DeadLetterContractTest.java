package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hold that PostgreSQL cannot record: the sale stops, and people mend it, over HTTP. */
class DeadLetterContractTest {

    private static final String LETTERS = "/v1/admin/dead-letters";

    private static final TestDatabase DB = new TestDatabase();

    private static TestNode node;
    private static Api api;

    private final String sale = "sale-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        node = TestNode.start(TestServers.redisUri(), DB.uri(), UnaryOperator.identity());
        api = node.api();
        aTableThat("return new");
        DB.change("""
                create trigger refuse before insert on reservations for each row when (new.customer_id = 'c-bad')
                execute function refuse()
                """);
    }

    /** By another function: to make or drop a trigger would lock the table, and its parts, among those who use it. */
    private static void aTableThat(String does) {
        DB.change("create or replace function refuse() returns trigger language plpgsql as $$ begin " + does
                + "; end $$");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void aTableThatDoesNotTakeEverything() {
        aTableThat("raise exception 'value out of range' using errcode = 'numeric_value_out_of_range'");
        api.putSale(sale, false).must(201);
        api.putStock(sale, "A", 10).must(201);
    }

    @AfterEach
    void aTableThatTakesAll() {
        aTableThat("return new");
    }

    @Test
    void theSaleStopsAndNobodyIsToldThatItIsRecorded() {
        String good = api.hold(sale, "c-good", "A", 1).must(201).text("reservationId");
        await().until(() -> recorded(good));

        String bad = api.hold(sale, "c-bad", "A", 2).must(201).text("reservationId");

        await().until(() -> {
            assertThat(recorded(bad)).isFalse();
            return api.sale(sale, false).text("state").equals("recovering");
        });
        assertThat(api.hold(sale, "c-late", "A", 1).code()).isEqualTo("recovering");
        assertThat(recorded(bad)).isFalse();
        JsonNode letter = letters("saleId=" + sale).path(0);
        assertThat(fields(letter))
                .containsExactly(
                        "deadLetterId",
                        "saleId",
                        "position",
                        "state",
                        "reservationId",
                        "entry",
                        "problem",
                        "stopsTheSale",
                        "at",
                        "mendedEntry",
                        "tookEffect",
                        "settledAt",
                        "settledBy",
                        "settledReason");
        assertThat(letter.path("reservationId").asText()).isEqualTo(bad);
        assertThat(letter.path("entry").asText()).startsWith("held ").contains("c-bad");
        assertThat(letter.path("problem").asText()).contains("value out of range");
        assertThat(letter.path("stopsTheSale").asBoolean()).isTrue();
        assertThat(letter.path("at").asText()).matches(TIME);
        JsonNode incident = incident();
        assertThat(incident.path("kind").asText()).isEqualTo("dead-letter");
        assertThat(incident.path("units").asLong()).isEqualTo(2);
        assertThat(incident.at("/details/reservationId").asText()).isEqualTo(bad);
        assertThat(incident.at("/call/path").asText()).isEqualTo(path(letter) + "/replay");
        assertThat(get(path(letter)).body()).isEqualTo(letter);
    }

    @Test
    void replayedAndRebuiltTheSaleSellsAgainAndTheBuyerHasWhatWasTold() {
        String bad = api.hold(sale, "c-bad", "A", 2).must(201).text("reservationId");
        JsonNode letter = awaitLetter();
        aTableThatTakesAll();

        Answer replayed = replay(letter, "{\"reason\":\"the trigger is gone\"}");
        Answer again = replay(letter, "{\"reason\":\"the trigger is gone\"}");

        replayed.must(200);
        assertThat(replayed.text("state")).isEqualTo("replayed");
        assertThat(replayed.body().path("tookEffect").asBoolean()).isTrue();
        assertThat(replayed.text("settledBy")).isEqualTo("anna");
        assertThat(replayed.body().at("/next/call/path").asText()).isEqualTo("/v1/admin/sales/" + sale + "/rebuild");
        assertThat(again.header("idempotent-replayed")).hasValue("true");
        assertThat(again.body()).isEqualTo(replayed.body());
        assertThat(incident().path("state").asText()).isEqualTo("resolved");
        rebuild();
        assertThat(recorded(bad)).isTrue();
        assertThat(api.confirm(sale, bad).must(200).text("state")).isEqualTo("confirmed");
        assertThat(api.stock(sale, "A").body().path("available").asInt()).isEqualTo(8);
        assertThat(api.audit(sale).must(200).body().path("balanced").asBoolean())
                .isTrue();
        assertThat(get("/v1/admin/actions?saleId=" + sale + "&action=dead-letter.replayed")
                        .body()
                        .path("items"))
                .hasSize(1);
    }

    @Test
    void anEntryMayBeMended() {
        api.hold(sale, "c-bad", "A", 2).must(201);
        JsonNode letter = awaitLetter();
        String mended = letter.path("entry").asText().replace("c-bad", "c-mended");

        Answer asItIs = replay(letter, "{\"reason\":\"hope\"}");
        Answer nonsense = replay(letter, "{\"reason\":\"hope\",\"entry\":\"sold all of it\"}");
        Answer replayed = replay(letter, "{\"reason\":\"another name\",\"entry\":\"" + mended + "\"}");
        Answer otherwise = replay(letter, "{\"reason\":\"another name\"}");

        assertInvalid(asItIs, "/entry");
        assertInvalid(nonsense, "/entry");
        assertThat(replayed.must(200).text("mendedEntry")).isEqualTo(mended);
        assertProblem(otherwise, 409, "not-replayable");
        rebuild();
        assertThat(get("/v1/admin/sales/" + sale + "/reservations?customerId=c-mended&state=held")
                        .body()
                        .path("items"))
                .hasSize(1);
        assertThat(api.stock(sale, "A").body().path("held").asInt()).isEqualTo(2);
    }

    @Test
    void whatIsNotWantedIsDiscardedAndTheSaleIsRebuiltWithoutIt() {
        String bad = api.hold(sale, "c-bad", "A", 2).must(201).text("reservationId");
        JsonNode letter = awaitLetter();

        Answer discarded =
                api.send(api.onAdmin("POST", path(letter) + "/discard", "{\"reason\":\"a customer of a drill\"}"));

        assertThat(discarded.must(200).text("state")).isEqualTo("discarded");
        assertThat(discarded.body().at("/next/call/path").asText()).endsWith("/rebuild");
        assertThat(letters("saleId=" + sale + "&state=waiting")).isEmpty();
        rebuild();
        assertThat(api.reservation(sale, bad).code()).isEqualTo("reservation-not-found");
        assertThat(api.stock(sale, "A").body().path("available").asInt()).isEqualTo(10);
        assertThat(finding("reservation-ended").path("reservationId").asText()).isEqualTo(bad);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void whatIsMendedCountsWhicheverSideTheRebuildGoesBy(String from) {
        String bought = aPurchaseOfOneThatRedisSaysIsOfFive();
        JsonNode letter = awaitLetter();
        String mended = letter.path("entry").asText().replaceFirst(" A 5$", " A 1");
        replay(letter, "{\"reason\":\"one was held\",\"entry\":\"" + mended + "\"}")
                .must(200);

        rebuild(from);

        Answer sold = api.reservation(sale, bought).must(200);
        assertThat(sold.text("state")).isEqualTo("confirmed");
        assertThat(sold.body().at("/items/0/quantity").asInt()).isEqualTo(1);
        JsonNode stock = api.stock(sale, "A").body();
        assertThat(stock.path("sold").asInt()).isEqualTo(1);
        assertThat(stock.path("available").asInt()).isEqualTo(9);
        assertThat(get("/v1/admin/sales/" + sale + "/reservations?state=confirmed")
                        .body()
                        .path("items"))
                .hasSize(1);
        assertThat(finding(from.equals("redis") ? "reservation-conflict" : "reservation-ended")
                        .path("detail")
                        .asText())
                .contains("5 x A")
                .contains("1 x A")
                .contains("mended");
        assertThat(api.audit(sale).must(200).body().path("balanced").asBoolean())
                .isTrue();
    }

    @Test
    void aPurchaseWhoseEntryIsDiscardedIsListedByTheRebuild() {
        String bought = aPurchaseOfOneThatRedisSaysIsOfFive();
        JsonNode letter = awaitLetter();
        api.send(api.onAdmin("POST", path(letter) + "/discard", "{\"reason\":\"nonsense\"}"))
                .must(200);

        rebuild("postgres");

        assertThat(api.reservation(sale, bought).must(200).text("state")).isEqualTo("held");
        assertThat(finding("reservation-ended").path("reservationId").asText()).isEqualTo(bought);
        assertThat(finding("reservation-ended").path("detail").asText())
                .contains("confirmed in Redis")
                .contains("held in PostgreSQL")
                .contains("discarded");
    }

    /** Somebody changes a recorded hold in Redis, and its buyer confirms it. */
    private String aPurchaseOfOneThatRedisSaysIsOfFive() {
        String held = api.hold(sale, "c-good", "A", 1).must(201).text("reservationId");
        await().until(() -> recorded(held));
        try (RedisClient client = RedisClient.create(TestServers.redisUri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            String holds = "hf:{" + sale + "/0}:holds";
            String packed = connection.sync().hget(holds, held.substring(0, 22));
            assertThat(packed).endsWith(" A 1");
            connection.sync().hset(holds, held.substring(0, 22), packed.replaceFirst(" A 1$", " A 5"));
        }
        api.confirm(sale, held).must(200);
        return held;
    }

    @Test
    void whatHappenedToItBeforeTheSaleStoppedIsRecordedByTheRebuild() {
        String bad = api.hold(sale, "c-bad", "A", 2).must(201).text("reservationId");
        Answer confirmed = api.confirm(sale, bad);
        JsonNode letter = awaitLetter();
        aTableThatTakesAll();

        replay(letter, "{\"reason\":\"the trigger is gone\"}").must(200);
        rebuild();

        String state = confirmed.status() == 200 ? "confirmed" : "held";
        assertThat(api.reservation(sale, bad).must(200).text("state")).isEqualTo(state);
        assertThat(letters("saleId=" + sale + "&state=waiting")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "saleId=no%20sale, /saleId",
        "state=open, /state",
        "limit=0, /limit",
        "cursor=c2FsZS0x, /cursor",
        "sale=x, /sale"
    })
    void aQueryThatMakesNoSenseIsNotValid(String query, String pointer) {
        assertInvalid(get(LETTERS + '?' + query), pointer);
    }

    @Test
    void whatIsNotThereIsNotFoundAndAReasonAndAnAdminKeyAreNeeded() {
        String one = LETTERS + "/999999999";

        assertProblem(get(one), 404, "not-found");
        assertProblem(api.send(api.onAdmin("POST", one + "/replay", "{\"reason\":\"x\"}")), 404, "not-found");
        assertProblem(api.send(api.onAdmin("POST", one + "/discard", "{\"reason\":\"x\"}")), 404, "not-found");
        assertInvalid(api.send(api.onAdmin("POST", one + "/replay", "{\"entry\":7}")), "/reason", "/entry");
        assertProblem(api.probe(LETTERS), 401, "unauthorized");
    }

    private JsonNode awaitLetter() {
        await().until(() -> letters("saleId=" + sale).size() == 1);
        return letters("saleId=" + sale).path(0);
    }

    private JsonNode finding(String kind) {
        for (JsonNode finding :
                get("/v1/admin/sales/" + sale + "/rebuild/findings").body().path("items")) {
            if (finding.path("kind").asText().equals(kind)) {
                return finding;
            }
        }
        return MissingNode.getInstance();
    }

    private void rebuild() {
        rebuild("postgres");
    }

    private void rebuild(String from) {
        String body = "{\"reason\":\"the letter is settled\",\"from\":\"" + from + "\"}";
        api.orderRebuild(sale, body).must(202);
        await().until(() -> !api.rebuild(sale).text("state").equals("running"));
        assertThat(api.rebuild(sale).text("state"))
                .as(api.rebuild(sale).body().toString())
                .isEqualTo("done");
        await().until(() -> api.sale(sale, false).text("state").equals("open"));
    }

    private boolean recorded(String reservation) {
        return api.reservation(sale, reservation).body().path("recorded").asBoolean();
    }

    private JsonNode incident() {
        return get("/v1/admin/incidents?saleId=" + sale).body().path("items").path(0);
    }

    private JsonNode letters(String query) {
        return get(LETTERS + '?' + query).body().path("items");
    }

    private static Answer get(String path) {
        return api.send(api.onAdmin("GET", path, null));
    }

    @CanIgnoreReturnValue
    private static Answer replay(JsonNode letter, String body) {
        return api.send(api.onAdmin("POST", path(letter) + "/replay", body).header("Holdfast-Actor", "anna"));
    }

    private static String path(JsonNode letter) {
        return LETTERS + '/' + letter.path("deadLetterId").asText();
    }
}
