package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody changed PostgreSQL's counts or reservations, or emptied a key of the lane, and then the sale is rebuilt: it sells again, buyers have
 * what they were told, and what was wrong is told with its numbers.
 */
class WrongBooksTest {

    private static TestSale.Node node;

    private final TestSale sale = node.sale("wrong");
    private final Api api = sale.api;
    private final TestDatabase database = sale.database;
    private final RedisCommands<String, String> redis = sale.redis;

    @BeforeAll
    static void start() {
        node = new TestSale.Node(UnaryOperator.identity());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void aSale() {
        api.putSale(sale.id, "{\"holdSeconds\":3600,\"maxHoldSeconds\":3600,\"perCustomerLimit\":8}")
                .must(201);
        api.putStock(sale.id, "SHOE", 10).must(201);
        api.putStock(sale.id, "HAT", 3).must(201);
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aReservationThatWasDeletedComesBackFromTheLedger(String from, boolean emptied) {
        String held = sale.held("ann", "SHOE", 2);
        String sold = sale.confirmed("bob", "SHOE", 3);
        sale.awaitRecorded();
        database.change("delete from reservations where reservation_id = ?", held);
        emptyIf(emptied);

        rebuilt(from);

        sale.assertStates("held", held);
        api.confirm(sale.id, held).must(200);
        sale.assertStates("confirmed", sold);
        assertCounts("SHOE", 5, 0, 5);
        assertThat(details("books-mended")).contains(held);
        assertThat(sale.findings().toString()).contains("reservation-mended");
        sale.assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aPurchaseThatWasDeletedComesBackFromTheLedger(String from, boolean emptied) {
        String sold = sale.confirmed("bob", "SHOE", 2);
        sale.awaitRecorded();
        database.change("delete from reservations where reservation_id = ?", sold);
        emptyIf(emptied);

        rebuilt(from);

        sale.assertStates("confirmed", sold);
        assertCounts("SHOE", 8, 0, 2);
        assertThat(details("books-mended")).contains(sold);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set lines = '{\"SHOE\":5}', units = 5",
                "set lines = '{\"HAT\":1}', units = 1",
                "set lines = '{\"NONE\":1}'",
                "set lines = '{}'",
                "set lines = '[7]'",
                "set lines = '{\"SHOE\":-1}'",
                "set lines = '{\"SHOE\":20000}'",
                "set state = 'released', ended_at = now()",
                "set state = 'confirmed', ended_at = now()"
            })
    void aHoldThatWasChangedIsAsTheLedgerHasItAgain(String change) {
        String held = sale.held("ann", "SHOE", 1);
        sale.awaitRecorded();
        database.change("update reservations " + change + " where reservation_id = ?", held);
        emptyIf(true);

        rebuilt("postgres");

        sale.assertStates("held", held);
        assertThat(api.confirm(sale.id, held)
                        .must(200)
                        .body()
                        .at("/items/0/quantity")
                        .asInt())
                .isEqualTo(1);
        assertCounts("SHOE", 9, 0, 1);
        assertCounts("HAT", 3, 0, 0);
        assertThat(details("books-mended")).contains(held);
        sale.assertBalanced();
    }

    @Test
    void whatWasReleasedAndIsSetToHeldIsReleasedAgain() {
        String gone = sale.held("ann", "SHOE", 2);
        api.release(sale.id, gone).must(200);
        sale.awaitRecorded();
        database.change("update reservations set state = 'held', ended_at = null where reservation_id = ?", gone);
        emptyIf(true);

        rebuilt("postgres");

        sale.assertStates("released", gone);
        assertCounts("SHOE", 10, 0, 0);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aReservationThatOnlyRedisHasLeftIsNotEndedUnsaid(String from) {
        String held = sale.held("ann", "SHOE", 2);
        String sold = sale.confirmed("bob", "HAT", 3);
        sale.awaitRecorded();
        loseRowsAndLedger();

        if (from.equals("postgres")) {
            Api.Answer refused = sale.rebuild("{\"reason\":\"x\"}");
            assertThat(refused.code()).isEqualTo("would-lose");
            assertThat(refused.body().path("reservations").asLong()).isEqualTo(2);
            assertThat(refused.body().path("heldUnits").asLong()).isEqualTo(2);
            sale.rebuild("{\"reason\":\"x\",\"discard\":2}").must(202);
            awaitOpenAndWhole();
            assertThat(api.reservation(sale.id, held).code()).isEqualTo("reservation-not-found");
            assertCounts("SHOE", 10, 0, 0);
            assertThat(details("reservations-discarded")).contains(held, sold);
        } else {
            rebuilt("redis");
            sale.assertStates("held", held);
            sale.assertStates("confirmed", sold);
            assertCounts("SHOE", 8, 2, 0);
            assertCounts("HAT", 0, 0, 3);
        }
        sale.assertBalanced();
    }

    @Test
    void heldUnitsOfAReservationThatNobodyHasLeftAreGivenBackIfAnAdminSaysSo() {
        sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        loseRowsAndLedger();
        emptyIf(true);

        Api.Answer refused = sale.rebuild("{\"reason\":\"x\"}");
        sale.rebuild("{\"reason\":\"x\",\"discard\":true}").must(202);
        awaitOpenAndWhole();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.body().path("unknownHeldUnits").asLong()).isEqualTo(2);
        assertThat(refused.text("detail")).contains("2 held units of which no reservation is left");
        assertCounts("SHOE", 10, 0, 0);
        assertThat(details("books-mended")).contains("SHOE", "2");
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void soldUnitsWhoseReservationOnlyNodesRememberAreCountedOnce(String from) {
        String sold = sale.confirmed("ann", "HAT", 3);
        sale.awaitRecorded();
        fileAsANodeThatRemembers(sold);
        loseRowsAndLedger();
        database.change("delete from purchases where sale_id = ?", sale.id);
        emptyIf(true);

        rebuilt(from);

        sale.assertStates("confirmed", sold);
        assertCounts("HAT", 0, 0, 3);
        sale.assertBalanced();
    }

    /** A node forgets an answer some time after it was recorded, and files what it remembers: whether it does here is a matter of moments. */
    private void fileAsANodeThatRemembers(String reservationId) {
        String columns =
                "sale_id, lane, epoch, reservation_id, held_at, revision, seq, state, customer_id, lines, units, expires_at,"
                        + " ended_at, fingerprint";
        database.change(
                "insert into told_answers (" + columns + ", node) select " + columns
                        + ", 'a-node' from reservations where reservation_id = ? on conflict do nothing",
                reservationId);
    }

    @Test
    void soldUnitsOfAReservationThatNobodyHasLeftStaySold() {
        sale.awaitRecorded();
        database.change("update stock set sold = 2, available = 8 where sale_id = ? and sku = 'SHOE'", sale.id);
        emptyIf(true);

        rebuilt("postgres");

        assertCounts("SHOE", 8, 0, 2);
        assertThat(details("books-mended")).contains("SHOE", "2");
        // Whoever looked and knows that nobody bought them says so.
        sale.rebuild("{\"reason\":\"nobody bought them\",\"discard\":true}").must(202);
        awaitOpenAndWhole();
        assertCounts("SHOE", 10, 0, 0);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aHeldCountThatIsTooLowLosesNoHold(String from, boolean emptied) {
        String held = sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        database.change(
                "update stock set held = 0, available = available + 2 where sale_id = ? and sku = 'SHOE'", sale.id);
        emptyIf(emptied);

        rebuilt(from);

        sale.assertStates("held", held);
        assertCounts("SHOE", 8, 2, 0);
        assertThat(details("books-mended")).contains("SHOE");
        api.confirm(sale.id, held).must(200);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aHeldCountThatIsTooHighFollowsTheReservationsThatRedisConfirms(String from) {
        String held = sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        database.change(
                "update stock set held = held + 3, available = available - 3 where sale_id = ? and sku = 'SHOE'",
                sale.id);

        rebuilt(from);

        sale.assertStates("held", held);
        assertCounts("SHOE", 8, 2, 0);
        assertThat(details("books-mended")).contains("SHOE");
        assertThat(sale.findings().toString()).contains("count-differs");
        sale.assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aSoldCountThatIsTooLowSellsNothingTwice(String from, boolean emptied) {
        String sold = sale.confirmed("ann", "HAT", 3);
        sale.awaitRecorded();
        database.change("update stock set sold = 1, available = 2 where sale_id = ? and sku = 'HAT'", sale.id);
        emptyIf(emptied);

        rebuilt(from);

        sale.assertStates("confirmed", sold);
        assertThat(api.hold(sale.id, "bob", "HAT", 1).code()).isEqualTo("out-of-stock");
        assertCounts("HAT", 0, 0, 3);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aSoldCountThatIsTooHighIsWhatRedisCounts(String from) {
        sale.confirmed("ann", "HAT", 1);
        sale.awaitRecorded();
        database.change("update stock set sold = 3, available = 0 where sale_id = ? and sku = 'HAT'", sale.id);

        rebuilt(from);

        assertCounts("HAT", 2, 0, 1);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void moreReservationsThanUnitsKeepWhatTheyWereToldAndNothingIsOffered(String from) {
        String sold = sale.confirmed("ann", "HAT", 2);
        String held = sale.held("bob", "HAT", 1);
        sale.awaitRecorded();
        database.change(
                "update stock set capacity = 1, available = 0, held = 0, sold = 1 where sale_id = ? and sku = 'HAT'",
                sale.id);
        database.change("update skus set capacity = 1 where sale_id = ? and sku = 'HAT'", sale.id);
        emptyIf(true);

        rebuilt(from);

        sale.assertStates("confirmed", sold);
        sale.assertStates("held", held);
        assertCounts("HAT", 0, 1, 2);
        assertThat(details("books-mended")).contains("HAT", "2 more than there are");
        api.release(sale.id, held).must(200);
        assertThat(api.hold(sale.id, "cat", "HAT", 1).code()).isEqualTo("out-of-stock");
        sale.assertBalanced();
    }

    /** One of the holds ends by the rebuild itself, because its request was held a second time: what comes back is what was too much. */
    @Test
    void whatIsBeyondTheCapacityIsNeverSoldAndGoesAsHoldsEnd() {
        String ended = heldUnderKey("bob", 3);
        sale.awaitRecorded();
        redis.del(sale.key("holds"), sale.key("due"), sale.key("buyers"));
        String second = heldUnderKey("bob", 3);
        String third = sale.held("ann", "SHOE", 4);
        sale.awaitRecorded();
        database.change(
                "update stock set capacity = 5, available = 0, held = 5 where sale_id = ? and sku = 'SHOE'", sale.id);
        database.change("update skus set capacity = 5 where sale_id = ? and sku = 'SHOE'", sale.id);

        rebuilt("postgres");

        sale.assertStates("released", ended);
        assertThat(api.hold(sale.id, "dan", "SHOE", 1).code()).isEqualTo("out-of-stock");
        assertThat(details("books-mended"))
                .contains("which is 5 more than there are", "from 10 to 5", "pendingReduction");
        assertThat(explained("SHOE").path("pendingReduction").asLong()).isEqualTo(2);
        assertThat(sale.findings().toString()).contains("3 units of its capacity were to go");
        sale.assertBalanced();
        api.release(sale.id, third).must(200);
        sale.awaitRecorded();
        assertThat(explained("SHOE").path("capacity").asLong()).isEqualTo(5);
        assertThat(explained("SHOE").path("pendingReduction").asLong()).isZero();
        assertCounts("SHOE", 2, 3, 0);
        api.confirm(sale.id, second).must(200);
        sale.confirmed("dan", "SHOE", 2);
        assertThat(api.hold(sale.id, "eve", "SHOE", 1).code()).isEqualTo("out-of-stock");
        sale.assertBalanced();
    }

    private String heldUnderKey(String customer, int quantity) {
        return api.hold(sale.id, Api.cart(customer, "SHOE", quantity), "key-1")
                .must(201)
                .text("reservationId");
    }

    private JsonNode explained(String sku) {
        return api.send(api.onAdmin("GET", "/v1/admin/sales/" + sale.id + "/stock/" + sku + "/explain", null))
                .must(200)
                .body()
                .path("recorded");
    }

    @Test
    void countsThatWereDeletedAreMadeAnewAndNothingIsSoldTwice() {
        sale.confirmed("ann", "HAT", 2);
        String held = sale.held("bob", "HAT", 1);
        sale.awaitRecorded();
        database.change("delete from stock where sale_id = ? and sku = 'HAT'", sale.id);
        emptyIf(true);

        rebuilt("postgres");

        assertCounts("HAT", 0, 1, 2);
        api.confirm(sale.id, held).must(200);
        assertThat(api.hold(sale.id, "cat", "HAT", 1).code()).isEqualTo("out-of-stock");
        sale.assertBalanced();
    }

    @Test
    void whatNobodyCanReadInABatchOrARowStopsNoRebuild() {
        String sold = sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        api.confirm(sale.id, sold).must(200);
        sale.awaitRecorded();
        String held = sale.held("bob", "SHOE", 1);
        sale.awaitRecorded();
        database.change("delete from purchases where sale_id = ?", sale.id);
        database.change("delete from purchases_summed where sale_id = ?", sale.id);
        database.change(
                "insert into purchases_summed select sale_id, lane, epoch, 0 from lanes where sale_id = ?", sale.id);
        database.change(
                "update ledger_batches set entries = array['confirmed x y z 1 2 3 ann SHOE many'] where sale_id = ?"
                        + " and array_to_string(entries, ';') like '%confirmed%'",
                sale.id);
        database.change("update reservations set customer_id = '' where reservation_id = ?", held);
        database.change("update reservations set lines = '7' where reservation_id = ?", sold);
        emptyIf(true);

        rebuilt("postgres");

        sale.assertStates("held", held);
        assertCounts("SHOE", 7, 1, 2);
        sale.assertBalanced();
    }

    @Test
    void whatTheRecorderHadNotRecordedIsThereAfterTheSalesKeyWasLost() {
        sale.awaitRecorded();
        String[] ids = new String[2];
        database.whileLocked("select 1 from lanes where sale_id = ? for update", sale.id, () -> {
            ids[0] = sale.held("ann", "SHOE", 2);
            ids[1] = sale.held("bob", "HAT", 3);
            api.confirm(sale.id, ids[1]).must(200);
            redis.del(sale.key("sale"));
        });
        await().until(() -> api.hold(sale.id, "cat", "SHOE", 1).code(), "recovering"::equals);

        rebuilt("postgres");

        sale.assertStates("held", ids[0]);
        sale.assertStates("confirmed", ids[1]);
        assertCounts("SHOE", 8, 2, 0);
        assertCounts("HAT", 0, 0, 3);
        sale.assertBalanced();
    }

    @Test
    void whatIsOnlyInHoldsAndCountsIsThereAfterTheSalesKeyWasLost() {
        sale.awaitRecorded();
        String[] ids = new String[2];
        database.whileLocked("select 1 from lanes where sale_id = ? for update", sale.id, () -> {
            ids[0] = sale.held("ann", "SHOE", 2);
            ids[1] = sale.held("bob", "HAT", 3);
            api.confirm(sale.id, ids[1]).must(200);
            redis.xtrim(sale.key("ledger"), XTrimArgs.Builder.maxlen(1));
            redis.del(sale.key("sale"));
        });
        await().until(() -> api.hold(sale.id, "cat", "SHOE", 1).code(), "recovering"::equals);

        rebuilt("redis");

        sale.assertStates("held", ids[0]);
        sale.assertStates("confirmed", ids[1]);
        assertCounts("SHOE", 8, 2, 0);
        assertCounts("HAT", 0, 0, 3);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeldRowThatNobodyCanReadAndTheLedgerHasNotIsTakenOutAndListed(boolean emptied) {
        String held = sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        loseLedger();
        database.change("update reservations set lines = '{\"NONE\":2}' where reservation_id = ?", held);
        emptyIf(emptied);

        if (emptied) {
            Api.Answer refused = sale.rebuild("{\"reason\":\"x\"}");
            assertThat(refused.code()).isEqualTo("would-lose");
            assertThat(refused.body().path("unknownHeldUnits").asLong()).isEqualTo(2);
            sale.rebuild("{\"reason\":\"x\",\"discard\":true}").must(202);
            awaitOpenAndWhole();
            assertCounts("SHOE", 10, 0, 0);
        } else {
            rebuilt("redis");
            sale.assertStates("held", held);
            assertCounts("SHOE", 8, 2, 0);
        }
        assertThat(sale.findings().toString()).contains("unreadable", held, "2 x NONE");
        sale.assertBalanced();
    }

    @Test
    void aReleaseThatOnlyRedisHasIsNoReservationToDiscardAndTheCallOfTheIncidentBringsItBack() {
        String gone = sale.held("ann", "SHOE", 2);
        api.release(sale.id, gone).must(200);
        sale.awaitRecorded();
        loseLedger();
        database.change(
                "update reservations set state = 'held', ended_at = null, revision = 1 where reservation_id = ?", gone);
        database.change("update stock set held = 2, available = 8 where sale_id = ? and sku = 'SHOE'", sale.id);

        Api.Answer refused = sale.rebuild("{\"reason\":\"x\"}");
        JsonNode incident = sale.incident("rebuild-failed");
        sale.call(incident).must(202);
        awaitOpenAndWhole();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.text("detail"))
                .contains("1 releases", "\"from\":\"redis\"")
                .doesNotContain("discard");
        assertThat(incident.path("detail").asText())
                .contains("would-lose: ", "\"from\":\"redis\"", "The sale does not sell.")
                .doesNotContain("discard");
        assertThat(incident.at("/call/body/from").asText()).isEqualTo("redis");
        sale.assertStates("released", gone);
        assertCounts("SHOE", 10, 0, 0);
        assertThat(sale.state(incident)).isEqualTo("resolved");
        sale.assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({
        "redis,true,false",
        "redis,false,false",
        "redis,false,true",
        "postgres,false,false",
        "postgres,false,true"
    })
    void aSkuWhoseRowWasDeletedIsKnownAgainAndNoReservationOfItIsTakenOut(String from, boolean alone, boolean emptied) {
        String held = sale.held("ann", "SHOE", 2);
        String more = sale.held("cat", "SHOE", 1);
        String sold = sale.confirmed("bob", "SHOE", 3);
        String hat = alone ? "" : sale.held("dan", "HAT", 1);
        sale.awaitRecorded();
        database.change("delete from skus where sale_id = ? and sku = 'SHOE'", sale.id);
        emptyIf(emptied);

        rebuilt(from);

        sale.assertStates("held", held, more);
        sale.assertStates("confirmed", sold);
        assertCounts("SHOE", 4, 3, 3);
        assertCounts("HAT", alone ? 3 : 2, alone ? 0 : 1, 0);
        assertThat(details("books-mended"))
                .contains("SHOE", "row of skus was gone")
                .doesNotContain("taken out");
        api.confirm(sale.id, alone ? more : hat).must(200);
        api.hold(sale.id, "eve", "SHOE", 4).must(201);
        sale.assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sale", "limit"})
    void settingsThatRedisLostAreThoseOfTheBooksAndARebuildFromRedisIsDone(String lost) {
        String held = sale.held("ann", "SHOE", 2);
        sale.awaitRecorded();
        loseRowsAndLedger();
        if (lost.equals("sale")) {
            redis.del(sale.key("sale"));
        } else {
            redis.hset(sale.key("sale"), "version", "rubbish");
            redis.hdel(sale.key("sale"), "customer_limit");
        }

        Api.Answer refused = sale.rebuild("{\"reason\":\"x\"}");
        sale.rebuild("{\"reason\":\"x\",\"from\":\"redis\"}").must(202);
        awaitOpenAndWhole();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.body().path("reservations").asLong()).isEqualTo(1);
        sale.assertStates("held", held);
        assertThat(api.hold(sale.id, "ann", "SHOE", 7).code()).isEqualTo("purchase-limit");
        assertCounts("SHOE", 8, 2, 0);
        assertThat(sale.findings().toString()).contains("unreadable");
        sale.assertBalanced();
    }

    /** Rows of reservations and the ledger's batches that have them; what was set up stays. */
    private void loseRowsAndLedger() {
        database.change("delete from reservations where sale_id = ?", sale.id);
        loseLedger();
    }

    private void loseLedger() {
        database.change(
                "delete from ledger_batches where sale_id = ? and array_to_string(entries, ';') ~ '(held|confirmed) '",
                sale.id);
    }

    private void emptyIf(boolean emptied) {
        if (emptied) {
            redis.unlink(sale.lane.keys());
            await().until(() -> api.hold(sale.id, "nobody", "SHOE", 1).code(), "recovering"::equals);
        }
    }

    private void rebuilt(String from) {
        sale.rebuild("{\"reason\":\"a test\",\"from\":\"" + from + "\"}").must(202);
        awaitOpenAndWhole();
    }

    private void assertCounts(String sku, long available, long held, long sold) {
        sale.awaitRecorded();
        assertThat(database.rows("select available, held, sold from stock where sale_id = ? and sku = ?", sale.id, sku))
                .containsExactly(List.of(Long.toString(available), Long.toString(held), Long.toString(sold)));
        assertThat(api.stock(sale.id, sku).body().path("available").asLong()).isEqualTo(available);
    }

    /** The sale sells, and Redis has its ended reservations too. */
    private void awaitOpenAndWhole() {
        sale.awaitRebuilt();
        sale.awaitEndedRestored();
    }

    private String details(String kind) {
        return database.rows("select detail from incidents where sale_id = ? and kind = ?", sale.id, kind)
                .toString();
    }
}
