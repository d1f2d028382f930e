package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Somebody changes something behind the back of the service, in Redis or in PostgreSQL: it is found in a sale on which nothing happens, an
 * incident names it, and the incident's own call mends it so that buyers have what they were told.
 */
class WhatAuditsSeeTest {

    private static final TestDatabase DB = new TestDatabase();

    private static TestNode node;
    private static Api api;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;

    private final String sale = "seen-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        node = TestNode.start(
                TestServers.redisUri(),
                DB.uri(),
                tuning -> tuning.withAudits(Duration.ofMillis(500), Duration.ofMillis(500)));
        api = node.api();
        client = RedisClient.create(TestServers.redisUri());
        connection = client.connect();
    }

    @AfterAll
    static void stop() {
        connection.close();
        client.shutdown();
        node.close();
    }

    @BeforeEach
    void aSaleWithAHeldAndASoldUnit() {
        api.putSale(sale, "{\"name\":\"Seen\",\"holdSeconds\":3600,\"maxHoldSeconds\":3600,\"perCustomerLimit\":5}")
                .must(201);
        api.putStock(sale, "SHOE", 10).must(201);
        api.putStock(sale, "HAT", 3).must(201);
    }

    @Test
    void aFlippedDigitInAQuietSoldOutSaleIsNotSoldForLong() {
        confirmed("ann", "HAT", 3);
        redis().hset(key("stock"), "HAT|available", "4");

        JsonNode incident = incident("books-do-not-add-up");

        assertThat(incident.path("subject").asText()).isEqualTo("HAT");
        assertThat(incident.path("units").asLong()).isEqualTo(4);
        assertThat(incident.at("/call/path").asText()).isEqualTo("/v1/admin/sales/" + sale + "/rebuild");
        await().until(() -> api.hold(sale, "bob", "HAT", 1).status() == 503);
        rebuilt();
        assertThat(api.hold(sale, "bob", "HAT", 1).code()).isEqualTo("out-of-stock");
        assertThat(state(incident)).isEqualTo("resolved");
    }

    @Test
    void unitsThatOnlyTheBooksHaveAreAnIncidentAndTheSaleGoesOn() {
        redis().hset(key("stock"), "SHOE|available", "7");

        JsonNode incident = incident("stock-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("SHOE");
        assertThat(incident.path("units").asLong()).isEqualTo(3);
        assertThat(incident.path("stoppedTheSale").asBoolean()).isFalse();
        String sold = confirmed("bob", "SHOE", 1);
        repair(incident);
        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(9);
        assertThat(api.reservation(sale, sold).text("state")).isEqualTo("confirmed");
        assertBalanced();
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
        String held = held("ann", "SHOE", 2);
        String sold = confirmed("bob", "SHOE", 1);
        await().until(() ->
                DB.rows("select 1 from stock where sale_id = ? and sku = 'SHOE' and held = 2 and sold = 1", sale)
                                .size()
                        == 1);
        DB.change("update stock set " + change + " where sale_id = ? and sku = 'SHOE'", sale);
        JsonNode incident = incident("stock-differs");

        Api.Answer refused = api.send(api.onAdmin(
                incident.at("/call/method").asText(), incident.at("/call/path").asText(), "{\"reason\":\"a test\"}"));

        assertThat(refused.text()).contains(why, "Ask for a rebuild");
        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(7);
        rebuilt();
        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(7);
        assertThat(api.reservation(sale, sold).text("state")).isEqualTo("confirmed");
        api.confirm(sale, held).must(200);
        assertThat(incident("books-mended").path("detail").asText()).contains("SHOE");
        assertBalanced();
    }

    @Test
    void unitsThatSomebodyTookFromPostgresqlComeBackByARebuild() {
        held("ann", "SHOE", 2);
        await().until(() -> !DB.rows("select 1 from stock where sale_id = ? and sku = 'SHOE' and held = 2", sale)
                .isEmpty());
        DB.change("update stock set capacity = 5, available = 3 where sale_id = ? and sku = 'SHOE'", sale);
        incident("books-do-not-add-up");

        rebuilt();

        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(8);
        assertBalanced();
    }

    @Test
    void aLostFieldOfTheStockStopsThatSkuAloneAndIsMended() {
        confirmed("ann", "SHOE", 2);
        redis().hdel(key("stock"), "SHOE|capacity", "SHOE|available", "SHOE|held", "SHOE|sold", "SHOE|version");

        assertThat(api.hold(sale, "bob", "SHOE", 1).code()).isEqualTo("recovering");
        assertThat(api.stock(sale, "SHOE").code()).isEqualTo("recovering");
        api.hold(sale, "bob", "HAT", 1).must(201);
        JsonNode incident = incident("stock-differs");
        assertThat(incident.path("subject").asText()).isEqualTo("SHOE");

        repair(incident);

        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(8);
        api.hold(sale, "bob", "SHOE", 1).must(201);
        assertBalanced();
    }

    @Test
    void countsThatCannotBeReadStopThatSkuAloneAndAreMended() {
        String held = held("ann", "SHOE", 2);
        redis().hset(key("stock"), "SHOE|available", "1e1");
        redis().hset(key("stock"), "SHOE|held", "rubbish");

        assertThat(api.hold(sale, "bob", "SHOE", 1).code()).isEqualTo("recovering");
        assertThat(api.stock(sale, "SHOE").code()).isEqualTo("recovering");
        assertThat(api.stock(sale).must(200).body().path("items"))
                .extracting(item -> item.path("sku").asText())
                .containsExactly("HAT");
        api.hold(sale, "bob", "HAT", 1).must(201);
        api.confirm(sale, held).must(200);
        JsonNode incident = incident("stock-differs");

        repair(incident);

        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(8);
        assertThat(api.stock(sale, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        assertBalanced();
    }

    @Test
    void aLostStockIsRecoveringAndNotUnknown() {
        String held = held("ann", "SHOE", 2);
        redis().del(key("stock"));

        Api.Answer refused = api.hold(sale, "bob", "SHOE", 1);

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("recovering");
        JsonNode incident = incident("history-lost");
        assertThat(incident.path("detail").asText()).contains("the counts of all SKUs");
        rebuilt();
        assertThat(api.stock(sale, "SHOE").body().path("available").asLong()).isEqualTo(8);
        api.confirm(sale, held).must(200);
    }

    @Test
    void aChangeOfRulesDoesNotPutALostSkuUpAgain() {
        confirmed("ann", "HAT", 3);
        redis().del(key("stock"));

        Api.Answer changed = api.putStock(sale, "HAT", "{\"capacity\":3,\"perCustomerLimit\":2}");

        assertThat(changed.status()).isEqualTo(503);
        assertThat(redis().hget(key("stock"), "HAT|available")).isNull();
    }

    @Test
    void aDeletedHoldIsFoundAndComesBackAsItWas() {
        String held = held("ann", "SHOE", 2);
        recorded(held);
        redis().hdel(key("holds"), held.substring(0, 22));

        JsonNode incident = incident("hold-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(incident.path("units").asLong()).isEqualTo(2);
        repair(incident);
        assertThat(api.reservation(sale, held).must(200).text("state")).isEqualTo("held");
        api.confirm(sale, held).must(200);
        assertThat(api.stock(sale, "SHOE").body().path("sold").asLong()).isEqualTo(2);
        assertBalanced();
    }

    @Test
    void aHoldOfOneUnitThatBecameFiveIsFoundAndComesBackAsItWas() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        String packed = redis().hget(key("holds"), held.substring(0, 22));
        redis().hset(key("holds"), held.substring(0, 22), packed.replaceFirst("SHOE 1$", "SHOE 5"));

        JsonNode incident = incident("hold-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(held);
        assertThat(incident.path("detail").asText()).contains("5 of SHOE").contains("1 of SHOE");
        repair(incident);
        assertThat(api.confirm(sale, held)
                        .must(200)
                        .body()
                        .at("/items/0/quantity")
                        .asInt())
                .isEqualTo(1);
        assertThat(api.stock(sale, "SHOE").body().path("sold").asLong()).isEqualTo(1);
        assertBalanced();
    }

    @Test
    void aHoldOfAnotherCustomerInRedisIsToldAndComesBackAsItWas() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        String packed = redis().hget(key("holds"), held.substring(0, 22));
        redis().hset(key("holds"), held.substring(0, 22), packed.replace(" ann ", " eve "));

        JsonNode incident = incident("hold-differs");

        assertThat(incident.path("detail").asText()).contains("customer is eve in Redis and ann in the books");
        repair(incident);
        assertThat(api.reservation(sale, held).text("customerId")).isEqualTo("ann");
        assertBalanced();
    }

    @Test
    void aHoldOfAnotherCustomerInPostgresqlIsNotWrittenIntoRedisAndTheRepairSaysWhy() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        DB.change("update reservations set customer_id = 'eve' where reservation_id = '" + held + "'");
        JsonNode incident = incident("hold-differs");

        Api.Answer notYet =
                api.send(api.onAdmin("POST", incident.at("/call/path").asText(), "{\"reason\":\"a test\"}"));
        repair(incident("reservation-differs"));

        assertThat(notYet.must(200).body().path("repaired").asBoolean()).isFalse();
        assertThat(notYet.text("why"))
                .contains("for customer eve", "the ledger says", "for customer ann", "reservation-differs");
        assertThat(api.reservation(sale, held).text("customerId")).isEqualTo("ann");
        assertBalanced();
    }

    @Test
    void aDeadLetterWhoseSaleWasRebuiltWithDiscardIsSettledByThat() {
        held("bob", "SHOE", 4);
        String held = held("ann", "SHOE", 1);
        recorded(held);
        String wrong = redis().hget(key("holds"), held.substring(0, 22)).replaceFirst("SHOE 1$", "SHOE 5");
        redis().hset(key("holds"), held.substring(0, 22), wrong);
        api.confirm(sale, held);
        JsonNode incident = incident("dead-letter");
        String letter = "/v1/admin/dead-letters/" + incident.path("subject").asText();

        await().until(() -> api.send(api.onAdmin(
                                "POST",
                                "/v1/admin/sales/" + sale + "/rebuild",
                                "{\"reason\":\"not wanted\",\"discard\":true}"))
                        .status()
                == 202);
        await().until(() -> api.rebuild(sale).body().path("state").asText(), "done"::equals);

        Api.Answer settled = api.send(api.onAdmin("GET", letter, null)).must(200);
        assertThat(settled.text("state")).isEqualTo("discarded");
        assertThat(settled.text("settledReason")).isEqualTo("the sale was rebuilt with discard: not wanted");
        assertThat(settled.text("problem")).doesNotContain("Failing row", "PgException");
        assertThat(state(incident)).isEqualTo("resolved");
    }

    /** Faster than any inspection: with the four units of another hold the counts add up, in Redis and in the books. */
    @Test
    void aHoldOfOneUnitThatBecameFiveAndIsConfirmedIsNotRecordedAndARebuildGetsPastIt() {
        String other = held("bob", "SHOE", 4);
        String held = held("ann", "SHOE", 1);
        recorded(held);
        String wrong = redis().hget(key("holds"), held.substring(0, 22)).replaceFirst("SHOE 1$", "SHOE 5");
        redis().hset(key("holds"), held.substring(0, 22), wrong);
        api.confirm(sale, held);

        JsonNode incident = incident("dead-letter");

        assertThat(incident.path("stoppedTheSale").asBoolean()).isTrue();
        assertThat(DB.rows("select problem from dead_letters where sale_id = ?", sale)
                        .toString())
                .contains("lines_change_by_replacement_only");
        api.send(api.onAdmin(
                        "POST",
                        "/v1/admin/dead-letters/" + incident.path("subject").asText() + "/discard",
                        "{\"reason\":\"somebody wrote five into Redis\"}"))
                .must(200);
        rebuilt();
        assertThat(api.reservation(sale, held).text("state")).isEqualTo("held");
        assertThat(api.reservation(sale, held).body().at("/items/0/quantity").asInt())
                .isEqualTo(1);
        api.confirm(sale, held).must(200);
        api.confirm(sale, other).must(200);
        assertThat(api.stock(sale, "SHOE").body().path("sold").asLong()).isEqualTo(5);
        assertThat(api.audit(sale).must(200).body().path("balanced").asBoolean())
                .isTrue();
    }

    @Test
    void aHoldThatCannotBeReadStopsNobodyAndComesBackAsItWas() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        redis().hset(key("holds"), held.substring(0, 22), "H 1 rubbish");

        Api.Answer refused = api.confirm(sale, held);
        assertThat(api.reservation(sale, held).must(200).text("state")).isEqualTo("held");
        api.hold(sale, "bob", "SHOE", 1).must(201);
        api.stock(sale).must(200);

        assertThat(refused.code()).isEqualTo("recovering");
        assertThat(refused.text("detail")).contains("cannot read this reservation");
        await().until(() -> api.confirm(sale, held).status() == 200);
        assertThat(resolved("hold-differs").path("subject").asText()).isEqualTo(held);
        assertBalanced();
    }

    @Test
    void rubbishUnderAKeyOfNobodyIsRemoved() {
        redis().hset(key("holds"), "rubbish-of-nobody-0000", "rubbish");

        JsonNode incident = incident("hold-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("rubbish-of-nobody-0000");
        repair(incident);
        assertThat(redis().hexists(key("holds"), "rubbish-of-nobody-0000")).isFalse();
    }

    @Test
    void ofARequestThatWasHeldTwiceBecauseRedisLostTheFirstHoldARebuildLeavesTheLaterOne() {
        String first = recordedUnderKey("key-1");
        redis().del(key("holds"), key("due"), key("buyers"));
        String second = recordedUnderKey("key-1");
        JsonNode lost = await().until(
                        () -> incidents("hold-differs").stream()
                                .filter(incident ->
                                        incident.path("subject").asText().equals(first))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);

        Api.Answer refused = api.send(api.onAdmin("POST", lost.at("/call/path").asText(), "{\"reason\":\"a test\"}"));

        assertThat(refused.must(200).body().path("repaired").asBoolean()).isFalse();
        assertThat(refused.text("why")).contains(second, "Ask for a rebuild");
        rebuilt();
        assertThat(api.reservation(sale, first).text("state")).isEqualTo("released");
        JsonNode counts = api.stock(sale, "SHOE").body();
        assertThat(counts.path("available").asLong()).isEqualTo(8);
        assertThat(counts.path("held").asLong()).isEqualTo(2);
        assertThat(api.send(api.onAdmin("GET", "/v1/admin/sales/" + sale + "/rebuild/findings", null))
                        .text())
                .contains(first, "held a second time");
        api.confirm(sale, second).must(200);
        assertBalanced();
        await().until(() -> incidents("").isEmpty());
    }

    private String recordedUnderKey(String idempotencyKey) {
        String id = api.hold(sale, Api.cart("ann", "SHOE", 2), idempotencyKey)
                .must(201)
                .text("reservationId");
        recorded(id);
        return id;
    }

    @Test
    void anUnreadableHoldThatIsDueDoesNotKeepOthersFromEnding() {
        api.putSale(sale, "{\"name\":\"Seen\",\"holdSeconds\":5,\"maxHoldSeconds\":3600}")
                .must(200);
        String garbled = held("ann", "SHOE", 1);
        recorded(garbled);
        redis().hset(key("holds"), garbled.substring(0, 22), "rubbish");
        held("bob", "SHOE", 2);
        held("cid", "SHOE", 3);

        await().until(() -> redis().hget(key("stock"), "SHOE|held"), "0"::equals);

        assertThat(resolved("hold-differs").path("subject").asText()).isEqualTo(garbled);
        assertThat(api.reservation(sale, garbled).text("state")).isEqualTo("expired");
        assertBalanced();
    }

    @Test
    void aHoldThatIsNotDueIsFoundAndEndsWhenItShould() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        redis().zrem(key("due"), held.substring(0, 22));

        await().until(() -> redis().zscore(key("due"), held.substring(0, 22)) != null);

        assertThat(told("due-differs").path("detail").asText()).contains("due");
        assertBalanced();
    }

    @Test
    void aHoldThatIsDueTooLateIsFoundAndMended() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        double due = redis().zscore(key("due"), held.substring(0, 22));
        redis().zadd(key("due"), due + 86_400_000, held.substring(0, 22));

        repair(incident("due-differs"));

        assertThat(redis().zscore(key("due"), held.substring(0, 22))).isEqualTo(due);
    }

    @Test
    void aHoldThatIsDueTooEarlyDoesNotEndBeforeItsDeadline() {
        String held = held("ann", "SHOE", 1);
        recorded(held);
        double due = redis().zscore(key("due"), held.substring(0, 22));
        redis().zadd(key("due"), 1, held.substring(0, 22));

        await().until(() -> redis().zscore(key("due"), held.substring(0, 22)) == due);

        assertThat(api.reservation(sale, held).text("state")).isEqualTo("held");
    }

    @Test
    void anEntryOfDueWithoutAHoldIsFoundAndRemoved() {
        redis().zadd(key("due"), 9e12, "nobody-has-this-key-00");

        JsonNode incident = incident("due-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("nobody-has-this-key-00");
        repair(incident);
        assertThat(redis().zscore(key("due"), "nobody-has-this-key-00")).isNull();
    }

    @Test
    void aHeldCountThatDiffersFromTheHoldsIsFoundAndMended() {
        held("ann", "SHOE", 2);
        redis().hincrby(key("stock"), "SHOE|held", 1);
        redis().hincrby(key("stock"), "SHOE|available", -1);

        JsonNode incident = incident("stock-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("SHOE");
        repair(incident);
        assertThat(redis().hget(key("stock"), "SHOE|held")).isEqualTo("2");
        assertBalanced();
    }

    @Test
    void aBuyersFieldThatIsLostIsFoundAndTheLimitHoldsAgain() {
        confirmed("ann", "SHOE", 4);
        redis().hdel(key("buyers"), "ann");

        JsonNode incident = incident("buyer-differs");

        assertThat(incident.path("subject").asText()).isEqualTo("ann");
        assertThat(incident.path("units").asLong()).isEqualTo(4);
        repair(incident);
        assertThat(api.hold(sale, "ann", "SHOE", 2).code()).isEqualTo("purchase-limit");
    }

    @Test
    void aBuyersFieldThatCannotBeReadKeepsNobodyFromBuyingAndIsMended() {
        String held = held("ann", "SHOE", 4);
        redis().hset(key("buyers"), "ann", "rubbish");

        api.hold(sale, "ann", "HAT", 1).must(201);
        api.release(sale, held).must(200);
        repair(incident("buyer-differs"));

        assertThat(redis().hget(key("buyers"), "ann")).isEqualTo("1 HAT");
    }

    @Test
    void buyersWhoTookAnotherSkuSincePostgresqlHeardOfThemAreNotToldOf() {
        api.putStock(sale, "COAT", 100).must(201);
        api.putStock(sale, "SCARF", 100).must(201);
        List<String> buyers = IntStream.range(0, 30).mapToObj(i -> "buyer-" + i).toList();
        buyers.forEach(buyer -> recorded(held(buyer, "COAT", 1)));
        // So many that a walk meets the fields of one buyer in several steps.
        redis().hset(
                        key("buyers"),
                        IntStream.range(0, 5_000).boxed().collect(Collectors.toMap(i -> "bob|X" + i, i -> "0")));
        DB.whileLocked("select 1 from lanes where sale_id = ? for update", sale, () -> {
            buyers.forEach(buyer -> api.hold(sale, buyer, "SCARF", 1).must(201));

            long times = times("buyer-differs");
            await().until(() -> times("buyer-differs") >= times + 3);
            assertThat(incidents("buyer-differs"))
                    .extracting(incident -> incident.path("subject").asText())
                    .containsExactly("bob");
        });
    }

    @Test
    void allBuyersThatAreLostAreFoundAndComeBackInOneCall() {
        for (int i = 0; i < 30; i++) {
            api.putStock(sale, "SKU-" + i, 1).must(201);
            confirmed("buyer-" + i, "SKU-" + i, 1);
        }
        confirmed("buyer-0", "SHOE", 2);
        redis().del(key("buyers"));

        JsonNode rest = await().until(
                        () -> incidents("buyer-differs").stream()
                                .filter(incident -> incident.path("subject").isNull())
                                .findFirst()
                                .orElse(null),
                        incident -> incident != null);

        repair(rest);

        assertThat(redis().hlen(key("buyers"))).isEqualTo(29 + 3);
        assertThat(redis().hget(key("buyers"), "buyer-0|SHOE")).isEqualTo("2");
        await().until(() -> incidents("buyer-differs").isEmpty());
    }

    @Test
    void aLimitThatSomebodyChangedInRedisIsFoundAndMended() {
        api.putStock(sale, "HAT", "{\"capacity\":3,\"perCustomerLimit\":1}").must(200);
        redis().hset(key("stock"), "HAT|limit", "100");
        redis().hset(key("sale"), "customer_limit", "0");

        JsonNode rules = incident("rules-differ");
        JsonNode settings = incident("settings-differ");

        assertThat(rules.path("subject").asText()).isEqualTo("HAT");
        repair(rules);
        repair(settings);
        assertThat(api.hold(sale, "ann", "HAT", 2).code()).isEqualTo("purchase-limit");
        assertThat(api.hold(sale, "ann", "SHOE", 6).code()).isEqualTo("purchase-limit");
    }

    @Test
    void aSettingThatCannotBeReadIsRecoveringUntilItIsMended() {
        redis().hset(key("sale"), "max_hold_ms", "rubbish");

        assertThat(api.hold(sale, "ann", "SHOE", 1).code()).isEqualTo("recovering");
        repair(incident("settings-differ"));

        api.hold(sale, "ann", "SHOE", 1).must(201);
    }

    @Test
    void aClockThatSomebodyChangedInRedisEndsNoHoldAndIsTold() {
        Api.Answer held = api.hold(sale, "ann", "SHOE", 1).must(201);

        redis().hset(key("sale"), "lag_ms", "-3600000");

        assertThat(api.reservation(sale, held.text("reservationId")).text("state"))
                .isEqualTo("held");
        JsonNode incident = incident("settings-differ");
        assertThat(incident.path("detail").asText()).contains("Redis's clock", "lag_ms -3600000");
        repair(incident);
        api.confirm(sale, held.text("reservationId")).must(200);
        assertThat(redis().hexists(key("sale"), "clock_mended")).isFalse();
    }

    @Test
    void aSkuThatOnlyRedisHasStopsTheSale() {
        redis().hset(key("stock"), "FAKE|capacity", "5");
        redis().hset(key("stock"), "FAKE|available", "5");

        JsonNode incident = incident("books-do-not-add-up");

        assertThat(incident.path("subject").asText()).isEqualTo("FAKE");
        assertThat(incident.path("units").asLong()).isEqualTo(5);
        rebuilt();
        assertThat(api.hold(sale, "ann", "FAKE", 1).code()).isEqualTo("unknown-sku");
    }

    @Test
    void aKeyOfAnotherTypeStopsTheSaleWithoutAFaultAndARebuildMendsIt() {
        String held = held("ann", "SHOE", 2);
        recorded(held);
        redis().del(key("buyers"));
        redis().set(key("buyers"), "a string");

        assertThat(api.hold(sale, "bob", "SHOE", 1).code()).isEqualTo("recovering");
        JsonNode incident = incident("history-lost");
        assertThat(incident.path("detail").asText()).contains(key("buyers")).contains("string");

        rebuilt();
        api.confirm(sale, held).must(200);
        assertThat(api.hold(sale, "ann", "SHOE", 4).code()).isEqualTo("purchase-limit");
    }

    @Test
    void whateverKeyIsOfAnotherTypeARebuildMendsIt() {
        for (String key : List.of("sale", "stock", "holds", "due", "ledger")) {
            redis().del(key(key));
            redis().set(key(key), "a string");

            await().until(() -> api.hold(sale, "bob", "SHOE", 1).code(), "recovering"::equals);
            incident("history-lost");
            rebuilt();
            String held = held("bob", "SHOE", 1);
            api.release(sale, held).must(200);
            // What the ledger still has alone is lost with its key.
            recorded(held);
        }
    }

    @Test
    void aForeignEntryStopsTheSaleBeforeAnythingIsChangedAndARebuildGetsPastIt() {
        String held = held("ann", "SHOE", 2);
        recorded(held);
        String foreign = redis().xadd(key("ledger"), "e", "rubbish");

        Api.Answer refused = api.hold(sale, "bob", "SHOE", 1);

        assertThat(refused.code()).isEqualTo("recovering");
        assertThat(redis().hget(key("stock"), "SHOE|available")).isEqualTo("8");
        assertThat(incident("history-lost").path("detail").asText()).contains(foreign);
        rebuilt();
        api.confirm(sale, held).must(200);
        api.hold(sale, "bob", "SHOE", 1).must(201);
        assertBalanced();
    }

    @Test
    void aForeignEntryInTheLanesOwnEpochIsNeverRecorded() {
        String held = held("ann", "SHOE", 2);
        recorded(held);
        long seq = Long.parseLong(redis().hget(key("sale"), "seq"));
        String epoch = redis().hget(key("sale"), "epoch");
        String foreign = epoch + "-" + (seq + 1);
        redis().xadd(key("ledger"), new XAddArgs().id(foreign), "e", redisConfirmation(held, epoch));

        assertThat(incident("history-lost").path("detail").asText()).contains(foreign);

        rebuilt();
        assertThat(api.reservation(sale, held).text("state")).isEqualTo("held");
        assertBalanced();
    }

    @Test
    void aDeletedReservationIsFoundInPostgresqlAndComesBack() {
        String sold = confirmed("ann", "SHOE", 2);
        recorded(sold);
        DB.change("delete from reservations where sale_id = '" + sale + "'");

        JsonNode incident = incident("reservation-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(sold);
        repair(incident);
        assertThat(DB.rows("select state, units, customer_id from reservations where sale_id = ?", sale))
                .containsExactly(List.of("confirmed", "2", "ann"));
    }

    @Test
    void aChangedReservationIsFoundInPostgresqlAndComesBack() {
        String sold = confirmed("ann", "SHOE", 2);
        recorded(sold);
        DB.change("update reservations set lines = '{\"SHOE\":1}', customer_id = 'bob' where sale_id = '" + sale + "'");

        JsonNode incident = incident("reservation-differs");

        assertThat(incident.path("subject").asText()).isEqualTo(sold);
        repair(incident);
        assertThat(DB.rows("select customer_id, lines from reservations where sale_id = ?", sale))
                .containsExactly(List.of("ann", "{\"SHOE\":2}"));
    }

    @Test
    void aDeletedOrChangedBatchOfTheLedgerIsFound() {
        recorded(held("ann", "SHOE", 1));
        recorded(held("bob", "SHOE", 1));
        recorded(held("cid", "SHOE", 1));
        DB.change("update ledger_batches set entries[1] = replace(entries[1], 'bob', 'eve') where sale_id = '" + sale
                + "' and entries[1] like '% bob %'");

        JsonNode changed = incident("ledger-differs");

        assertThat(changed.path("detail").asText()).contains("changed");
        repair(changed);
        DB.change("delete from ledger_batches where sale_id = '" + sale + "' and entries[1] like '% cid %'");
        JsonNode deleted = incident("ledger-differs");
        assertThat(deleted.path("detail").asText()).contains("deleted");
        repair(deleted);
        await().until(() -> incidents("ledger-differs").isEmpty());
    }

    @Test
    void aSoundSaleHasNoIncident() {
        String held = held("ann", "SHOE", 2);
        confirmed("ann", "HAT", 1);
        api.release(sale, held("bob", "SHOE", 1)).must(200);
        api.extend(sale, held, 3_000);
        api.replace(sale, held, "HAT", 1).must(200);
        recorded(held);

        double audits = node.metric("holdfast_audits_total{result=\"balanced\"}");
        await().until(() -> node.metric("holdfast_audits_total{result=\"balanced\"}") > audits + 20);

        assertThat(incidents("")).isEmpty();
        assertThat(node.metric("holdfast_audit_age_seconds")).isLessThan(60);
        assertThat(node.metric("holdfast_inspection_age_seconds")).isLessThan(60);
        assertBalanced();
    }

    private static String redisConfirmation(String held, String epoch) {
        return "confirmed " + held.substring(0, 22) + " 2 100 " + epoch;
    }

    @CanIgnoreReturnValue
    private String held(String customer, String sku, int quantity) {
        return api.hold(sale, customer, sku, quantity).must(201).text("reservationId");
    }

    @CanIgnoreReturnValue
    private String confirmed(String customer, String sku, int quantity) {
        String id = held(customer, sku, quantity);
        api.confirm(sale, id).must(200);
        recorded(id);
        return id;
    }

    private void recorded(String id) {
        await().until(() -> api.reservation(sale, id).body().path("recorded").asBoolean());
    }

    @CanIgnoreReturnValue
    private JsonNode resolved(String kind) {
        return await().until(
                        () -> incidents("resolved", kind).stream().findFirst().orElse(null), found -> found != null);
    }

    private JsonNode told(String kind) {
        return await().until(
                        () -> Stream.concat(incidents("open", kind).stream(), incidents("resolved", kind).stream())
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
    }

    @CanIgnoreReturnValue
    private JsonNode incident(String kind) {
        return await().until(() -> incidents(kind).stream().findFirst().orElse(null), found -> found != null);
    }

    private long times(String kind) {
        return incident(kind).path("times").asLong();
    }

    private List<JsonNode> incidents(String kind) {
        return incidents("open", kind);
    }

    private List<JsonNode> incidents(String state, String kind) {
        String path =
                "/v1/admin/incidents?state=" + state + "&saleId=" + sale + (kind.isEmpty() ? "" : "&kind=" + kind);
        JsonNode items =
                api.send(api.onAdmin("GET", path, null)).must(200).body().path("items");
        return StreamSupport.stream(items.spliterator(), false).toList();
    }

    private String state(JsonNode incident) {
        String path = "/v1/admin/incidents/" + incident.path("incidentId").asText();
        return api.send(api.onAdmin("GET", path, null)).must(200).text("state");
    }

    /** By the call that the incident itself names. */
    private void repair(JsonNode incident) {
        Api.Answer answer = api.send(api.onAdmin(
                incident.at("/call/method").asText(), incident.at("/call/path").asText(), "{\"reason\":\"a test\"}"));
        assertThat(answer.must(200).body().path("repaired").asBoolean())
                .as(answer.text())
                .isTrue();
        assertThat(state(incident)).isEqualTo("resolved");
    }

    private void rebuilt() {
        await().until(() -> api.rebuild(sale, "a test").status() == 202);
        await().until(() -> api.rebuild(sale).body().path("state").asText(), "done"::equals);
        await().until(() -> api.sale(sale, false).text("state"), "open"::equals);
    }

    private void assertBalanced() {
        assertThat(DB.rows("select entry from dead_letters where sale_id = ?", sale))
                .isEmpty();
        Api.Answer audit = api.audit(sale).must(200);
        assertThat(audit.body().path("balanced").asBoolean()).as(audit.text()).isTrue();
    }

    private String key(String name) {
        return "hf:{" + sale + "/0}:" + name;
    }

    private static RedisCommands<String, String> redis() {
        return connection.sync();
    }
}
