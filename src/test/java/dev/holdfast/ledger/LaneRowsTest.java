package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneRowsTest {

    private static TestBooks db;

    private Lane lane;
    private Lane otherEpoch;

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
        db.books.incidents().stoppedLanes().closeWith(closed -> Future.succeededFuture());
        lane = db.openLane();
        otherEpoch = new Lane(lane.saleId(), 0, lane.epoch() + 1);
    }

    @Test
    void theCursorBelongsToOneEpoch() {
        await(db.books
                .ledger()
                .commit(lane, 0, History.fromTheStart().stock("A", 1).entries(), "node"));

        assertThat(await(db.books.lanes().cursor(lane)).seq()).isEqualTo(1);
        assertThat(failureOf(db.books.lanes().cursor(otherEpoch))).isInstanceOf(StaleLane.class);
    }

    @Test
    void theCursorSaysWhichEntryIsRecordedThere() {
        List<LedgerEntry> entries = History.fromTheStart().stock("A", 1).entries();

        Cursor before = await(db.books.lanes().cursor(lane));
        await(db.books.ledger().commit(lane, 0, entries, "node"));
        Cursor after = await(db.books.lanes().cursor(lane));

        assertThat(before).isEqualTo(Cursor.START);
        assertThat(after).isEqualTo(Cursor.at(entries.getLast()));
        assertThat(after.canBeCompared()).isTrue();
        assertThat(after.matches(entries.getLast())).isTrue();
    }

    @Test
    void theCursorOfALaneThatADeadLetterStoppedSaysSoToo() {
        LedgerEntry letter = new LedgerEntry.Unreadable(1, "nonsense \0", "no such word");

        await(db.books.ledger().commit(lane, 0, List.of(letter), "node"));

        assertThat(db.text(
                        "select encode(recorded_hash, 'hex') from lanes where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo(Cursor.hashOf("nonsense \0"));
    }

    @Test
    void aLaneThatLostItsHistoryStopsOnceAndTheDirectoryKnowsAtOnce() {
        await(db.books.lanes().reportLost(lane, "Redis ends at 3\0, recorded is 7"));
        await(db.books.lanes().reportLost(lane, "again"));

        assertThat(await(db.books.sales().find(lane.saleId())))
                .map(ListedSale::laneState)
                .contains(LaneState.RECOVERING);
        assertThat(db.text(
                        "select detail from incidents where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("Redis ends at 3\\u0000, recorded is 7");
        assertThat(failureOf(db.books.lanes().cursor(lane))).isInstanceOf(StaleLane.class);
    }

    @Test
    void aLaneThatStopsIsClosedInRedisBeforeAnybodyCanSeeThatItHasStopped() {
        Map<Lane, String> stateWhenClosed = new ConcurrentHashMap<>();
        db.books
                .incidents()
                .stoppedLanes()
                .closeWith(closed -> db.postgres
                        .query(
                                "look at " + closed,
                                "select state from lanes where sale_id = $1",
                                Tuple.of(closed.saleId().value()))
                        .onSuccess(rows -> stateWhenClosed.put(
                                closed, rows.iterator().next().getString(0)))
                        .mapEmpty());

        await(db.books.lanes().freeze(lane, "5 units of A are too many"));
        await(db.books.lanes().freeze(otherEpoch, "too late"));

        assertThat(stateWhenClosed).containsExactly(Map.entry(lane, "open"));
        assertThat(db.laneState(lane)).isEqualTo("frozen");
    }

    @Test
    void aLaneStopsEvenWhereRedisCannotBeAsked() {
        db.books
                .incidents()
                .stoppedLanes()
                .closeWith(closed -> Future.failedFuture(
                        new Unavailable(Unavailable.Reason.REDIS_UNAVAILABLE, "close " + closed, null)));

        await(db.books.lanes().freeze(lane, "5 units of A are too many"));

        assertThat(db.laneState(lane)).isEqualTo("frozen");
    }

    @Test
    void whoHearsOfALaneThatStoppedClosesItAndOfOneThatSellsDoesNot() {
        List<Lane> closed = new CopyOnWriteArrayList<>();
        await(db.books.lanes().freeze(lane, "5 units of A are too many"));
        db.books.incidents().stoppedLanes().closeWith(stopped -> {
            closed.add(stopped);
            return Future.succeededFuture();
        });
        Lane selling = db.openLane();

        await(db.books.incidents().stoppedLanes().heard(lane.saleId()));
        await(db.books.incidents().stoppedLanes().heard(selling.saleId()));

        assertThat(closed).containsExactly(lane);
    }

    @Test
    void whatAnotherLifeOfTheServiceCommitsIsHeard() {
        List<SaleId> heard = new CopyOnWriteArrayList<>();
        LaneListener listener = LaneListener.of(db.vertx, db.uri, heard::add);
        await(listener.start());

        await(db.books.lanes().freeze(lane, "5 units of A are too many"));

        await().until(() -> heard.contains(lane.saleId()));
        await(listener.close());
    }

    @Test
    void aReportOfAnotherEpochChangesNothing() {
        await(db.books.lanes().reportLost(otherEpoch, "too late"));

        assertThat(db.laneState(lane)).isEqualTo("open");
        assertThat(db.rowsOf("incidents", lane)).isZero();
    }
}
