package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What callers were told of, and what neither Redis nor PostgreSQL has: it is counted, listed and kept for those who were told. */
class LostAnswersTest {

    private static final String SKU = "GPU";

    private final String saleId = "told-" + UUID.randomUUID();
    private final LocalRedis redis = TestServers.ownRedis();
    private final LocalPostgres postgres = TestServers.ownPostgres();
    private TestNode node;
    private Api api;
    private Answer released;

    @BeforeEach
    void openASaleOfTen() {
        node = TestNode.start(redis.uri(), postgres.uri(), UnaryOperator.identity());
        api = node.api();
    }

    @AfterEach
    void end() {
        node.close();
        redis.stop();
        postgres.stop();
    }

    @Test
    void theIncidentCountsAndListsThem() {
        openSale("{}");
        Answer recorded = api.hold(saleId, "first", SKU, 1).must(201);
        awaitRecorded(recorded);
        postgres.kill();
        Answer held = api.hold(saleId, "anna", SKU, 2).must(201);
        Answer bought = api.hold(saleId, "bert", SKU, 3).must(201);
        Answer confirmed = api.confirm(saleId, id(bought)).must(200);

        loseAll();

        JsonNode incident =
                await().until(this::loss, found -> found.path("details").has("lostAnswers"));
        JsonNode details = incident.path("details");
        assertThat(details.path("lostAnswers").asInt()).isEqualTo(2);
        assertThat(details.path("units").asInt()).isEqualTo(5);
        assertThat(incident.path("units").asInt()).isEqualTo(5);
        assertThat(incident.path("detail").asText())
                .contains(". Callers were told of what the books lack: 2 reservations, 5 units");
        JsonNode listed = details.path("reservations");
        assertThat(listed.findValuesAsText("reservationId")).containsExactly(id(held), id(confirmed));
        assertThat(listed.findValuesAsText("state")).containsExactly("held", "confirmed");
        assertThat(listed.findValuesAsText("customerId")).containsExactly("anna", "bert");
        assertThat(listed.path(0).path("lines").path(SKU).asInt()).isEqualTo(2);
        assertThat(listed.path(0).path("expiresAt").asText()).isEqualTo(held.text("expiresAt"));
    }

