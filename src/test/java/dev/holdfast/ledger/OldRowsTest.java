package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OldRowsTest {

    private static final String NODE = "node";
    private static final Duration MONTH = Duration.ofDays(30);

    private TestBooks db;
    private HousekeepingBook book;
    private Lane lane;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
        book = new HousekeepingBook(db.postgres);
        lane = db.openLane();
        assertThat(await(book.begin(NODE, Duration.ZERO))).isTrue();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void oldReservationsLeaveInStepsAndWhatTheyComeToStays() {
        commit(0, fiveBuyers());
        recordedDaysAgo("reservations", 31);
        commit(
                13,
                History.after(13)
                        .later(MONTH.toMillis() * 10)
                        .held("young", cart("A", 1))
                        .confirmed("young", cart("A", 1)));
        String allowances = allowances();

        List<Integer> steps = List.of(
                remove(OldRows.RESERVATIONS, 2), remove(OldRows.RESERVATIONS, 2), remove(OldRows.RESERVATIONS, 2));

        assertThat(steps).containsExactly(2, 2, 0);
        assertThat(states()).isEqualTo("confirmed 1, held 1");
        assertThat(db.stock(lane, "A")).isEqualTo("91/3/6 of 100");
        assertThat(past()).isEqualTo("A confirmed 2 of 5, A expired 1 of 4, A released 1 of 1, B confirmed 1 of 1");
        assertThat(allowances())
                .isEqualTo(allowances)
                .isEqualTo("c-both A 3, c-both B 1, c-bought A 2, c-held A 3, c-young A 1");
        assertSoldAddsUp();
    }

    @Test
    void aRowThatSomebodyChangedToWhatIsNoReservationKeepsNoOtherFromLeaving() {
        commit(0, fiveBuyers());
        recordedDaysAgo("reservations", 31);
        db.sql("update reservations set lines = '7' where customer_id = 'c-bought'");
        db.sql("update reservations set lines = '{\"A\":\"many\",\"B\":1}' where customer_id = 'c-both'");

        int removed = remove(OldRows.RESERVATIONS, 100);

        assertThat(removed).isEqualTo(4);
        assertThat(states()).isEqualTo("held 1");
        assertThat(past()).isEqualTo("A expired 1 of 4, A released 1 of 1, B confirmed 1 of 1");
    }

    @Test
    void aHoldNeverLeavesHoweverOldItIs() {
        commit(0, History.fromTheStart().stock("A", 5).held("held", cart("A", 1)));
        recordedDaysAgo("reservations", 3_000);

        int removed = remove(OldRows.RESERVATIONS, 100);
        commit(2, History.after(2).add(end("held", LedgerEntry.Kind.CONFIRMED, 3, 2)));

        assertThat(removed).isZero();
        assertThat(states()).isEqualTo("confirmed 1");
        assertThat(db.stock(lane, "A")).isEqualTo("4/0/1 of 5");
    }

    @Test
    void ofASaleThatIsClosedNoBuyerIsRemembered() {
        commit(0, fiveBuyers());
        recordedDaysAgo("reservations", 31);
        remove(OldRows.RESERVATIONS, 1);
        db.sql("update sales set state = 'closed'");

        remove(OldRows.RESERVATIONS, 100);
        remove(OldRows.BOUGHT_UNITS, 100);

        assertThat(db.rowsOf("bought_units", lane)).isZero();
        assertThat(past()).isEqualTo("A confirmed 2 of 5, A expired 1 of 4, A released 1 of 1, B confirmed 1 of 1");
        assertSoldAddsUp();
    }

    @Test
    void anEventOfAReservationThatHasLeftIsNotCountedAgain() {
        List<LedgerEntry> history = fiveBuyers().entries();
        await(db.books.ledger().commit(lane, 0, history, NODE));
        recordedDaysAgo("reservations", 31);
        remove(OldRows.RESERVATIONS, 100);

        CommitOutcome again = await(db.books.ledger().commit(lane, 0, history, NODE));

        assertThat(again).isInstanceOf(CommitOutcome.LostRace.class);
        assertThat(db.stock(lane, "A")).isEqualTo("92/3/5 of 100");
        assertThat(states()).isEqualTo("held 1");
    }

    @Test
    void aRehearsalThatIsYearsAheadIsCleanedByTheTimeAtWhichItWasRecorded() {
        db.sql("update sales set clock_offset_ms = $1", Duration.ofDays(3_650).toMillis());
        History ahead = History.fromTheStart()
                .stock("A", 5)
                .later(Duration.ofDays(3_650).toMillis());
        commit(0, ahead.held("one", cart("A", 1)).confirmed("one", cart("A", 1)));

        int young = remove(OldRows.RESERVATIONS, 100);
        recordedDaysAgo("reservations", 31);
        int old = remove(OldRows.RESERVATIONS, 100);

        assertThat(young).isZero();
        assertThat(old).isEqualTo(1);
    }

    @Test
    void whatIsLeftUndoneByACrashIsDoneByTheNextStep() {
        commit(0, fiveBuyers());
        recordedDaysAgo("reservations", 31);

        Throwable crashed = failureOf(db.postgres.inTransaction(
                "crash",
                connection -> connection
                        .preparedQuery(OldRows.RESERVATIONS.sql())
                        .execute(Tuple.of(old().atOffset(ZoneOffset.UTC), 100))
                        .compose(removed -> Future.failedFuture("killed before the commit"))));
        String before = states();
        int removed = remove(OldRows.RESERVATIONS, 100);

        assertThat(crashed).hasMessageContaining("killed");
        assertThat(before).isEqualTo("confirmed 2, expired 1, held 1, released 1");
        assertThat(removed).isEqualTo(4);
        assertSoldAddsUp();
    }

    @Test
    void auditsLeaveButForTheLastOfEachLane() {
        StockCount none = new StockCount(new Sku("A"), 5, 5, 0, 0, 1);
        commit(
                0,
                History.fromTheStart()
                        .stock("A", 5)
                        .audit("1-" + lane, none)
                        .audit("2-" + lane, none)
                        .audit("3-" + lane, none));
        recordedDaysAgo("audits", 31);

        int removed = remove(OldRows.AUDITS, 100);

        assertThat(removed).isEqualTo(2);
        assertThat(await(db.books.audits().latest(lane)).orElseThrow().position())
                .isEqualTo(lane.epoch() + "-4");
    }

    @Test
    void oneNodeAtATimeAndNotAgainWithinTheInterval() {
        boolean other = await(book.begin("other", Duration.ZERO));
        Throwable intruder = failureOf(book.remove("other", OldRows.RESERVATIONS, old(), 1));
        await(book.end(NODE));
        boolean tooSoon = await(book.begin("other", Duration.ofHours(1)));
        boolean due = await(book.begin("other", Duration.ZERO));

        assertThat(other).isFalse();
        assertThat(intruder).isInstanceOf(HousekeepingBook.LeaseLost.class);
        assertThat(tooSoon).isFalse();
        assertThat(due).isTrue();
    }

    private static History fiveBuyers() {
        return History.fromTheStart()
                .stock("A", 100)
                .stock("B", 100)
                .held("bought", cart("A", 2))
                .confirmed("bought", cart("A", 2))
                .held("both", cart("A", 3, "B", 1))
                .confirmed("both", cart("A", 3, "B", 1))
                .held("released", cart("A", 1))
                .released("released", cart("A", 1))
                .held("expired", cart("A", 4))
                .expired("expired", cart("A", 4))
                .held("held", cart("A", 2))
                .replaced("held", cart("A", 2), cart("A", 3))
                .extended("held", cart("A", 3));
    }

    private static LedgerEntry end(String name, LedgerEntry.Kind kind, long seq, long revision) {
        return new LedgerEntry.Transition(
                seq,
                kind + " " + name,
                kind,
                History.id(name),
                History.HELD_AT_MS,
                revision,
                History.HELD_AT_MS + 1,
                History.HELD_AT_MS + History.HOLD_MS,
                "print",
                new CustomerId("c-" + name),
                cart("A", 1),
                null);
    }

    private void commit(long after, History history) {
        assertThat(await(db.books.ledger().commit(lane, after, history.entries(), NODE)))
                .isInstanceOf(CommitOutcome.Recorded.class);
    }

    private void recordedDaysAgo(String table, int days) {
        db.sql("update " + table + " set recorded_at = now() - $1 * interval '1 day'", days);
    }

    @CanIgnoreReturnValue
    private int remove(OldRows kind, int most) {
        return await(book.remove(NODE, kind, old(), most));
    }

    private static Instant old() {
        return Instant.now().minus(MONTH);
    }

    private String states() {
        return db.text("""
                select string_agg(state || ' ' || n, ', ' order by state)
                from (select state, count(*) as n from reservations group by state) s
                """);
    }

    private String past() {
        return db.text("""
                select string_agg(sku || ' ' || state || ' ' || reservations || ' of ' || units, ', ' order by sku, state)
                from past_reservations
                """);
    }

    private String allowances() {
        return db.text("""
                select string_agg(customer_id || ' ' || sku || ' ' || units, ', ' order by customer_id, sku) from allowances
                """);
    }

    /** What is sold of each SKU is what confirmed reservations have, those that have left and those that have not. */
    private void assertSoldAddsUp() {
        assertThat(db.number("""
                select count(*)
                from stock s
                where s.sold <> coalesce((select sum(p.units) from past_reservations p
                                          where p.sale_id = s.sale_id and p.sku = s.sku and p.state = 'confirmed'), 0)
                              + coalesce((select sum((r.lines ->> s.sku)::bigint) from reservations r
                                          where r.sale_id = s.sale_id and r.state = 'confirmed'), 0)
                """)).isZero();
    }
}
