package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.XTrimArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.UUID;
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

    private static final TestDatabase DB = new TestDatabase();

    private static TestNode node;
    private static Api api;
    private static RedisClient client;
    private static StatefulRedisConnection<String, String> connection;

    private final String sale = "wrong-" + UUID.randomUUID();
    private final LaneReader lane = new LaneReader(connection.sync(), sale);
    private final BooksReader books = new BooksReader(DB.uri());

    @BeforeAll
    static void start() {
        node = TestNode.start(TestServers.redisUri(), DB.uri(), UnaryOperator.identity());
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
    void aSale() {
        api.putSale(sale, "{\"holdSeconds\":3600,\"maxHoldSeconds\":3600,\"perCustomerLimit\":8}")
                .must(201);
        api.putStock(sale, "SHOE", 10).must(201);
        api.putStock(sale, "HAT", 3).must(201);
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aReservationThatWasDeletedComesBackFromTheLedger(String from, boolean emptied) {
        String held = held("ann", "SHOE", 2);
        String sold = confirmed("bob", "SHOE", 3);
        recorded();
        DB.change("delete from reservations where reservation_id = ?", held);
        emptyIf(emptied);

        rebuilt(from);

        assertState(held, "held");
        api.confirm(sale, held).must(200);
        assertState(sold, "confirmed");
        assertCounts("SHOE", 5, 0, 5);
        assertThat(incident("books-mended")).contains(held);
        assertThat(findings()).contains("reservation-mended");
        assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aPurchaseThatWasDeletedComesBackFromTheLedger(String from, boolean emptied) {
        String sold = confirmed("bob", "SHOE", 2);
        recorded();
        DB.change("delete from reservations where reservation_id = ?", sold);
        emptyIf(emptied);

        rebuilt(from);

        assertState(sold, "confirmed");
        assertCounts("SHOE", 8, 0, 2);
        assertThat(incident("books-mended")).contains(sold);
        assertBalanced();
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
        String held = held("ann", "SHOE", 1);
        recorded();
        DB.change("update reservations " + change + " where reservation_id = ?", held);
        emptyIf(true);

        rebuilt("postgres");

        assertState(held, "held");
        assertThat(api.confirm(sale, held)
                        .must(200)
                        .body()
                        .at("/items/0/quantity")
                        .asInt())
                .isEqualTo(1);
        assertCounts("SHOE", 9, 0, 1);
        assertCounts("HAT", 3, 0, 0);
        assertThat(incident("books-mended")).contains(held);
        assertBalanced();
    }

    @Test
    void whatWasReleasedAndIsSetToHeldIsReleasedAgain() {
        String gone = held("ann", "SHOE", 2);
        api.release(sale, gone).must(200);
        recorded();
        DB.change("update reservations set state = 'held', ended_at = null where reservation_id = ?", gone);
        emptyIf(true);

        rebuilt("postgres");

        assertState(gone, "released");
        assertCounts("SHOE", 10, 0, 0);
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aReservationThatOnlyRedisHasLeftIsNotEndedUnsaid(String from) {
        String held = held("ann", "SHOE", 2);
        String sold = confirmed("bob", "HAT", 3);
        recorded();
        loseRowsAndLedger();

        if (from.equals("postgres")) {
            Api.Answer refused = rebuild("{\"reason\":\"x\"}");
            assertThat(refused.code()).isEqualTo("would-lose");
            assertThat(refused.body().path("reservations").asLong()).isEqualTo(2);
            assertThat(refused.body().path("heldUnits").asLong()).isEqualTo(2);
            rebuild("{\"reason\":\"x\",\"discard\":2}").must(202);
            awaitSelling();
            assertThat(api.reservation(sale, held).code()).isEqualTo("reservation-not-found");
            assertCounts("SHOE", 10, 0, 0);
            assertThat(incident("reservations-discarded")).contains(held, sold);
        } else {
            rebuilt("redis");
            assertState(held, "held");
            assertState(sold, "confirmed");
            assertCounts("SHOE", 8, 2, 0);
            assertCounts("HAT", 0, 0, 3);
        }
        assertBalanced();
    }

    @Test
    void heldUnitsOfAReservationThatNobodyHasLeftAreGivenBackIfAnAdminSaysSo() {
        held("ann", "SHOE", 2);
        recorded();
        loseRowsAndLedger();
        emptyIf(true);

        Api.Answer refused = rebuild("{\"reason\":\"x\"}");
        rebuild("{\"reason\":\"x\",\"discard\":true}").must(202);
        awaitSelling();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.body().path("unknownHeldUnits").asLong()).isEqualTo(2);
        assertThat(refused.text("detail")).contains("2 held units of which no reservation is left");
        assertCounts("SHOE", 10, 0, 0);
        assertThat(incident("books-mended")).contains("SHOE", "2");
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void soldUnitsWhoseReservationOnlyNodesRememberAreCountedOnce(String from) {
        String sold = confirmed("ann", "HAT", 3);
        recorded();
        fileAsANodeThatRemembers(sold);
        loseRowsAndLedger();
        DB.change("delete from purchases where sale_id = ?", sale);
        emptyIf(true);

        rebuilt(from);

        assertState(sold, "confirmed");
        assertCounts("HAT", 0, 0, 3);
        assertBalanced();
    }

    /** A node forgets an answer some time after it was recorded, and files what it remembers: whether it does here is a matter of moments. */
    private static void fileAsANodeThatRemembers(String reservationId) {
        String columns =
                "sale_id, lane, epoch, reservation_id, held_at, revision, seq, state, customer_id, lines, units, expires_at,"
                        + " ended_at, fingerprint";
        DB.change(
                "insert into told_answers (" + columns + ", node) select " + columns
                        + ", 'a-node' from reservations where reservation_id = ? on conflict do nothing",
                reservationId);
    }

    @Test
    void soldUnitsOfAReservationThatNobodyHasLeftStaySold() {
        recorded();
        DB.change("update stock set sold = 2, available = 8 where sale_id = ? and sku = 'SHOE'", sale);
        emptyIf(true);

        rebuilt("postgres");

        assertCounts("SHOE", 8, 0, 2);
        assertThat(incident("books-mended")).contains("SHOE", "2");
        // Whoever looked and knows that nobody bought them says so.
        rebuild("{\"reason\":\"nobody bought them\",\"discard\":true}").must(202);
        awaitSelling();
        assertCounts("SHOE", 10, 0, 0);
        assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aHeldCountThatIsTooLowLosesNoHold(String from, boolean emptied) {
        String held = held("ann", "SHOE", 2);
        recorded();
        DB.change("update stock set held = 0, available = available + 2 where sale_id = ? and sku = 'SHOE'", sale);
        emptyIf(emptied);

        rebuilt(from);

        assertState(held, "held");
        assertCounts("SHOE", 8, 2, 0);
        assertThat(incident("books-mended")).contains("SHOE");
        api.confirm(sale, held).must(200);
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aHeldCountThatIsTooHighFollowsTheReservationsThatRedisConfirms(String from) {
        String held = held("ann", "SHOE", 2);
        recorded();
        DB.change(
                "update stock set held = held + 3, available = available - 3 where sale_id = ? and sku = 'SHOE'", sale);

        rebuilt(from);

        assertState(held, "held");
        assertCounts("SHOE", 8, 2, 0);
        assertThat(incident("books-mended")).contains("SHOE");
        assertThat(findings()).contains("count-differs");
        assertBalanced();
    }

    @ParameterizedTest
    @CsvSource({"postgres,true", "postgres,false", "redis,true", "redis,false"})
    void aSoldCountThatIsTooLowSellsNothingTwice(String from, boolean emptied) {
        String sold = confirmed("ann", "HAT", 3);
        recorded();
        DB.change("update stock set sold = 1, available = 2 where sale_id = ? and sku = 'HAT'", sale);
        emptyIf(emptied);

        rebuilt(from);

        assertState(sold, "confirmed");
        assertThat(api.hold(sale, "bob", "HAT", 1).code()).isEqualTo("out-of-stock");
        assertCounts("HAT", 0, 0, 3);
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void aSoldCountThatIsTooHighIsWhatRedisCounts(String from) {
        confirmed("ann", "HAT", 1);
        recorded();
        DB.change("update stock set sold = 3, available = 0 where sale_id = ? and sku = 'HAT'", sale);

        rebuilt(from);

        assertCounts("HAT", 2, 0, 1);
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "redis"})
    void moreReservationsThanUnitsKeepWhatTheyWereToldAndNothingIsOffered(String from) {
        String sold = confirmed("ann", "HAT", 2);
        String held = held("bob", "HAT", 1);
        recorded();
        DB.change(
                "update stock set capacity = 1, available = 0, held = 0, sold = 1 where sale_id = ? and sku = 'HAT'",
                sale);
        DB.change("update skus set capacity = 1 where sale_id = ? and sku = 'HAT'", sale);
        emptyIf(true);

        rebuilt(from);

        assertState(sold, "confirmed");
        assertState(held, "held");
        assertCounts("HAT", 0, 1, 2);
        assertThat(incident("books-mended")).contains("HAT", "2 more than there are");
        api.release(sale, held).must(200);
        assertThat(api.hold(sale, "cat", "HAT", 1).code()).isEqualTo("out-of-stock");
        assertBalanced();
    }

    @Test
    void countsThatWereDeletedAreMadeAnewAndNothingIsSoldTwice() {
        confirmed("ann", "HAT", 2);
        String held = held("bob", "HAT", 1);
        recorded();
        DB.change("delete from stock where sale_id = ? and sku = 'HAT'", sale);
        emptyIf(true);

        rebuilt("postgres");

        assertCounts("HAT", 0, 1, 2);
        api.confirm(sale, held).must(200);
        assertThat(api.hold(sale, "cat", "HAT", 1).code()).isEqualTo("out-of-stock");
        assertBalanced();
    }

    @Test
    void whatNobodyCanReadInABatchOrARowStopsNoRebuild() {
        String sold = confirmed("ann", "SHOE", 2);
        recorded();
        String held = held("bob", "SHOE", 1);
        recorded();
        DB.change("delete from purchases where sale_id = ?", sale);
        DB.change("delete from purchases_summed where sale_id = ?", sale);
        DB.change("insert into purchases_summed select sale_id, lane, epoch, 0 from lanes where sale_id = ?", sale);
        DB.change(
                "update ledger_batches set entries = array['confirmed x y z 1 2 3 ann SHOE many'] where sale_id = ?"
                        + " and array_to_string(entries, ';') like '%confirmed%'",
                sale);
        DB.change("update reservations set customer_id = '' where reservation_id = ?", held);
        DB.change("update reservations set lines = '7' where reservation_id = ?", sold);
        emptyIf(true);

        rebuilt("postgres");

        assertState(held, "held");
        assertCounts("SHOE", 7, 1, 2);
        assertBalanced();
    }

    @Test
    void whatTheRecorderHadNotRecordedIsThereAfterTheSalesKeyWasLost() {
        recorded();
        String[] ids = new String[2];
        DB.whileLocked("select 1 from lanes where sale_id = ? for update", sale, () -> {
            ids[0] = held("ann", "SHOE", 2);
            ids[1] = held("bob", "HAT", 3);
            api.confirm(sale, ids[1]).must(200);
            redis().del(lane.keys()[0]);
        });
        await().until(() -> api.hold(sale, "cat", "SHOE", 1).code(), "recovering"::equals);

        rebuilt("postgres");

        assertState(ids[0], "held");
        assertState(ids[1], "confirmed");
        assertCounts("SHOE", 8, 2, 0);
        assertCounts("HAT", 0, 0, 3);
        assertBalanced();
    }

    @Test
    void whatIsOnlyInHoldsAndCountsIsThereAfterTheSalesKeyWasLost() {
        recorded();
        String[] ids = new String[2];
        DB.whileLocked("select 1 from lanes where sale_id = ? for update", sale, () -> {
            ids[0] = held("ann", "SHOE", 2);
            ids[1] = held("bob", "HAT", 3);
            api.confirm(sale, ids[1]).must(200);
            redis().xtrim(lane.keys()[5], XTrimArgs.Builder.maxlen(1));
            redis().del(lane.keys()[0]);
        });
        await().until(() -> api.hold(sale, "cat", "SHOE", 1).code(), "recovering"::equals);

        rebuilt("redis");

        assertState(ids[0], "held");
        assertState(ids[1], "confirmed");
        assertCounts("SHOE", 8, 2, 0);
        assertCounts("HAT", 0, 0, 3);
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeldRowThatNobodyCanReadAndTheLedgerHasNotIsTakenOutAndListed(boolean emptied) {
        String held = held("ann", "SHOE", 2);
        recorded();
        loseLedger();
        DB.change("update reservations set lines = '{\"NONE\":2}' where reservation_id = ?", held);
        emptyIf(emptied);

        if (emptied) {
            Api.Answer refused = rebuild("{\"reason\":\"x\"}");
            assertThat(refused.code()).isEqualTo("would-lose");
            assertThat(refused.body().path("unknownHeldUnits").asLong()).isEqualTo(2);
            rebuild("{\"reason\":\"x\",\"discard\":true}").must(202);
            awaitSelling();
            assertCounts("SHOE", 10, 0, 0);
        } else {
            rebuilt("redis");
            assertState(held, "held");
            assertCounts("SHOE", 8, 2, 0);
        }
        assertThat(findings()).contains("unreadable", held, "2 x NONE");
        assertBalanced();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sale", "limit"})
    void settingsThatRedisLostAreThoseOfTheBooksAndARebuildFromRedisIsDone(String lost) {
        String held = held("ann", "SHOE", 2);
        recorded();
        loseRowsAndLedger();
        if (lost.equals("sale")) {
            redis().del(lane.keys()[0]);
        } else {
            redis().hset(lane.keys()[0], "version", "rubbish");
            redis().hdel(lane.keys()[0], "customer_limit");
        }

        Api.Answer refused = rebuild("{\"reason\":\"x\"}");
        rebuild("{\"reason\":\"x\",\"from\":\"redis\"}").must(202);
        awaitSelling();

        assertThat(refused.code()).isEqualTo("would-lose");
        assertThat(refused.body().path("reservations").asLong()).isEqualTo(1);
        assertState(held, "held");
        assertThat(api.hold(sale, "ann", "SHOE", 7).code()).isEqualTo("purchase-limit");
        assertCounts("SHOE", 8, 2, 0);
        assertThat(findings()).contains("unreadable");
        assertBalanced();
    }

    /** Rows of reservations and the ledger's batches that have them; what was set up stays. */
    private void loseRowsAndLedger() {
        DB.change("delete from reservations where sale_id = ?", sale);
        loseLedger();
    }

    private void loseLedger() {
        DB.change(
                "delete from ledger_batches where sale_id = ? and array_to_string(entries, ';') ~ '(held|confirmed) '",
                sale);
    }

    private void emptyIf(boolean emptied) {
        if (emptied) {
            redis().unlink(lane.keys());
            await().until(() -> api.hold(sale, "nobody", "SHOE", 1).code(), "recovering"::equals);
        }
    }

    @CanIgnoreReturnValue
    private String held(String customer, String sku, int quantity) {
        return api.hold(sale, customer, sku, quantity).must(201).text("reservationId");
    }

    @CanIgnoreReturnValue
    private String confirmed(String customer, String sku, int quantity) {
        String id = held(customer, sku, quantity);
        api.confirm(sale, id).must(200);
        return id;
    }

    private void recorded() {
        await().ignoreExceptions().until(() -> books.recordedSeq(sale) == lane.lastSeq());
    }

    @CanIgnoreReturnValue
    private Api.Answer rebuild(String body) {
        return api.send(api.onAdmin("POST", "/v1/admin/sales/" + sale + "/rebuild", body));
    }

    private void rebuilt(String from) {
        rebuild("{\"reason\":\"a test\",\"from\":\"" + from + "\"}").must(202);
        awaitSelling();
    }

    private void awaitSelling() {
        await().until(() -> !api.rebuild(sale).text("state").equals("running"));
        assertThat(api.rebuild(sale).text("state")).as(api.rebuild(sale).text()).isEqualTo("done");
        await().until(() -> api.sale(sale, false).text("state").equals("open"));
        await().until(() -> !api.rebuild(sale).body().path("restoringEnded").asBoolean());
    }

    private void assertState(String id, String state) {
        assertThat(api.reservation(sale, id).must(200).text("state")).isEqualTo(state);
        assertThat(DB.rows("select state from reservations where reservation_id = ?", id))
                .containsExactly(List.of(state));
    }

    private void assertCounts(String sku, long available, long held, long sold) {
        recorded();
        assertThat(DB.rows("select available, held, sold from stock where sale_id = ? and sku = ?", sale, sku))
                .containsExactly(List.of(Long.toString(available), Long.toString(held), Long.toString(sold)));
        assertThat(api.stock(sale, sku).body().path("available").asLong()).isEqualTo(available);
    }

    private String incident(String kind) {
        return DB.rows("select detail from incidents where sale_id = ? and kind = ?", sale, kind)
                .toString();
    }

    private String findings() {
        return api.send(api.onAdmin("GET", "/v1/admin/sales/" + sale + "/rebuild/findings?limit=100", null))
                .must(200)
                .text();
    }

    private void assertBalanced() {
        Api.Answer audit = api.audit(sale).must(200);
        assertThat(audit.body().path("balanced").asBoolean()).as(audit.text()).isTrue();
    }

    private static RedisCommands<String, String> redis() {
        return connection.sync();
    }
}
