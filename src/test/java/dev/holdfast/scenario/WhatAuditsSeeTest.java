package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody changes something behind the back of the service, in Redis or in PostgreSQL: it is found in a sale on which nothing happens, an
 * incident names it, and the incident's own call mends it so that buyers have what they were told.
 */
class WhatAuditsSeeTest {

    private static TestSale.Node node;

    private final TestSale sale = node.sale("seen");
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
    void aSaleWithAHeldAndASoldUnit() {
        api.putSale(sale.id, "{\"name\":\"Seen\",\"holdSeconds\":3600,\"maxHoldSeconds\":3600,\"perCustomerLimit\":5}")
                .must(201);
        api.putStock(sale.id, "SHOE", 10).must(201);
        api.putStock(sale.id, "HAT", 3).must(201);
    }

    @Test
    void aFlippedDigitInAQuietSoldOutSaleIsNotSoldForLong() {
        sale.recorded(sale.confirmed("ann", "HAT", 3));
        redis.hset(sale.key("stock"), "HAT|available", "4");

        JsonNode incident = sale.incident("books-do-not-add-up");

        assertThat(incident.path("subject").asText()).isEqualTo("HAT");
        assertThat(incident.path("units").asLong()).isEqualTo(4);
        assertThat(incident.at("/call/path").asText()).isEqualTo("/v1/admin/sales/" + sale.id + "/rebuild");
        await().until(() -> api.hold(sale.id, "bob", "HAT", 1).status() == 503);
        rebuilt();
        assertThat(api.hold(sale.id, "bob", "HAT", 1).code()).isEqualTo("out-of-stock");
        assertThat(sale.state(incident)).isEqualTo("resolved");
    }

    @Test
    void unitsThatOnlyTheBooksHaveAreAnIncidentAndTheSaleGoesOn() {
        redis.hset(sale.key("stock"), "SHOE|available", "7");

        JsonNode incident = sale.incident("stock-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("SHOE");
        assertThat(incident.path("units").asLong()).isEqualTo(3);
        assertThat(incident.path("stoppedTheSale").asBoolean()).isFalse();
        String sold = sale.recorded(sale.confirmed("bob", "SHOE", 1));
        sale.repair(incident);
        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(9);
        assertThat(api.reservation(sale.id, sold).text("state")).isEqualTo("confirmed");
        assertAllRecordedAndBalanced();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "available = available + 1, held = held - 1; it has 1 held where reservations have 2",
                "available = available + 1, sold = sold - 1; it has 0 sold where reservations have 1",
                "capacity = capacity + 5, available = available + 5; it has 15 of capacity where admins decided on 10"
            })
    void countsThatSomebodyChangedInPostgresqlAreNotWrittenIntoRedisAndARebuildMendsThem(String change, String why) {
        String held = sale.held("ann", "SHOE", 2);
        String sold = sale.recorded(sale.confirmed("bob", "SHOE", 1));
        await().until(() -> database.rows(
                                "select 1 from stock where sale_id = ? and sku = 'SHOE' and held = 2 and sold = 1",
                                sale.id)
                        .size()
                == 1);
        database.change("update stock set " + change + " where sale_id = ? and sku = 'SHOE'", sale.id);
        JsonNode incident = sale.incident("stock-differs");

        Api.Answer refused = sale.call(incident);

        assertThat(refused.text()).contains(why, "Ask for a rebuild");
        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(7);
        rebuilt();
        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(7);
        assertThat(api.reservation(sale.id, sold).text("state")).isEqualTo("confirmed");
        api.confirm(sale.id, held).must(200);
        assertThat(sale.incident("books-mended").path("detail").asText()).contains("SHOE");
        assertAllRecordedAndBalanced();
    }

    @Test
    void unitsThatSomebodyTookFromPostgresqlComeBackByARebuild() {
        sale.held("ann", "SHOE", 2);
        await().until(() -> !database.rows(
                        "select 1 from stock where sale_id = ? and sku = 'SHOE' and held = 2", sale.id)
                .isEmpty());
        database.change("update stock set capacity = 5, available = 3 where sale_id = ? and sku = 'SHOE'", sale.id);
        sale.incident("books-do-not-add-up");

        rebuilt();

        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(8);
        assertAllRecordedAndBalanced();
    }

    @Test
    void aLostFieldOfTheStockStopsThatSkuAloneAndIsMended() {
        sale.recorded(sale.confirmed("ann", "SHOE", 2));
        redis.hdel(sale.key("stock"), "SHOE|capacity", "SHOE|available", "SHOE|held", "SHOE|sold", "SHOE|version");

        assertThat(api.hold(sale.id, "bob", "SHOE", 1).code()).isEqualTo("recovering");
        assertThat(api.stock(sale.id, "SHOE").code()).isEqualTo("recovering");
        api.hold(sale.id, "bob", "HAT", 1).must(201);
        JsonNode incident = sale.incident("stock-differs");
        assertThat(incident.path("subject").asText()).isEqualTo("SHOE");

        sale.repair(incident);

        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(8);
        api.hold(sale.id, "bob", "SHOE", 1).must(201);
        assertAllRecordedAndBalanced();
    }

