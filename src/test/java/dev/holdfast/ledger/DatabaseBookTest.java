package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.DatabaseBook.Pulse;
import dev.holdfast.ledger.DatabaseBook.Seen;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerPosition;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatabaseBookTest {

    private TestBooks db;
    private DatabaseBook book;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
        book = db.books.database();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void aDatabaseThatGoesOnCountsUp() {
        Pulse first = await(book.beat(seen(await(book.pulse()))));
        Pulse second = await(book.beat(seen(first)));

        assertThat(second.beat()).isEqualTo(first.beat() + 1);
        assertThat(second.life()).isEqualTo(1);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(incidents()).isEmpty();
    }

    @Test
    void aCopyThatIsBehindMeansNothing() {
        Pulse old = await(book.beat(seen(await(book.pulse()))));
        await(book.beat(seen(old)));

        Pulse now = await(book.beat(seen(old)));

        assertThat(now.life()).isEqualTo(1);
        assertThat(incidents()).isEmpty();
    }

    @Test
    void whenItWasSeenIsLeftOutWhereNobodyKnows() {
        Lane lane = db.openLane();

        await(book.laneIsOlder(lane, new LedgerPosition(7, 7, 1)));

        assertThat(incidents()).singleElement().asString().contains("was recorded to 7");
        assertThat(db.text("select details::text from incidents where kind = 'database-restored'"))
                .contains("seenBeat")
                .doesNotContain("1970");
    }

    @Test
    void anOlderOneBeginsANewLifeOnceHoweverManyNotice() {
        Lane before = db.openLane();
        Seen seen = new Seen(1, 500, Instant.parse("2026-11-30T10:00:00Z"));
        long adjustments = db.number("select nextval('adjustments_adjustment_no_seq')");

        Pulse noticed = await(book.beat(seen));
        Pulse again = await(book.beat(seen));
        Lane after = db.openLane();

        assertThat(noticed.life()).isEqualTo(2);
        assertThat(noticed.beat()).isGreaterThan(500);
        assertThat(again.life()).isEqualTo(2);
        assertThat(incidents()).hasSize(1).first().asString().contains("500", "2026-11-30T10:00:00Z");
        // What was given out in the time that is lost is not given out again.
        assertThat(after.epoch()).isGreaterThan(before.epoch() + 1);
        assertThat(db.number("select nextval('adjustments_adjustment_no_seq')"))
                .isGreaterThan(adjustments + 999_999_999);
        assertThat(await(book.uncompared(10)))
                .extracting(DatabaseBook.UncomparedLane::lane)
                .containsExactly(before);
        await(book.compared(before, 2));
        assertThat(await(book.uncompared(10))).isEmpty();
    }

    @Test
    void livesAreCountedOnFromTheLastThatAnybodyHasSeen() {
        Pulse now = await(book.beat(new Seen(7, 3, Instant.EPOCH)));

        assertThat(now.life()).isEqualTo(8);
    }

    @Test
    void aLaneWhoseCursorIsBehindWhatRedisWasToldMeansAnOlderOne() {
        Lane lane = db.openLane();
        await(db.books
                .ledger()
                .commit(lane, 0, History.fromTheStart().stock("A", 5).entries(), "node"));

        LaneCursor same = await(db.books.lanes().reportOlder(lane, new LedgerPosition(9, 1, 1)));
        LaneCursor older = await(db.books.lanes().reportOlder(lane, new LedgerPosition(9, 4, 1)));
        LaneCursor known = await(db.books.lanes().reportOlder(lane, new LedgerPosition(9, 4, 1)));

        assertThat(List.of(same.seq(), same.life())).containsExactly(1L, 1L);
        assertThat(List.of(older.seq(), older.life())).containsExactly(1L, 2L);
        assertThat(List.of(known.seq(), known.life())).containsExactly(1L, 2L);
        assertThat(incidents()).hasSize(1).first().asString().contains("was recorded to 4 and is recorded to 1");
    }

    private static Seen seen(Pulse pulse) {
        return new Seen(pulse.life(), pulse.beat(), pulse.at());
    }

    private List<String> incidents() {
        return StreamSupport.stream(
                        db.sql("select detail from incidents where kind = 'database-restored'")
                                .spliterator(),
                        false)
                .map(row -> row.getString("detail"))
                .toList();
    }
}
