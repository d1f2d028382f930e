package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the recorder tells of stock, each once. */
class StockAlertsTest {

    private static TestBooks db;

    private Lane lane;
    private History history;
    private long recorded;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aLaneThatSells() {
        lane = db.openLane();
        history = History.fromTheStart();
        recorded = 0;
    }

    @Test
    void stockThatFallsToItsThresholdIsLowOnce() {
        put("A", 10, 4L, null);

        record(h -> h.held("one", cart("A", 5)));
        record(h -> h.held("two", cart("A", 1)));
        record(h -> h.held("three", cart("A", 1)));

        assertThat(told()).containsExactly("low A 4");
    }

    @Test
    void aFallPastTheThresholdIsLowToo() {
        put("A", 10, 4L, null);

        record(h -> h.held("one", cart("A", 9)));

        assertThat(told()).containsExactly("low A 1");
    }

    @Test
    void whatComesBackOnlyALittleIsNotToldAgain() {
        put("A", 100, 20L, null);
        record(h -> h.held("many", cart("A", 79)).held("one", cart("A", 2)));

        record(h -> h.released("one", cart("A", 2)));
        record(h -> h.held("again", cart("A", 5)));

        assertThat(db.stock(lane, "A")).startsWith("16/");
        assertThat(told()).containsExactly("low A 19");
    }

    @Test
    void whatRisesClearlyAboveTheThresholdIsToldWhenItFallsAgain() {
        put("A", 100, 20L, null);
        record(h -> h.held("many", cart("A", 77)).held("some", cart("A", 3)));

        record(h -> h.released("some", cart("A", 3)));
        record(h -> h.held("other", cart("A", 3)));

        assertThat(told()).containsExactly("low A 20", "low A 20");
    }

    @Test
    void theBandIsATenthOfTheThresholdAndAtLeastOneUnit() {
        assertThat(db.sql(
                                "select is_low(true, 22, 20), is_low(true, 23, 20), is_low(true, 5, 4), is_low(true, 6, 4),"
                                        + " is_low(true, 1, 0), is_low(true, 2, 0), is_low(false, 21, 20), is_low(true, 0, null)")
                        .iterator()
                        .next()
                        .deepToString())
                .isEqualTo("[true,false,true,false,true,false,false,false]");
    }

    @Test
    void aDipWithinWhatIsRecordedTogetherIsNotTold() {
        put("A", 10, 4L, null);

        record(h -> h.held("one", cart("A", 10))
                .audit("audit-" + lane.saleId(), new StockCount(new Sku("A"), 10, 0, 10, 0, 1))
                .released("one", cart("A", 10)));

        assertThat(told()).isEmpty();
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
    }

    @Test
    void aReorderIsAskedForWithItsQuantityOnceForEachFall() {
        put("A", 10, 4L, 200L);

        record(h -> h.held("one", cart("A", 7)));
        record(h -> h.held("two", cart("A", 1)));
        record(h -> h.released("one", cart("A", 7)));
        record(h -> h.held("three", cart("A", 6)));

        assertThat(told()).containsExactly("low A 3", "reorder-requested A 3", "low A 3", "reorder-requested A 3");
        assertThat(events().get(1).data().getLong("reorderQuantity")).isEqualTo(200);
    }

    @Test
    void nothingIsReorderedWithoutAThresholdOrAQuantity() {
        put("NO-THRESHOLD", 1, null, 200L);
        put("NO-QUANTITY", 1, 0L, 0L);

        record(h -> h.held("one", cart("NO-THRESHOLD", 1, "NO-QUANTITY", 1)));

        assertThat(told()).containsExactly("low NO-QUANTITY 0");
    }

    @Test
    void whatIsOnlyHeldIsNotSoldOut() {
        put("A", 3, null, null);

        record(h -> h.held("one", cart("A", 1)).confirmed("one", cart("A", 1)).held("two", cart("A", 2)));
        List<String> whileHeld = told();
        record(h -> h.confirmed("two", cart("A", 2)));

        assertThat(whileHeld).isEmpty();
        assertThat(told()).containsExactly("sold-out A 0");
    }

    @Test
    void unitsThatSomeoneCanHaveAgainAreBackInStock() {
        put("A", 2, null, null);
        record(h -> h.held("one", cart("A", 2)).confirmed("one", cart("A", 2)));

        restock("A", 5);
        record(h -> h.held("two", cart("A", 1)));
        record(h -> h.held("three", cart("A", 4)));
        record(h -> h.confirmed("two", cart("A", 1)).confirmed("three", cart("A", 4)));

        assertThat(told()).containsExactly("sold-out A 0", "back-in-stock A 4", "sold-out A 0");
    }

    @Test
    void aSkuBeginsAsItIsAndSilently() {
        put("FEW", 3, 5L, 10L);
        put("NONE", 0, 5L, 10L);

        record(h -> h.held("one", cart("FEW", 1)));

        assertThat(told()).isEmpty();
        assertThat(alertState("FEW")).isEqualTo("low");
        assertThat(alertState("NONE")).isEqualTo("low, sold out");
    }

    @Test
    void aThresholdThatIsRaisedAboveTheStockIsToldAtOnce() {
        put("A", 10, 2L, 50L);
        record(h -> h.held("one", cart("A", 5)));

        change("A", 10, 5L, 50L);
        change("A", 10, 6L, 50L);

        assertThat(told()).containsExactly("low A 5", "reorder-requested A 5");
    }

