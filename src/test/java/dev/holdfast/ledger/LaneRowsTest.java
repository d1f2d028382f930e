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
import dev.holdfast.reservation.StaleLane;
import java.util.List;
import java.util.Map;
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
    void theCursorSaysSoOfADeadLetterToo() {
        LedgerEntry letter = new LedgerEntry.Unreadable(1, "nonsense \0", "no such word");

        await(db.books.ledger().commit(lane, 0, List.of(letter), "node"));

        assertThat(await(db.books.lanes().cursor(lane)).hash()).isEqualTo(Cursor.hashOf("nonsense \0"));
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
    void aReportOfAnotherEpochChangesNothing() {
        await(db.books.lanes().reportLost(otherEpoch, "too late"));

        assertThat(db.laneState(lane)).isEqualTo("open");
        assertThat(db.rowsOf("incidents", lane)).isZero();
    }

    @Test
    void aLaneIsOneRecordersUntilItGivesItBack() {
        Map<Lane, Long> first = take("node-1");
        Map<Lane, Long> second = take("node-2");
        await(db.books.leases().giveBack("node-1"));
        Map<Lane, Long> third = take("node-2");

        assertThat(first).containsExactly(Map.entry(lane, 0L));
        assertThat(second).isEmpty();
        assertThat(third).containsOnlyKeys(lane);
    }

    @Test
    void aRecorderThatDiedLosesItsLanesWhenTheLeaseRunsOut() {
        assertThat(take("node-1")).containsOnlyKeys(lane);

        await().until(() -> take("node-2").containsKey(lane));

        assertThat(take("node-1")).isEmpty();
    }

    private Map<Lane, Long> take(String recorder) {
        return await(db.books.leases().take(recorder, List.of(lane, otherEpoch)));
    }
}