    @Test
    void countsThatCannotBeReadStopThatSkuAloneAndAreMended() {
        String held = sale.held("ann", "SHOE", 2);
        redis.hset(sale.key("stock"), "SHOE|available", "1e1");
        redis.hset(sale.key("stock"), "SHOE|held", "rubbish");

        assertThat(api.hold(sale.id, "bob", "SHOE", 1).code()).isEqualTo("recovering");
        assertThat(api.stock(sale.id, "SHOE").code()).isEqualTo("recovering");
        assertThat(api.stock(sale.id).must(200).body().path("items"))
                .extracting(item -> item.path("sku").asText())
                .containsExactly("HAT");
        api.hold(sale.id, "bob", "HAT", 1).must(201);
        api.confirm(sale.id, held).must(200);
        JsonNode incident = sale.incident("stock-differs");

        sale.repair(incident);

        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(8);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        assertAllRecordedAndBalanced();
    }

    @Test
    void aLostStockIsRecoveringAndNotUnknown() {
        String held = sale.held("ann", "SHOE", 2);
        redis.del(sale.key("stock"));

        Api.Answer refused = api.hold(sale.id, "bob", "SHOE", 1);

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("recovering");
        JsonNode incident = sale.incident("history-lost");
        assertThat(incident.path("detail").asText()).contains("the counts of all SKUs");
        rebuilt();
        assertThat(api.stock(sale.id, "SHOE").body().path("available").asLong()).isEqualTo(8);
        api.confirm(sale.id, held).must(200);
    }

    @Test
    void aChangeOfRulesDoesNotPutALostSkuUpAgain() {
        sale.recorded(sale.confirmed("ann", "HAT", 3));
        redis.del(sale.key("stock"));

        Api.Answer changed = api.putStock(sale.id, "HAT", "{\"capacity\":3,\"perCustomerLimit\":2}");

        assertThat(changed.status()).isEqualTo(503);
        assertThat(redis.hget(sale.key("stock"), "HAT|available")).isNull();
    }

