package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Somebody deletes or changes the ledger in PostgreSQL, the rows that are checked against it, or whose a reservation is in Redis: no repair
 * writes what is false over what is right, each says why, and each leads to an end at which buyers have what they were told.
 */
class BrokenLedgerTest {

    private static TestSale.Node node;

    private final TestSale sale = node.sale("broken");
    private final Api api = sale.api;
    private final TestDatabase database = sale.database;
    private final RedisCommands<String, String> redis = sale.redis;

    @BeforeAll
    static void start() {
        node = new TestSale.Node(tuning -> tuning.withAudits(Duration.ofMillis(500), Duration.ofMillis(500)));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void aSale() {
        api.putSale(
                        sale.id,
                        "{\"name\":\"Broken\",\"holdSeconds\":3600,\"maxHoldSeconds\":3600,\"perCustomerLimit\":5}")
                .must(201);
        api.putStock(sale.id, "SHOE", 10).must(201);
    }

    @Test
    void aChangedBatchIsNotCopiedOverTheRowOfAReservationThatRedisHasForgotten() {
        String sold = sale.recorded(sale.confirmed("ann", "SHOE", 3));
        forget(sold);
        changeLedger("SHOE 3", "SHOE 1");
        // From now on the changed batch is known, and still it says nothing.
        sale.repair(sale.incident("ledger-differs"));
        JsonNode incident = sale.incident("reservation-differs");

        Api.Answer refused = sale.call(incident);
        Api.Answer accepted = repairFrom("row", incident);

        assertThat(incident.path("subject").asText()).isEqualTo(sold);
        assertThat(refused.must(200).body().path("repaired").asBoolean()).isFalse();
        assertThat(refused.text("why")).contains("does not go on unbroken", "\"from\":\"row\"", "3 of SHOE");
        assertThat(accepted.body().path("repaired").asBoolean())
                .as(accepted.text())
                .isTrue();
        assertThat(accepted.body().at("/incident/detail").asText())
                .contains("Repaired: The row stays as it is", "3 of SHOE");
        assertThat(rowOf(sold)).containsExactly(List.of("confirmed", "3", "ann"));
        assertNothingIsFoundOf("reservation-differs");
        sale.rebuild("{\"reason\":\"a test\"}").must(202);
        sale.awaitRebuilt();
        assertThat(rowOf(sold)).containsExactly(List.of("confirmed", "3", "ann"));
        assertThat(api.reservation(sale.id, sold).body().at("/items/0/quantity").asInt())
                .isEqualTo(3);
        sale.assertBalanced();
    }

    @Test
    void aRowThatWasChangedTogetherWithItsBatchIsNotWrittenIntoRedis() {
        String held = sale.recorded(sale.held("ann", "SHOE", 3));
        changeLedger("SHOE 3", "SHOE 1");
        database.change(
                "update reservations set lines = '{\"SHOE\":1}', units = 1 where sale_id = ? and reservation_id = ?",
                sale.id,
                held);
        JsonNode incident = sale.incident("hold-differs");

        Api.Answer refused = sale.call(incident);
        Api.Answer mended = repairFrom("redis", incident);

        assertThat(refused.must(200).body().path("repaired").asBoolean()).isFalse();
        assertThat(refused.text("why")).contains("that batch of the ledger was changed", "\"from\":\"redis\"");
        assertThat(mended.body().path("repaired").asBoolean()).as(mended.text()).isTrue();
        assertThat(rowOf(held)).containsExactly(List.of("held", "3", "ann"));
        assertThat(api.confirm(sale.id, held)
                        .must(200)
                        .body()
                        .at("/items/0/quantity")
                        .asInt())
                .isEqualTo(3);
        sale.recorded(held);
        sale.assertBalanced();
    }

    @Test
    void rowsWhoseLedgerWasDeletedStayAsRedisHasThemToo() {
        String held = sale.recorded(sale.held("ann", "SHOE", 3));
        database.change("delete from ledger_batches where sale_id = ?", sale.id);
        JsonNode incident = sale.incident("reservation-differs");

        sale.repair(incident);
        sale.repair(sale.incident("ledger-differs"));

        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(detailOf(incident)).contains("Repaired: The row stays as it is: Redis says the same", "lacks");
        assertNothingIsFoundOf("reservation-differs");
        assertThat(rowOf(held)).containsExactly(List.of("held", "3", "ann"));
        sale.rebuild("{\"reason\":\"a test\"}").must(202);
        sale.awaitRebuilt();
        api.confirm(sale.id, held).must(200);
        sale.recorded(held);
        assertNothingIsFoundOf("reservation-differs");
        sale.assertBalanced();
    }

    @Test
    void whatOnlyRedisHasLeftComesBackIntoPostgresql() {
        String held = sale.recorded(sale.held("ann", "SHOE", 3));
        database.change("delete from ledger_batches where sale_id = ?", sale.id);
        database.change("delete from reservations where sale_id = ?", sale.id);

        sale.repair(sale.incident("reservation-differs"));

        assertThat(rowOf(held)).containsExactly(List.of("held", "3", "ann"));
        assertThat(api.reservation(sale.id, held).text("state")).isEqualTo("held");
        assertNothingIsFoundOf("hold-differs");
        api.confirm(sale.id, held).must(200);
        sale.recorded(held);
        sale.assertBalanced();
    }

    @Test
    void aPurchaseWhoseLastEntryWasDeletedDoesNotBecomeAHoldAgain() {
        String sold = sale.recorded(sale.held("ann", "SHOE", 3));
        api.confirm(sale.id, sold).must(200);
        sale.recorded(sold);
        forget(sold);
        database.change("delete from ledger_batches where sale_id = ? and entries[1] like 'confirmed %'", sale.id);
        sale.repair(sale.incident("ledger-differs"));
        JsonNode incident = sale.incident("reservation-differs");

        Api.Answer refused = sale.call(incident);
        Api.Answer accepted = repairFrom("row", incident);

        assertThat(refused.must(200).body().path("repaired").asBoolean())
                .as(refused.text())
                .isFalse();
        assertThat(refused.text("why")).contains("\"from\":\"row\"");
        assertThat(accepted.body().path("repaired").asBoolean())
                .as(accepted.text())
                .isTrue();
        assertThat(rowOf(sold)).containsExactly(List.of("confirmed", "3", "ann"));
        assertNothingIsFoundOf("reservation-differs");
    }

    @Test
    void aBuyersUnitsAreNotCountedAnewWhileARowContradictsTheLedger() {
        String sold = sale.recorded(sale.confirmed("ann", "SHOE", 4));
        database.change("delete from reservations where sale_id = ?", sale.id);
        JsonNode incident = sale.incident("buyer-differs");

        Api.Answer refused = sale.call(incident);

        assertThat(incident.path("subject").asText()).isEqualTo("ann");
        assertThat(refused.must(200).body().path("repaired").asBoolean())
                .as(refused.text())
                .isFalse();
        assertThat(refused.text("why")).contains(sold, "reservation-differs first");
        assertThat(api.hold(sale.id, "ann", "SHOE", 2).code()).isEqualTo("purchase-limit");
        sale.repair(sale.incident("reservation-differs"));
        sale.repair(incident);
        assertThat(api.hold(sale.id, "ann", "SHOE", 2).code()).isEqualTo("purchase-limit");
        sale.assertBalanced();
    }

    @Test
    void aRowThatSomebodyMadeUpDoesNotGiveABuyerUnits() {
        String sold = sale.recorded(sale.confirmed("ann", "SHOE", 1));
        database.change(
                "update reservations set customer_id = 'bob' where sale_id = ? and reservation_id = ?", sale.id, sold);
        JsonNode ofBob = await().until(
                        () -> sale.incidents("buyer-differs").stream()
                                .filter(incident ->
                                        incident.path("subject").asText().equals("ann"))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);

        Api.Answer refused = sale.call(ofBob);

        assertThat(refused.must(200).body().path("repaired").asBoolean())
                .as(refused.text())
                .isFalse();
        assertThat(redis.hget(sale.key("buyers"), "ann")).isEqualTo("1 SHOE");
        assertThat(sale.incident("reservation-differs").path("detail").asText())
                .contains("customer is bob in the row and ann in the ledger");
    }

    @Test
    void aReservationStaysItsCustomersWhoeverItIsInRedisWhenItIsConfirmed() {
        String held = sale.recorded(sale.held("ann", "SHOE", 2));
        String packed = redis.hget(sale.key("holds"), held.substring(0, 22));
        redis.hset(sale.key("holds"), held.substring(0, 22), packed.replace(" ann ", " c9 "));
        api.confirm(sale.id, held).must(200);
        JsonNode incident = sale.incident("dead-letter");
        String letter = "/v1/admin/dead-letters/" + incident.path("subject").asText();
        String entry = api.send(api.onAdmin("GET", letter, null)).must(200).text("entry");

        String mended = "{\"reason\":\"it is of ann\",\"entry\":\"" + entry.replace(" c9 ", " ann ") + "\"}";
        api.send(api.onAdmin("POST", letter + "/replay", mended)).must(200);
        sale.rebuild("{\"reason\":\"a test\"}").must(202);
        sale.awaitRebuilt();

        assertThat(incident.path("detail").asText())
                .contains(
                        held,
                        "is held by customer ann in PostgreSQL",
                        "became confirmed, revision 2, for customer c9",
                        "replay the letter with the right customer");
        assertThat(rowOf(held)).containsExactly(List.of("confirmed", "2", "ann"));
        assertThat(api.reservation(sale.id, held).text("customerId")).isEqualTo("ann");
        assertNothingIsFoundOf("reservation-differs");
        sale.assertBalanced();
    }

    @Test
    void theHashOfARequestThatDiffersIsShownAndComesBack() {
        String body = Api.cart("ann", "SHOE", 2);
        String held = sale.recorded(api.hold(sale.id, body, "key-1").must(201).text("reservationId"));
        String packed = redis.hget(sale.key("holds"), held.substring(0, 22));
        String hash = packed.split(" ", -1)[6];
        String other = new StringBuilder(hash).reverse().toString();
        redis.hset(sale.key("holds"), held.substring(0, 22), packed.replace(hash, other));

        JsonNode incident = sale.incident("hold-differs");
        sale.repair(incident);

        assertThat(incident.path("detail").asText())
                .contains("hash of its request is " + other + " in Redis and " + hash + " in the books");
        assertThat(api.hold(sale.id, body, "key-1").must(200).text("reservationId"))
                .isEqualTo(held);
        sale.assertBalanced();
    }

    /** Redis has what has ended for a day; this is a day later. */
    private void forget(String reservation) {
        redis.hdel(sale.key("holds"), reservation.substring(0, 22));
        redis.zrem(sale.key("due"), reservation.substring(0, 22));
        sale.recorded(sale.held("zed", "SHOE", 1));
        redis.xtrim(sale.key("ledger"), 1);
    }

    private void changeLedger(String from, String to) {
        database.change(
                "update ledger_batches set entries = string_to_array(replace(array_to_string(entries, '~'), ?, ?), '~') where sale_id = ?",
                from,
                to,
                sale.id);
    }

    private List<List<String>> rowOf(String reservation) {
        return database.rows(
                "select state, units, customer_id from reservations where sale_id = ? and reservation_id = ?",
                sale.id,
                reservation);
    }

    private String detailOf(JsonNode incident) {
        String path = "/v1/admin/incidents/" + incident.path("incidentId").asText();
        return api.send(api.onAdmin("GET", path, null)).must(200).text("detail");
    }

    private Api.Answer repairFrom(String source, JsonNode incident) {
        return api.send(api.onAdmin(
                        "POST",
                        incident.at("/call/path").asText(),
                        "{\"reason\":\"a test\",\"from\":\"" + source + "\"}"))
                .must(200);
    }

    /** A whole inspection passes: it begins after something else was found, and ends that, because it does not find it any more. */
    private void assertNothingIsFoundOf(String kind) {
        redis.zadd(sale.key("due"), 9e12, "nobody-has-this-key-00");
        sale.incident("due-differs");
        redis.zrem(sale.key("due"), "nobody-has-this-key-00");
        await().until(() -> sale.incidents("due-differs").isEmpty());
        assertThat(sale.incidents(kind)).isEmpty();
    }
}