    @Test
    void aThresholdThatIsLoweredOrTakenAwayIsReadyForTheNextFall() {
        put("A", 10, 5L, null);
        record(h -> h.held("one", cart("A", 5)));

        change("A", 10, null, null);
        change("A", 10, 4L, null);
        List<String> before = told();
        record(h -> h.held("two", cart("A", 1)));

        assertThat(before).containsExactly("low A 5");
        assertThat(told()).containsExactly("low A 5", "low A 4");
    }

    @Test
    void aBatchThatIsRolledBackTellsNothing() {
        put("A", 3, 1L, null);

        CommitOutcome frozen = commit(h -> h.held("one", cart("A", 2)).held("two", cart("A", 2)));

        assertThat(frozen).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(told()).isEmpty();
        assertThat(alertState("A")).isEmpty();
    }

    @Test
    void onlyWhoHasSomethingToTellWaitsForAnotherWhoDoes() {
        put("A", 10, 4L, null);
        put("B", 10, null, null);
        Promise<Void> end = Promise.promise();
        Promise<Void> toldFirst = Promise.promise();
        Future<Void> slow = db.postgres.inTransaction(
                "slow",
                connection -> connection
                        .query(
                                "insert into events (type, sale_id, subject, at, data) values ('slow', 'other', 'A', now(), '{}')")
                        .execute()
                        .onSuccess(told -> toldFirst.complete())
                        .compose(told -> end.future()));
        await(toldFirst.future());

        record(h -> h.held("one", cart("B", 1)));
        Future<CommitOutcome> low =
                db.books.ledger().commit(lane, recorded, added(h -> h.held("two", cart("A", 6))), "node");
        long recordedMeanwhile = db.recordedSeq(lane);
        end.complete();
        await(slow);
        await(low);

        assertThat(recordedMeanwhile).isEqualTo(recorded);
        assertThat(told()).containsExactly("low A 4");
    }

    @Test
    void ofManyWhoRecordTheSameOneTellsIt() {
        put("A", 3, 1L, 7L);
        List<LedgerEntry> batch = added(h -> h.held("one", cart("A", 2)));

        List<Future<CommitOutcome>> racers = LongStream.range(0, 8)
                .mapToObj(n -> db.books.ledger().commit(lane, recorded, batch, "node"))
                .toList();
        racers.forEach(TestBooks::await);

        assertThat(told()).containsExactly("low A 1", "reorder-requested A 1");
    }

    @Test
    void aNeighbourThatCannotBeRecordedDoesNotTellTwice() {
        put("A", 10, 4L, null);

        CommitOutcome outcome = commit(h -> h.held("one", cart("A", 6))
                .heldAs("held\0two", "two", cart("A", 1))
                .held("three", cart("A", 1)));

        // It stops the lane (decision 0009), and what came before it is told once.
        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(told()).containsExactly("low A 4");
    }

    @Test
    void itIsToldWhatAndWhenByTheSalesClock() {
        put("A", 10, 4L, 200L);

        record(h -> h.held("one", cart("A", 6)));

        CloudEvent low = events().getFirst();
        assertThat(low.saleId()).isEqualTo(lane.saleId());
        assertThat(low.subject()).isEqualTo("A");
        assertThat(low.timeMs()).isEqualTo(History.HELD_AT_MS + 1000);
        assertThat(low.data())
                .isEqualTo(new JsonObject()
                        .put("saleId", lane.saleId().value())
                        .put("sku", "A")
                        .put("capacity", 10)
                        .put("available", 4)
                        .put("held", 6)
                        .put("sold", 0)
                        .put("lowStockThreshold", 4)
                        .put("reorderQuantity", 200));
    }

    /** Sets up the SKU, and records that it is put up. */
    private void put(String sku, long capacity, @Nullable Long threshold, @Nullable Long reorder) {
        change(sku, capacity, threshold, reorder);
        record(h -> h.stock(sku, capacity));
    }

    private void change(String sku, long capacity, @Nullable Long threshold, @Nullable Long reorder) {
        SkuRules rules = new SkuRules(new Sku(sku), capacity, null, Map.of(), null, 0, threshold, reorder, 1);
        await(db.books.skus().changeSku(TestBooks.ACTION, lane.saleId(), new Sku(sku), before -> rules));
    }

    /** As an adjustment does it. */
    private void restock(String sku, long units) {
        db.sql(
                "update stock set capacity = capacity + $3, available = available + $3 where sale_id = $1 and sku = $2",
                lane.saleId().value(),
                sku,
                units);
    }

    private void record(UnaryOperator<History> happening) {
        assertThat(commit(happening)).isInstanceOf(CommitOutcome.Recorded.class);
    }

    private CommitOutcome commit(UnaryOperator<History> happening) {
        CommitOutcome outcome = await(db.books.ledger().commit(lane, recorded, added(happening), "node"));
        recorded = db.recordedSeq(lane);
        return outcome;
    }

    private List<LedgerEntry> added(UnaryOperator<History> happening) {
        List<LedgerEntry> all = happening.apply(history).entries();
        return all.subList((int) recorded, all.size());
    }

    private List<CloudEvent> events() {
        return await(db.books.events().after(0, lane.saleId(), 100));
    }

    /** The last word of the type, the SKU, and what was available. */
    private List<String> told() {
        return events().stream()
                .map(event -> event.type().substring(event.type().lastIndexOf('.') + 1)
                        + ' '
                        + event.subject()
                        + ' '
                        + event.data().getLong("available"))
                .toList();
    }

    private String alertState(String sku) {
        return db.text(
                "select concat_ws(', ', case when low then 'low' end, case when sold_out then 'sold out' end)"
                        + " from stock where sale_id = $1 and sku = $2",
                lane.saleId().value(),
                sku);
    }
}