    @Test
    void aDeletedHoldIsFoundAndComesBackAsItWas() {
        String held = sale.held("ann", "SHOE", 2);
        sale.recorded(held);
        redis.hdel(sale.key("holds"), held.substring(0, 22));

        JsonNode incident = sale.incident("hold-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(incident.path("units").asLong()).isEqualTo(2);
        sale.repair(incident);
        assertThat(api.reservation(sale.id, held).must(200).text("state")).isEqualTo("held");
        api.confirm(sale.id, held).must(200);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        assertAllRecordedAndBalanced();
    }

    @Test
    void aHoldOfOneUnitThatBecameFiveIsFoundAndComesBackAsItWas() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        String packed = redis.hget(sale.key("holds"), held.substring(0, 22));
        redis.hset(sale.key("holds"), held.substring(0, 22), packed.replaceFirst("SHOE 1$", "SHOE 5"));

        JsonNode incident = sale.incident("hold-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(incident.path("detail").asText()).contains("5 of SHOE").contains("1 of SHOE");
        sale.repair(incident);
        assertThat(api.confirm(sale.id, held)
                        .must(200)
                        .body()
                        .at("/items/0/quantity")
                        .asInt())
                .isEqualTo(1);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(1);
        assertAllRecordedAndBalanced();
    }

    @Test
    void aHoldOfAnotherCustomerInRedisIsToldAndComesBackAsItWas() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        String packed = redis.hget(sale.key("holds"), held.substring(0, 22));
        redis.hset(sale.key("holds"), held.substring(0, 22), packed.replace(" ann ", " eve "));

        JsonNode incident = sale.incident("hold-differs");

        assertThat(incident.path("detail").asText()).contains("customer is eve in Redis and ann in the books");
        sale.repair(incident);
        assertThat(api.reservation(sale.id, held).text("customerId")).isEqualTo("ann");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aHoldOfAnotherCustomerInPostgresqlIsNotWrittenIntoRedisAndTheRepairSaysWhy() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        database.change("update reservations set customer_id = 'eve' where reservation_id = '" + held + "'");
        JsonNode incident = sale.incident("hold-differs");

        Api.Answer notYet = sale.call(incident);
        sale.repair(sale.incident("reservation-differs"));

        assertThat(notYet.must(200).body().path("repaired").asBoolean()).isFalse();
        assertThat(notYet.text("why"))
                .contains("for customer eve", "the ledger says", "for customer ann", "reservation-differs");
        assertThat(api.reservation(sale.id, held).text("customerId")).isEqualTo("ann");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aDeadLetterWhoseSaleWasRebuiltWithDiscardIsSettledByThat() {
        sale.held("bob", "SHOE", 4);
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        String wrong = redis.hget(sale.key("holds"), held.substring(0, 22)).replaceFirst("SHOE 1$", "SHOE 5");
        redis.hset(sale.key("holds"), held.substring(0, 22), wrong);
        api.confirm(sale.id, held);
        JsonNode incident = sale.incident("dead-letter");
        String letter = "/v1/admin/dead-letters/" + incident.path("subject").asText();

        await().until(() ->
                sale.rebuild("{\"reason\":\"not wanted\",\"discard\":true}").status() == 202);
        await().until(() -> api.rebuild(sale.id).body().path("state").asText(), "done"::equals);

        Api.Answer settled = api.send(api.onAdmin("GET", letter, null)).must(200);
        assertThat(settled.text("state")).isEqualTo("discarded");
        assertThat(settled.text("settledReason")).isEqualTo("the sale was rebuilt with discard: not wanted");
        assertThat(settled.text("problem")).doesNotContain("Failing row", "PgException");
        assertThat(sale.state(incident)).isEqualTo("resolved");
    }

    /** Faster than any inspection: with the four units of another hold the counts add up, in Redis and in the books. */
    @Test
    void aHoldOfOneUnitThatBecameFiveAndIsConfirmedIsNotRecordedAndARebuildGetsPastIt() {
        String other = sale.held("bob", "SHOE", 4);
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        String wrong = redis.hget(sale.key("holds"), held.substring(0, 22)).replaceFirst("SHOE 1$", "SHOE 5");
        redis.hset(sale.key("holds"), held.substring(0, 22), wrong);
        api.confirm(sale.id, held);

        JsonNode incident = sale.incident("dead-letter");

        assertThat(incident.path("stoppedTheSale").asBoolean()).isTrue();
        assertThat(database.rows("select problem from dead_letters where sale_id = ?", sale.id)
                        .toString())
                .contains("lines_change_by_replacement_only");
        discard(incident);
        rebuilt();
        assertThat(api.reservation(sale.id, held).text("state")).isEqualTo("held");
        assertThat(api.reservation(sale.id, held).body().at("/items/0/quantity").asInt())
                .isEqualTo(1);
        api.confirm(sale.id, held).must(200);
        api.confirm(sale.id, other).must(200);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(5);
        assertThat(api.audit(sale.id).must(200).body().path("balanced").asBoolean())
                .isTrue();
    }

    /** Its units come back in Redis and are held again, before the recorder can see any of it. */
    @ParameterizedTest
    @ValueSource(strings = {"released", "expired", "went back and expired"})
    void aPurchaseThatRedisHasAsHeldAgainIsNotSoldASecondTime(String how) {
        String other = sale.held("bob", "SHOE", 5);
        String more = sale.held("dan", "SHOE", 1);
        String sold = sale.confirmed("ann", "SHOE", 4);
        sale.awaitRecorded();
        database.whileLocked("select 1 from lanes where sale_id = ? for update", sale.id, () -> {
            String revision = how.equals("went back and expired") ? "H 1" : "H 2";
            alter(sold, "C 2", revision);
            if (how.equals("released")) {
                api.release(sale.id, sold).must(200);
            } else {
                isOverInRedis(sold);
            }
            await().until(() -> api.hold(sale.id, "cat", "SHOE", 4).status() == 201);
        });

        JsonNode incident = sale.incident("dead-letter");

        assertThat(incident.path("stoppedTheSale").asBoolean()).isTrue();
        assertThat(incident.path("detail").asText())
                .contains(
                        sold,
                        "is confirmed in PostgreSQL",
                        "became " + (how.equals("released") ? how : "expired"),
                        "discard the dead letter, then ask for a rebuild");
        assertThat(incident.path("units").asLong()).isEqualTo(4);
        discard(incident);
        assertThat(sale.rebuild("{\"reason\":\"x\"}").code()).isEqualTo("would-lose");
        sale.rebuild("{\"reason\":\"x\",\"discard\":1}").must(202);
        sale.awaitRebuilt();
        sale.awaitEndedRestored();
        sale.assertStates("confirmed", sold);
        sale.assertStates("held", other, more);
        assertThat(api.hold(sale.id, "eve", "SHOE", 1).code()).isEqualTo("out-of-stock");
        api.confirm(sale.id, other).must(200);
        api.confirm(sale.id, more).must(200);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(10);
        sale.assertBalanced();
    }

    @Test
    void aReplayOfWhatEndsAPurchaseIsRefused() {
        sale.held("bob", "SHOE", 5);
        String sold = sale.confirmed("ann", "SHOE", 4);
        sale.awaitRecorded();
        alter(sold, "C 2", "H 2");
        api.release(sale.id, sold);
        JsonNode incident = sale.incident("dead-letter");

        Api.Answer replayed = api.send(api.onAdmin(
                "POST",
                "/v1/admin/dead-letters/" + incident.path("subject").asText() + "/replay",
                "{\"reason\":\"Redis says so\"}"));

        assertThat(replayed.status()).isEqualTo(409);
        assertThat(replayed.text("detail")).contains("is confirmed in PostgreSQL", "became released");
        discard(incident);
        rebuilt();
        sale.awaitEndedRestored();
        sale.assertStates("confirmed", sold);
        sale.assertBalanced();
    }

    @Test
    void aHoldThatWasCopiedUnderAnotherIdFreesNoUnits() {
        String held = sale.held("bob", "SHOE", 5);
        String other = sale.held("ann", "SHOE", 5);
        sale.awaitRecorded();
        String foreign = "foreign-hold-of-22-char";
        database.whileLocked("select 1 from lanes where sale_id = ? for update", sale.id, () -> {
            redis.hset(
                    sale.key("holds"), foreign.substring(0, 22), redis.hget(sale.key("holds"), held.substring(0, 22)));
            isOverInRedis(foreign);
            await().until(() -> api.hold(sale.id, "cat", "SHOE", 5).status() == 201);
        });

        JsonNode incident = sale.incident("dead-letter");

        assertThat(incident.path("detail").asText())
                .contains(foreign.substring(0, 22), "is not in PostgreSQL", "expired");
        discard(incident);
        sale.rebuild("{\"reason\":\"x\",\"discard\":1}").must(202);
        sale.awaitRebuilt();
        assertThat(api.hold(sale.id, "eve", "SHOE", 1).code()).isEqualTo("out-of-stock");
        api.confirm(sale.id, held).must(200);
        api.confirm(sale.id, other).must(200);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(10);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aHoldWhoseDeadlineWasShortenedInRedisLastsAsLongAsItsBuyerWasTold(String from) {
        String held = sale.held("bob", "SHOE", 5);
        sale.awaitRecorded();
        isOverInRedis(held);

        JsonNode incident = sale.incident("dead-letter");

        assertThat(incident.path("detail").asText()).contains(held, "is held until", "with the deadline");
        discard(incident);
        sale.rebuild("{\"reason\":\"x\",\"from\":\"" + from + "\"}").must(202);
        sale.awaitRebuilt();
        sale.assertStates("held", held);
        api.confirm(sale.id, held).must(200);
        sale.assertBalanced();
    }

    /** PostgreSQL is the side that was changed: what the buyer was told is recorded after all. */
    @Test
    void aReservationThatWasDeletedInPostgresqlAndIsConfirmedBeforeThatIsFoundIsReplayed() {
        String held = sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        database.change("delete from reservations where reservation_id = ?", held);
        api.confirm(sale.id, held);
        JsonNode incident = sale.incident("dead-letter");

        assertThat(incident.path("detail").asText()).contains(held, "is not in PostgreSQL", "then replay the letter");
        sale.rebuild("{\"reason\":\"x\"}");
        await().until(() -> !api.rebuild(sale.id).text("state").equals("running"));
        api.send(api.onAdmin(
                        "POST",
                        "/v1/admin/dead-letters/" + incident.path("subject").asText() + "/replay",
                        "{\"reason\":\"the row was deleted\"}"))
                .must(200);
        rebuilt();
        sale.assertStates("confirmed", held);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        sale.assertBalanced();
    }

    private void alter(String reservationId, String by, String with) {
        String key = reservationId.substring(0, 22);
        redis.hset(sale.key("holds"), key, redis.hget(sale.key("holds"), key).replaceFirst(by, with));
    }

    /** Its time ends a millisecond after it began, and it is due. */
    private void isOverInRedis(String reservationId) {
        alter(reservationId, "( [0-9]{13}) [0-9]+ ", "$1 1 ");
        redis.zadd(sale.key("due"), 1, reservationId.substring(0, 22));
    }

    /** By the incident's own call. */
    private void discard(JsonNode incident) {
        assertThat(incident.at("/call/path").asText())
                .isEqualTo("/v1/admin/dead-letters/" + incident.path("subject").asText() + "/discard");
        sale.call(incident).must(200);
    }

    @Test
    void aHoldThatCannotBeReadStopsNobodyAndComesBackAsItWas() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        redis.hset(sale.key("holds"), held.substring(0, 22), "H 1 rubbish");

        Api.Answer refused = api.confirm(sale.id, held);
        assertThat(api.reservation(sale.id, held).must(200).text("state")).isEqualTo("held");
        api.hold(sale.id, "bob", "SHOE", 1).must(201);
        api.stock(sale.id).must(200);

        assertThat(refused.code()).isEqualTo("recovering");
        assertThat(refused.text("detail")).contains("cannot read this reservation");
        await().until(() -> api.confirm(sale.id, held).status() == 200);
        assertThat(sale.incident("resolved", "hold-differs").path("subject").asText())
                .isEqualTo(held);
        assertAllRecordedAndBalanced();
    }

    @Test
    void rubbishUnderAKeyOfNobodyIsRemoved() {
        redis.hset(sale.key("holds"), "rubbish-of-nobody-0000", "rubbish");

        JsonNode incident = sale.incident("hold-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("rubbish-of-nobody-0000");
        sale.repair(incident);
        assertThat(redis.hexists(sale.key("holds"), "rubbish-of-nobody-0000")).isFalse();
    }

    @Test
    void ofARequestThatWasHeldTwiceBecauseRedisLostTheFirstHoldARebuildLeavesTheLaterOne() {
        String first = recordedUnderKey("key-1");
        redis.del(sale.key("holds"), sale.key("due"), sale.key("buyers"));
        String second = recordedUnderKey("key-1");
        JsonNode lost = await().until(
                        () -> sale.incidents("hold-differs").stream()
                                .filter(incident ->
                                        incident.path("subject").asText().equals(first))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);

        Api.Answer refused = sale.call(lost);

        assertThat(refused.must(200).body().path("repaired").asBoolean()).isFalse();
        assertThat(refused.text("why")).contains(second, "Ask for a rebuild");
        sale.rebuild("{\"reason\":\"a test\"}").must(202);
        sale.awaitRebuilt();
        assertThat(api.reservation(sale.id, first).text("state")).isEqualTo("released");
        JsonNode counts = api.stock(sale.id, "SHOE").body();
        assertThat(counts.path("available").asLong()).isEqualTo(8);
        assertThat(counts.path("held").asLong()).isEqualTo(2);
        assertThat(sale.findings().toString()).contains(first, "held a second time");
        api.confirm(sale.id, second).must(200);
        assertAllRecordedAndBalanced();
        await().until(() -> sale.incidents("").isEmpty());
    }

    private String recordedUnderKey(String idempotencyKey) {
        return sale.recorded(api.hold(sale.id, Api.cart("ann", "SHOE", 2), idempotencyKey)
                .must(201)
                .text("reservationId"));
    }

    @Test
    void anUnreadableHoldThatIsDueDoesNotKeepOthersFromEnding() {
        api.putSale(sale.id, "{\"name\":\"Seen\",\"holdSeconds\":5,\"maxHoldSeconds\":3600}")
                .must(200);
        String garbled = sale.held("ann", "SHOE", 1);
        sale.recorded(garbled);
        redis.hset(sale.key("holds"), garbled.substring(0, 22), "rubbish");
        sale.held("bob", "SHOE", 2);
        sale.held("cid", "SHOE", 3);

        await().until(() -> redis.hget(sale.key("stock"), "SHOE|held"), "0"::equals);

        assertThat(sale.incident("resolved", "hold-differs").path("subject").asText())
                .isEqualTo(garbled);
        assertThat(api.reservation(sale.id, garbled).text("state")).isEqualTo("expired");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aHoldThatIsNotDueIsFoundAndEndsWhenItShould() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        redis.zrem(sale.key("due"), held.substring(0, 22));

        await().until(() -> redis.zscore(sale.key("due"), held.substring(0, 22)) != null);

        assertThat(told("due-differs").path("detail").asText()).contains("due");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aHoldThatIsDueTooLateIsFoundAndMended() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        double due = redis.zscore(sale.key("due"), held.substring(0, 22));
        redis.zadd(sale.key("due"), due + 86_400_000, held.substring(0, 22));

        sale.repair(sale.incident("due-differs"));

        assertThat(redis.zscore(sale.key("due"), held.substring(0, 22))).isEqualTo(due);
    }

    @Test
    void aHoldThatIsDueTooEarlyDoesNotEndBeforeItsDeadline() {
        String held = sale.held("ann", "SHOE", 1);
        sale.recorded(held);
        double due = redis.zscore(sale.key("due"), held.substring(0, 22));
        redis.zadd(sale.key("due"), 1, held.substring(0, 22));

        await().until(() -> redis.zscore(sale.key("due"), held.substring(0, 22)) == due);

        assertThat(api.reservation(sale.id, held).text("state")).isEqualTo("held");
    }

    @Test
    void anEntryOfDueWithoutAHoldIsFoundAndRemoved() {
        redis.zadd(sale.key("due"), 9e12, "nobody-has-this-key-00");

        JsonNode incident = sale.incident("due-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("nobody-has-this-key-00");
        sale.repair(incident);
        assertThat(redis.zscore(sale.key("due"), "nobody-has-this-key-00")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "nonsense,1",
        "nonsense,9000000000000",
        "with two spaces,1",
        "a-name-that-is-longer-than-a-key-of-ours,9000000000000",
        "whole-id,1"
    })
    void aMemberOfDueThatIsNoKeyEndsNothingAndARepairRemovesIt(String name, double due) {
        String held = sale.recorded(sale.held("ann", "SHOE", 2));
        String member = name.equals("whole-id") ? held : name;
        redis.zadd(sale.key("due"), due, member);

        JsonNode incident = sale.incident("due-differs");
        Api.Answer answer = sale.call(incident);

        assertThat(incident.path("subject").asText()).isEqualTo(member);
        assertThat(answer.must(200).body().path("repaired").asBoolean())
                .as(answer.text())
                .isTrue();
        assertThat(answer.text("concluded")).contains(member, "was removed", "held nothing");
        assertThat(sale.state(incident)).isEqualTo("resolved");
        assertThat(redis.zscore(sale.key("due"), member)).isNull();
        assertThat(redis.zscore(sale.key("due"), held.substring(0, 22))).isNotNull();
        api.confirm(sale.id, held).must(200);
        assertAllRecordedAndBalanced();
    }

    @Test
    void holdsEndInTimeBesideAMemberOfDueThatIsNoKey() {
        api.putSale(sale.id, "{\"name\":\"Seen\",\"holdSeconds\":5,\"maxHoldSeconds\":3600}")
                .must(200);
        redis.zadd(sale.key("due"), 1, "nonsense");
        String held = sale.held("ann", "SHOE", 2);

        await().until(() -> redis.hget(sale.key("stock"), "SHOE|held"), "0"::equals);

        assertThat(api.reservation(sale.id, held).text("state")).isEqualTo("expired");
        sale.repair(sale.incident("due-differs"));
    }

    @Test
    void aHeldCountThatDiffersFromTheHoldsIsFoundAndMended() {
        sale.held("ann", "SHOE", 2);
        redis.hincrby(sale.key("stock"), "SHOE|held", 1);
        redis.hincrby(sale.key("stock"), "SHOE|available", -1);

        JsonNode incident = sale.incident("stock-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("SHOE");
        sale.repair(incident);
        assertThat(redis.hget(sale.key("stock"), "SHOE|held")).isEqualTo("2");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aBuyersFieldThatIsLostIsFoundAndTheLimitHoldsAgain() {
        sale.recorded(sale.confirmed("ann", "SHOE", 4));
        redis.hdel(sale.key("buyers"), "ann");

        JsonNode incident = sale.incident("buyer-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("ann");
        assertThat(incident.path("units").asLong()).isEqualTo(4);
        sale.repair(incident);
        assertThat(api.hold(sale.id, "ann", "SHOE", 2).code()).isEqualTo("purchase-limit");
    }

    @Test
    void aBuyersFieldThatCannotBeReadKeepsNobodyFromBuyingAndIsMended() {
        String held = sale.held("ann", "SHOE", 4);
        redis.hset(sale.key("buyers"), "ann", "rubbish");

        api.hold(sale.id, "ann", "HAT", 1).must(201);
        api.release(sale.id, held).must(200);
        sale.repair(sale.incident("buyer-differs"));

        assertThat(redis.hget(sale.key("buyers"), "ann")).isEqualTo("1 HAT");
    }

    @Test
    void buyersWhoTookAnotherSkuSincePostgresqlHeardOfThemAreNotToldOf() {
        api.putStock(sale.id, "COAT", 100).must(201);
        api.putStock(sale.id, "SCARF", 100).must(201);
        List<String> buyers = IntStream.range(0, 30).mapToObj(i -> "buyer-" + i).toList();
        buyers.forEach(buyer -> sale.recorded(sale.held(buyer, "COAT", 1)));
        // So many that a walk meets the fields of one buyer in several steps.
        redis.hset(
                sale.key("buyers"),
                IntStream.range(0, 5_000).boxed().collect(Collectors.toMap(i -> "bob|X" + i, i -> "0")));
        database.whileLocked("select 1 from lanes where sale_id = ? for update", sale.id, () -> {
            buyers.forEach(buyer -> api.hold(sale.id, buyer, "SCARF", 1).must(201));

            long times = times("buyer-differs");
            await().until(() -> times("buyer-differs") >= times + 3);
            assertThat(sale.incidents("buyer-differs"))
                    .extracting(incident -> incident.path("subject").asText())
                    .containsExactly("bob");
        });
    }

    @Test
    void allBuyersThatAreLostAreFoundAndComeBackInOneCall() {
        for (int i = 0; i < 30; i++) {
            api.putStock(sale.id, "SKU-" + i, 1).must(201);
            sale.recorded(sale.confirmed("buyer-" + i, "SKU-" + i, 1));
        }
        sale.recorded(sale.confirmed("buyer-0", "SHOE", 2));
        redis.del(sale.key("buyers"));

        JsonNode rest = await().until(
                        () -> sale.incidents("buyer-differs").stream()
                                .filter(incident -> incident.path("subject").isNull())
                                .findFirst()
                                .orElse(null),
                        incident -> incident != null);

        sale.repair(rest);

        assertThat(redis.hlen(sale.key("buyers"))).isEqualTo(29 + 3);
        assertThat(redis.hget(sale.key("buyers"), "buyer-0|SHOE")).isEqualTo("2");
        await().until(() -> sale.incidents("buyer-differs").isEmpty());
    }

    @Test
    void aLimitThatSomebodyChangedInRedisIsFoundAndMended() {
        api.putStock(sale.id, "HAT", "{\"capacity\":3,\"perCustomerLimit\":1}").must(200);
        redis.hset(sale.key("stock"), "HAT|limit", "100");
        redis.hset(sale.key("sale"), "customer_limit", "0");

        JsonNode rules = sale.incident("rules-differ");
        JsonNode settings = sale.incident("settings-differ");

        assertThat(rules.path("subject").asText()).isEqualTo("HAT");
        sale.repair(rules);
        sale.repair(settings);
        assertThat(api.hold(sale.id, "ann", "HAT", 2).code()).isEqualTo("purchase-limit");
        assertThat(api.hold(sale.id, "ann", "SHOE", 6).code()).isEqualTo("purchase-limit");
    }

    @Test
    void aVersionOfSettingsThatNoAdminMadeIsToldAndMended() {
        redis.hset(sale.key("sale"), "version", "99");
        JsonNode incident = sale.incident("settings-differ");

        Api.Answer paused = api.turn(sale.id, "pause", "the price is wrong");

        assertThat(incident.path("detail").asText()).contains("version is 99 in Redis");
        assertThat(paused.status()).isEqualTo(503);
        assertThat(paused.code()).isEqualTo("recovering");
        sale.repair(incident);
        assertThat(api.hold(sale.id, "ann", "SHOE", 1).code()).isEqualTo("sale-paused");
        api.turn(sale.id, "resume", "the price is right").must(200);
        api.hold(sale.id, "ann", "SHOE", 1).must(201);
    }

    @Test
    void aVersionOfRulesThatNoAdminMadeIsToldAndMended() {
        redis.hset(sale.key("stock"), "HAT|rules", "99");

        Api.Answer limited = api.putStock(sale.id, "HAT", "{\"capacity\":3,\"perCustomerLimit\":1}");

        assertThat(limited.status()).isEqualTo(503);
        assertThat(limited.code()).isEqualTo("recovering");
        sale.repair(sale.incident("rules-differ"));
        assertThat(api.hold(sale.id, "ann", "HAT", 2).code()).isEqualTo("purchase-limit");
        await().until(() -> api.putStock(sale.id, "HAT", "{\"capacity\":3,\"perCustomerLimit\":2}")
                        .status()
                == 200);
        api.hold(sale.id, "ann", "HAT", 2).must(201);
    }

    @Test
    void aSettingThatCannotBeReadIsRecoveringUntilItIsMended() {
        redis.hset(sale.key("sale"), "max_hold_ms", "rubbish");

        assertThat(api.hold(sale.id, "ann", "SHOE", 1).code()).isEqualTo("recovering");
        sale.repair(sale.incident("settings-differ"));

        api.hold(sale.id, "ann", "SHOE", 1).must(201);
    }

    @Test
    void aClockThatSomebodyChangedInRedisEndsNoHoldAndIsTold() {
        Api.Answer held = api.hold(sale.id, "ann", "SHOE", 1).must(201);

        redis.hset(sale.key("sale"), "lag_ms", "-3600000");

        assertThat(api.reservation(sale.id, held.text("reservationId")).text("state"))
                .isEqualTo("held");
        JsonNode incident = sale.incident("settings-differ");
        assertThat(incident.path("detail").asText()).contains("Redis's clock", "lag_ms -3600000");
        sale.repair(incident);
        api.confirm(sale.id, held.text("reservationId")).must(200);
        assertThat(redis.hexists(sale.key("sale"), "clock_mended")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"postgres, 1000000", "redis, 1000000", "postgres, -1"})
    void anEpochThatSomebodyChangedInPostgresqlStopsTheSaleAndARebuildMendsIt(String from, long by) {
        String sold = sale.recorded(sale.confirmed("ann", "SHOE", 2));

        database.change("update lanes set epoch = epoch + ? where sale_id = ?", by, sale.id);

        JsonNode incident = sale.incident("history-lost");
        assertThat(incident.at("/call/path").asText()).isEqualTo("/v1/admin/sales/" + sale.id + "/rebuild");
        await().until(() -> api.hold(sale.id, "bob", "SHOE", 1).code().equals("recovering"));
        sale.rebuild("{\"reason\":\"the epoch is wrong\",\"from\":\"" + from + "\"}")
                .must(202);
        sale.awaitRebuilt();
        assertThat(api.reservation(sale.id, sold).text("state")).isEqualTo("confirmed");
        api.hold(sale.id, "bob", "SHOE", 5).must(201);
        api.hold(sale.id, "cat", "SHOE", 3).must(201);
        assertThat(api.hold(sale.id, "dan", "SHOE", 1).code()).isEqualTo("out-of-stock");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aRuleThatSomebodyAddedInPostgresqlIsToldAndOtherSalesAreRecorded() {
        TestSale other = node.sale("unruled");
        api.putSale(other.id, "{}").must(201);
        api.putStock(other.id, "SHOE", 10).must(201);
        database.change("alter table reservations add constraint somebodys check (customer_id <> 'ruled-out')");
        String unrecorded = sale.held("ruled-out", "SHOE", 1);

        JsonNode incident = sale.incident("recording-refused");

        assertThat(incident.path("detail").asText()).contains("somebodys", "SQLSTATE 23514");
        assertThat(incident.at("/details/constraint").asText()).isEqualTo("somebodys");
        assertThat(incident.path("stoppedTheSale").asBoolean()).isFalse();
        other.recorded(other.held("ann", "SHOE", 1));
        sale.held("ann", "SHOE", 1);
        database.change("alter table reservations drop constraint somebodys");
        sale.recorded(unrecorded);
        await().until(() -> sale.state(incident), "resolved"::equals);
    }

    @Test
    void aSkuThatOnlyRedisHasStopsTheSale() {
        redis.hset(sale.key("stock"), "FAKE|capacity", "5");
        redis.hset(sale.key("stock"), "FAKE|available", "5");

        JsonNode incident = sale.incident("books-do-not-add-up");

        assertThat(incident.path("subject").asText()).isEqualTo("FAKE");
        assertThat(incident.path("units").asLong()).isEqualTo(5);
        rebuilt();
        assertThat(api.hold(sale.id, "ann", "FAKE", 1).code()).isEqualTo("unknown-sku");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "available",
                "available,held",
                "available,held,sold,capacity,version",
                "available,limit",
                "capacity"
            })
    void aSkuOfWhichOnlyRedisHasSomeFieldsIsAnIncidentAndNotSold(String fields) {
        for (String field : fields.split(",", -1)) {
            redis.hset(
                    sale.key("stock"),
                    "FAKE|" + field,
                    field.equals("available") || field.equals("capacity") ? "5" : "0");
        }

        JsonNode incident = await().until(
                        () -> sale.incidents("").stream()
                                .filter(found -> found.path("subject").asText().equals("FAKE"))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);

        assertThat(api.hold(sale.id, "ann", "FAKE", 1).status()).isIn(404, 422, 503);
        assertThat(incident.path("detail").asText()).isNotEmpty();
    }

    @Test
    void whatIsAvailableIsNeverLessThanNothingForCallers() {
        redis.hset(sale.key("stock"), "SHOE|available", "-1");

        Api.Answer refused = api.hold(sale.id, "ann", "SHOE", 1);

        assertThat(refused.text()).doesNotContain("\"available\":-");
        assertThat(api.stock(sale.id, "SHOE").text()).doesNotContain("\"available\":-");
        assertThat(api.stock(sale.id).text()).doesNotContain("\"available\":-");
    }

    @Test
    void aKeyOfAnotherTypeStopsTheSaleWithoutAFaultAndARebuildMendsIt() {
        String held = sale.held("ann", "SHOE", 2);
        sale.recorded(held);
        redis.del(sale.key("buyers"));
        redis.set(sale.key("buyers"), "a string");

        assertThat(api.hold(sale.id, "bob", "SHOE", 1).code()).isEqualTo("recovering");
        JsonNode incident = sale.incident("history-lost");
        assertThat(incident.path("detail").asText())
                .contains(sale.key("buyers"))
                .contains("string");

        rebuilt();
        api.confirm(sale.id, held).must(200);
        assertThat(api.hold(sale.id, "ann", "SHOE", 4).code()).isEqualTo("purchase-limit");
    }

    @Test
    void whateverKeyIsOfAnotherTypeARebuildMendsIt() {
        for (String key : List.of("sale", "stock", "holds", "due", "ledger")) {
            redis.del(sale.key(key));
            redis.set(sale.key(key), "a string");

            await().until(() -> api.hold(sale.id, "bob", "SHOE", 1).code(), "recovering"::equals);
            sale.incident("history-lost");
            rebuilt();
            String held = sale.held("bob", "SHOE", 1);
            api.release(sale.id, held).must(200);
            // What the ledger still has alone is lost with its key.
            sale.recorded(held);
        }
    }

    @Test
    void aForeignEntryStopsTheSaleBeforeAnythingIsChangedAndARebuildGetsPastIt() {
        String held = sale.held("ann", "SHOE", 2);
        sale.recorded(held);
        String foreign = redis.xadd(sale.key("ledger"), "e", "rubbish");

        Api.Answer refused = api.hold(sale.id, "bob", "SHOE", 1);

        assertThat(refused.code()).isEqualTo("recovering");
        assertThat(redis.hget(sale.key("stock"), "SHOE|available")).isEqualTo("8");
        assertThat(sale.incident("history-lost").path("detail").asText()).contains(foreign);
        rebuilt();
        api.confirm(sale.id, held).must(200);
        api.hold(sale.id, "bob", "SHOE", 1).must(201);
        assertAllRecordedAndBalanced();
    }

    @Test
    void aForeignEntryInTheLanesOwnEpochIsNeverRecorded() {
        String held = sale.held("ann", "SHOE", 2);
        sale.recorded(held);
        long seq = Long.parseLong(redis.hget(sale.key("sale"), "seq"));
        String epoch = redis.hget(sale.key("sale"), "epoch");
        String foreign = epoch + "-" + (seq + 1);
        redis.xadd(sale.key("ledger"), new XAddArgs().id(foreign), "e", redisConfirmation(held, epoch));

        assertThat(sale.incident("history-lost").path("detail").asText()).contains(foreign);

        rebuilt();
        assertThat(api.reservation(sale.id, held).text("state")).isEqualTo("held");
        assertAllRecordedAndBalanced();
    }

    @Test
    void aDeletedReservationIsFoundInPostgresqlAndComesBack() {
        String sold = sale.recorded(sale.confirmed("ann", "SHOE", 2));
        database.change("delete from reservations where sale_id = '" + sale.id + "'");

        JsonNode incident = sale.incident("reservation-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(sold);
        sale.repair(incident);
        assertThat(database.rows("select state, units, customer_id from reservations where sale_id = ?", sale.id))
                .containsExactly(List.of("confirmed", "2", "ann"));
    }

    @Test
    void aChangedReservationIsFoundInPostgresqlAndComesBack() {
        String sold = sale.recorded(sale.confirmed("ann", "SHOE", 2));
        database.change("update reservations set lines = '{\"SHOE\":1}', customer_id = 'bob' where sale_id = '"
                + sale.id + "'");

        JsonNode incident = sale.incident("reservation-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(sold);
        sale.repair(incident);
        assertThat(database.rows("select customer_id, lines from reservations where sale_id = ?", sale.id))
                .containsExactly(List.of("ann", "{\"SHOE\":2}"));
    }

    @Test
    void aDeletedOrChangedBatchOfTheLedgerIsFound() {
        sale.recorded(sale.held("ann", "SHOE", 1));
        sale.recorded(sale.held("bob", "SHOE", 1));
        sale.recorded(sale.held("cid", "SHOE", 1));
        database.change("update ledger_batches set entries[1] = replace(entries[1], 'bob', 'eve') where sale_id = '"
                + sale.id + "' and entries[1] like '% bob %'");

        JsonNode changed = sale.incident("ledger-differs");

        assertThat(changed.path("detail").asText()).contains("changed");
        sale.repair(changed);
        database.change("delete from ledger_batches where sale_id = '" + sale.id + "' and entries[1] like '% cid %'");
        JsonNode deleted = sale.incident("ledger-differs");
        assertThat(deleted.path("detail").asText()).contains("deleted");
        sale.repair(deleted);
        await().until(() -> sale.incidents("ledger-differs").isEmpty());
    }

    @Test
    void aChangedLedgerDoesNotChangeARowThatRedisAgreesWith() {
        sale.recorded(sale.held("bob", "HAT", 1));
        String held = sale.recorded(sale.held("ann", "SHOE", 3));
        database.change(
                "update ledger_batches set entries[1] = replace(entries[1], 'SHOE 3', 'SHOE 1') where sale_id = '"
                        + sale.id + "' and entries[1] like '% ann SHOE 3%'");
        // From now on what is there counts, and the row does not agree with it.
        sale.repair(sale.incident("ledger-differs"));
        JsonNode incident = sale.incident("reservation-differs");

        Api.Answer mended = sale.call(incident);

        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(mended.must(200).body().path("repaired").asBoolean())
                .as(mended.text())
                .isTrue();
        assertThat(mended.text("concluded")).contains("The row stays as it is: Redis says the same", "3 of SHOE");
        api.confirm(sale.id, held).must(200);
        sale.recorded(held);
        assertThat(api.stock(sale.id, "SHOE").body().path("sold").asLong()).isEqualTo(3);
        sale.assertBalanced();
    }

    @Test
    void aSoundSaleHasNoIncident() {
        String held = sale.held("ann", "SHOE", 2);
        sale.recorded(sale.confirmed("ann", "HAT", 1));
        api.release(sale.id, sale.held("bob", "SHOE", 1)).must(200);
        api.extend(sale.id, held, 3_000);
        api.replace(sale.id, held, "HAT", 1).must(200);
        sale.recorded(held);

        double audits = node.metric("holdfast_audits_total{result=\"balanced\"}");
        await().until(() -> node.metric("holdfast_audits_total{result=\"balanced\"}") > audits + 20);

        assertThat(sale.incidents("")).isEmpty();
        assertThat(node.metric("holdfast_audit_age_seconds")).isLessThan(60);
        assertThat(node.metric("holdfast_inspection_age_seconds")).isLessThan(60);
        assertAllRecordedAndBalanced();
    }

    private static String redisConfirmation(String held, String epoch) {
        return "confirmed " + held.substring(0, 22) + " 2 100 " + epoch;
    }

    /** Of an incident that somebody may have resolved already. */
    private JsonNode told(String kind) {
        return await().until(
                        () -> Stream.of("open", "resolved")
                                .flatMap(state -> sale.incidents(state, kind).stream())
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
    }

    private long times(String kind) {
        return sale.incident(kind).path("times").asLong();
    }

    private void rebuilt() {
        await().until(() -> api.rebuild(sale.id, "a test").status() == 202);
        sale.awaitRebuilt();
    }

    private void assertAllRecordedAndBalanced() {
        assertThat(database.rows("select entry from dead_letters where sale_id = ?", sale.id))
                .isEmpty();
        sale.assertBalanced();
    }
}