    @Test
    void aRebuildKeepsTheirUnitsForWhoHasAReceipt() {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600,\"reclaimSeconds\":300}");
        awaitRecorded(api.hold(saleId, "first", SKU, 1).must(201));
        postgres.kill();
        Answer held = api.hold(saleId, "anna", SKU, 4).must(201);
        Answer bought = api.hold(saleId, "bert", SKU, 3).must(201);
        api.confirm(saleId, id(bought)).must(200);
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));

        rebuild();

        assertThat(api.hold(saleId, "carla", SKU, 3).code()).isEqualTo("out-of-stock");
        assertThat(api.reservation(saleId, id(bought)).text("state")).isEqualTo("confirmed");
        Answer waiting = api.reservation(saleId, id(held));
        assertThat(waiting.text("state")).isEqualTo("held");
        assertThat(waiting.text("expiresAt")).isLessThan(held.text("expiresAt"));
        Answer reclaimed = api.reclaim(saleId, held).must(200);
        assertThat(reclaimed.text("expiresAt")).isEqualTo(held.text("expiresAt"));
        assertThat(api.reclaim(saleId, held).must(200).text("expiresAt")).isEqualTo(held.text("expiresAt"));
        api.confirm(saleId, id(held)).must(200);
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(2);
    }

    @Test
    void anExtensionThatWasLostKeepsTheDeadlineThatItsBuyerWasTold() {
        openSale("{\"holdSeconds\":60,\"maxHoldSeconds\":600,\"reclaimSeconds\":1}");
        Answer held = api.hold(saleId, "anna", SKU, 4).must(201);
        awaitRecorded(held);
        postgres.kill();
        Answer extended = api.extend(saleId, id(held), 500).must(200);
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));

        rebuild();

        Answer there = api.reservation(saleId, id(held));
        assertThat(there.text("expiresAt")).isEqualTo(extended.text("expiresAt"));
        assertThat(there.text("expiresAt")).isGreaterThan(held.text("expiresAt"));
        assertThat(api.hold(saleId, "bert", SKU, 7).code()).isEqualTo("out-of-stock");
        api.confirm(saleId, id(held)).must(200);
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    @Test
    void afterReclaimSecondsTheUnitsOfAHoldThatNobodyReclaimedAreFree() {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600,\"reclaimSeconds\":1}");
        awaitRecorded(api.hold(saleId, "first", SKU, 1).must(201));
        postgres.kill();
        Answer held = api.hold(saleId, "anna", SKU, 9).must(201);
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));

        rebuild();
        await().until(() -> api.hold(saleId, "bert", SKU, 9).status() == 201);

        assertThat(api.reclaim(saleId, held).status()).isEqualTo(409);
    }

    @Test
    void aReleaseThatWasLostIsDoneAgain() {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600}");
        Answer held = api.hold(saleId, "anna", SKU, 9).must(201);
        awaitRecorded(held);
        postgres.kill();
        api.release(saleId, id(held)).must(200);
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));

        rebuild();

        assertThat(api.reservation(saleId, id(held)).text("state")).isEqualTo("released");
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(10);
    }

    @Test
    void aSkuThatRedisLostBeforeItWasRecordedIsThereTheMomentTheSaleSells() throws Exception {
        openSale("{\"reclaimSeconds\":0}");
        awaitRecorded(api.hold(saleId, "first", SKU, 1).must(201));
        try (Connection locking = new BooksReader(postgres.uri()).connect();
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("lock table stock in exclusive mode");
            api.putStock(saleId, "LATE", 5).must(201);
            emptyRedis();
            await().until(() -> api.hold(saleId, "anna", "LATE", 1).code(), "recovering"::equals);
            locking.rollback();
        }

        api.rebuild(saleId, "Redis was emptied").must(202);
        Answer first = await().until(() -> api.hold(saleId, "anna", "LATE", 1), answer -> answer.status() != 503);

        first.must(201);
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
        assertThat(api.stock(saleId, "LATE").body().path("available").asInt()).isEqualTo(4);
    }

    /** Nobody is told that a hold has ended by itself, so nodes do not remember it. */
    @Test
    void aPurchaseOfUnitsThatAHoldOfTheBooksHasKeptForTooLongIsPutBack() {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600}");
        Answer due = holdFor(5, "anna", 9).must(201);
        awaitRecorded(due);
        Answer extended = holdFor(20, "carla", 1).must(201);
        awaitRecorded(extended);
        postgres.kill();
        api.extend(saleId, id(extended), 600).must(200);
        Answer bought = await().until(() -> holdFor(600, "bert", 9), answer -> answer.status() == 201);
        api.confirm(saleId, id(bought)).must(200);
        loseAll();
        await().until(() -> loss().path("details").path("lostAnswers").asInt() == 2);
        await().until(() -> Instant.now().isAfter(Instant.parse(extended.text("expiresAt"))));

        rebuild();

        assertThat(api.reservation(saleId, id(bought)).text("state")).isEqualTo("confirmed");
        assertThat(api.reservation(saleId, id(due)).text("state")).isEqualTo("expired");
        assertThat(api.reservation(saleId, id(extended)).text("state")).isEqualTo("held");
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    @Test
    void aLostReleaseOfALostHoldIsPutBackAndListed() {
        Answer held = aLostReleaseOfALostHold();

        rebuild();

        assertThat(api.reservation(saleId, id(held)).must(200).text("state")).isEqualTo("released");
        JsonNode finding = findings().path(0);
        assertThat(finding.path("kind").asText()).isEqualTo("reservation-put-back");
        assertThat(finding.path("reservationId").asText()).isEqualTo(id(held));
        assertThat(finding.path("detail").asText()).contains("released with 4 x " + SKU);
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(9);
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    @Test
    void whereNobodyRemembersALostReleaseOfALostHoldItsReceiptPutsItBack() {
        Answer held = aLostReleaseOfALostHold();
        new TestDatabase(postgres.uri()).change("delete from told_answers");
        rebuild();
        assertThat(api.reservation(saleId, id(held)).status()).isEqualTo(404);

        Answer reclaimed = api.reclaim(saleId, released).must(200);

        assertThat(reclaimed.text("state")).isEqualTo("released");
        assertThat(api.reservation(saleId, id(held)).must(200).text("state")).isEqualTo("released");
        awaitRecorded(held);
        assertThat(api.reclaim(saleId, released).must(200).text("revision")).isEqualTo(reclaimed.text("revision"));
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(9);
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereNobodyRemembersALostReplacementItsReceiptPutsItsLinesBack(boolean isConfirmed) {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600}");
        api.putStock(saleId, "CPU", 10).must(201);
        Answer held = api.hold(saleId, "anna", SKU, 2).must(201);
        awaitRecorded(held);
        postgres.kill();
        api.replace(saleId, id(held), "CPU", 1).must(200);
        Answer told = isConfirmed
                ? api.confirm(saleId, id(held)).must(200)
                : api.replace(saleId, id(held), "CPU", 3).must(200);
        int units = told.body().at("/items/0/quantity").asInt();
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));
        new TestDatabase(postgres.uri()).change("delete from told_answers");
        rebuild();
        assertThat(api.reservation(saleId, id(held)).body().at("/items/0/sku").asText())
                .isEqualTo(SKU);

        Answer reclaimed = api.reclaim(saleId, told).must(200);

        assertThat(reclaimed.text("state")).isEqualTo(told.text("state"));
        assertThat(reclaimed.body().path("items")).isEqualTo(told.body().path("items"));
        assertThat(reclaimed.text("revision")).isEqualTo(told.text("revision"));
        awaitRecorded(held);
        TestDatabase books = new TestDatabase(postgres.uri());
        assertThat(books.rows("select state, lines::jsonb::text from reservations where reservation_id = ?", id(held)))
                .containsExactly(List.of(told.text("state"), "{\"CPU\": " + units + "}"));
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(10);
        assertThat(api.stock(saleId, "CPU").body().path("available").asInt()).isEqualTo(10 - units);
        await().until(() -> api.audit(saleId).body().path("balanced").asBoolean());
    }

    /** Answers what was told of the hold; what was told of its end is in {@code released}. */
    private Answer aLostReleaseOfALostHold() {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600}");
        awaitRecorded(api.hold(saleId, "first", SKU, 1).must(201));
        postgres.kill();
        Answer held = api.hold(saleId, "anna", SKU, 4).must(201);
        released = api.release(saleId, id(held)).must(200);
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));
        return held;
    }

    @Test
    void whatADiscardEndsStaysEnded() {
        openSale("{\"holdSeconds\":600,\"maxHoldSeconds\":600}");
        awaitRecorded(api.hold(saleId, "first", SKU, 1).must(201));
        postgres.kill();
        Answer held = api.hold(saleId, "anna", SKU, 4).must(201);
        loseAll();
        await().until(() -> loss().path("details").has("lostAnswers"));

        api.orderRebuild(saleId, "{\"reason\":\"start over\",\"discard\":true}").must(202);
        awaitSelling();

        assertThat(api.reservation(saleId, id(held)).status()).isEqualTo(404);
        assertThat(api.stock(saleId, SKU).body().path("available").asInt()).isEqualTo(9);
    }

    private Answer holdFor(int seconds, String customer, int quantity) {
        String cart = Api.cart(customer, SKU, quantity);
        return api.hold(saleId, cart.substring(0, cart.length() - 1) + ",\"holdSeconds\":" + seconds + '}', null);
    }

    private void rebuild() {
        api.rebuild(saleId, "Redis was emptied").must(202);
        awaitSelling();
    }

    private void awaitSelling() {
        await().until(() -> api.stock(saleId, SKU).status() == 200);
    }

    private void openSale(String body) {
        api.putSale(saleId, body).must(201);
        api.putStock(saleId, SKU, 10).must(201);
    }

    /** Redis is emptied while PostgreSQL, which comes back then, has not recorded the last answers. */
    private void loseAll() {
        emptyRedis();
        postgres.restart();
        await().until(() -> api.hold(saleId, "late", SKU, 1).code().equals("recovering"));
    }

    private void emptyRedis() {
        try (RedisClient client = RedisClient.create(redis.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().flushall()).isEqualTo("OK");
        }
    }

    private void awaitRecorded(Answer reservation) {
        await().until(() ->
                api.reservation(saleId, id(reservation)).body().path("recorded").asBoolean());
    }

    private JsonNode loss() {
        return api.incidents("?saleId=" + saleId + "&kind=history-lost")
                .must(200)
                .body()
                .path("items")
                .path(0);
    }

    private JsonNode findings() {
        return api.findings(saleId).must(200).body().path("items");
    }

    private static String id(Answer reservation) {
        return reservation.text("reservationId");
    }
}
