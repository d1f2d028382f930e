package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerBookTest {

    private static final Cart ONE_A = cart("A", 1);

    private static TestBooks db;

    private Lane lane;

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
    }

    @Test
    void stockThatIsPutUpIsAvailable() {
        CommitOutcome outcome = commit(0, History.fromTheStart().stock("A", 10));

        assertThat(outcome).isEqualTo(new CommitOutcome.Recorded(1, List.of()));
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
    }

    @Test
    void adjustmentsMoveCapacityAndWhatIsToGoGoesAsUnitsComeBack() {
        Adjustment more = new Adjustment(1, "more", new Sku("A"), 2, 10, 15, false);
        Adjustment less = new Adjustment(2, "less", new Sku("A"), 3, 15, 4, true);
        History history = History.fromTheStart()
                .stock("A", 10)
                .adjusted("A", more, 0)
                .held("x", cart("A", 7))
                .adjusted("A", less, 3)
                .released("x", cart("A", 7))
                .shrunk("A", 3);

        commit(0, history);

        assertThat(db.stock(lane, "A")).isEqualTo("4/0/0 of 4");
        assertThat(db.text(
                        "select pending || ' ' || version || ' ' || adjustment_no from stock where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("0 3 2");
    }

    @Test
    void unitsMoveWithEveryKindOfTransition() {
        Cart bigger = cart("A", 3, "B", 1);
        History history = History.fromTheStart()
                .stock("A", 100)
                .stock("B", 100)
                .held("confirmed", cart("A", 1))
                .confirmed("confirmed", cart("A", 1))
                .held("released", cart("A", 2))
                .released("released", cart("A", 2))
                .held("expired", cart("A", 4))
                .expired("expired", cart("A", 4))
                .held("extended", cart("A", 8))
                .extended("extended", cart("A", 8))
                .held("replaced", cart("A", 16))
                .replaced("replaced", cart("A", 16), bigger);

        commit(0, history);

        assertThat(db.stock(lane, "A")).isEqualTo("88/11/1 of 100");
        assertThat(db.stock(lane, "B")).isEqualTo("99/1/0 of 100");
        assertThat(found("confirmed").state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(found("released").state()).isEqualTo(ReservationState.RELEASED);
        assertThat(found("expired").endedAtMs()).isEqualTo(History.HELD_AT_MS + History.HOLD_MS);
        assertThat(found("extended").state()).isEqualTo(ReservationState.HELD);
        assertThat(found("replaced").cart()).isEqualTo(bigger);
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(12);
        assertThat(db.recordedSeq(lane)).isEqualTo(12);
    }

    @Test
    void whatHappenedInSeveralBatchesComesToTheSame() {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .held("two", cart("A", 3))
                .confirmed("one", cart("A", 2))
                .released("two", cart("A", 3));

        history.entries().forEach(entry -> commit(entry.seq() - 1, List.of(entry)));

        assertThat(db.stock(lane, "A")).isEqualTo("8/0/2 of 10");
        assertThat(db.recordedSeq(lane)).isEqualTo(5);
    }

    @Test
    void theSameBatchTwiceIsRecordedOnce() {
        List<LedgerEntry> batch =
                History.fromTheStart().stock("A", 10).held("one", ONE_A).entries();

        CommitOutcome first = commit(0, batch);
        CommitOutcome second = commit(0, batch);

        assertThat(first).isInstanceOf(CommitOutcome.Recorded.class);
        assertThat(second).isInstanceOf(CommitOutcome.LostRace.class);
        assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(2);
    }

    @Test
    void ofManyWhoRaceWithOneBatchOneWins() {
        List<LedgerEntry> batch =
                History.fromTheStart().stock("A", 10).held("one", ONE_A).entries();

        List<Future<CommitOutcome>> racers = LongStream.range(0, 8)
                .mapToObj(n -> db.books.ledger().commit(lane, 0, batch, "node-" + n))
                .toList();

        assertThat(racers.stream().map(TestBooks::await).filter(CommitOutcome.Recorded.class::isInstance))
                .hasSize(1);
        assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
    }

    @Test
    void anEventThatIsKnownFromAnotherEpochIsNotCountedAgain() {
        commit(0, History.fromTheStart().stock("A", 10).held("one", cart("A", 2)));
        Lane rebuilt = nextEpoch();

        await(db.books
                .ledger()
                .commit(
                        rebuilt,
                        0,
                        History.fromTheStart()
                                .held("one", cart("A", 2))
                                .confirmed("one", cart("A", 2))
                                .entries(),
                        "node"));

        assertThat(db.stock(rebuilt, "A")).isEqualTo("8/0/2 of 10");
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(3);
        assertThat(db.recordedSeq(rebuilt)).isEqualTo(2);
    }

    @Test
    void aCommitOfAnOldEpochIsLost() {
        commit(0, History.fromTheStart().stock("A", 10));
        assertThat(nextEpoch().epoch()).isGreaterThan(lane.epoch());

        CommitOutcome outcome = commit(1, History.after(1).held("one", ONE_A));

        assertThat(outcome).isInstanceOf(CommitOutcome.LostRace.class);
    }

    @Test
    void aLaterReservationUnderTheSameKeyIsAnotherAndTheEarlierStaysInTheBooks() {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", ONE_A)
                .released("one", ONE_A)
                .later(90_000_000)
                .held("one", cart("A", 5));

        commit(0, history);
        commit(4, History.after(4).held("other", ONE_A));

        Reservation later = await(
                        db.books.reservations().find(lane.saleId(), History.id("one", History.HELD_AT_MS + 90_000_000)))
                .orElseThrow();
        assertThat(later.state()).isEqualTo(ReservationState.HELD);
        assertThat(later.cart()).isEqualTo(cart("A", 5));
        assertThat(found("one").state()).isEqualTo(ReservationState.RELEASED);
        assertThat(db.rowsOf("reservations", lane)).isEqualTo(3);
    }

    @Test
    void aKeyAloneNamesNoReservationInTheBooks() {
        commit(0, History.fromTheStart().stock("A", 10).held("one", ONE_A));

        ReservationId key = new ReservationId(History.id("one").key());

        assertThat(await(db.books.reservations().find(lane.saleId(), key))).isEmpty();
    }

    @Test
    void anEventThatStandsTwiceInTheLedgerIsCountedOnce() {
        LedgerEntry held = History.after(1).held("one", ONE_A).entries().getFirst();
        LedgerEntry heldAgain = History.after(2).held("one", ONE_A).entries().getFirst();
        LedgerEntry heldOnceMore = History.after(3).held("one", ONE_A).entries().getFirst();

        commit(0, History.fromTheStart().stock("A", 10).add(held).add(heldAgain));
        commit(3, List.of(heldOnceMore));

        assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(2);
        assertThat(db.recordedSeq(lane)).isEqualTo(4);
    }

    @Test
    void whatHappenedToAReservationCanBeReadColumnByColumn() {
        commit(
                0,
                History.fromTheStart()
                        .stock("A", 10)
                        .heldAs("held key-of-22-characters 1 5 1763640000123 60000 Zm9v ann A 2 B 1", "one", ONE_A));

        String told = db.text(
                "select op || ' ' || reservation_key || ' ' || revision || ' ' || customer_id || ': ' || lines || ' '"
                        + " || to_char(at at time zone 'UTC', 'HH24:MI:SS.MS') from transitions where sale_id = $1",
                lane.saleId().value());

        assertThat(told).isEqualTo("held key-of-22-characters 1 ann: A 2 B 1 12:00:00.128");
    }

    @Test
    void aMissingEntryIsAGapAndRecordsNothing() {
        History history = History.after(1).stock("A", 10);

        CommitOutcome outcome = commit(0, history);

        assertThat(outcome).isEqualTo(new CommitOutcome.Gap(1, 2));
        assertThat(db.recordedSeq(lane)).isZero();
    }

    @Test
    void moreSoldThanThereIsFreezesTheLaneAndRecordsNothingOfTheBatch() {
        commit(0, History.fromTheStart().stock("A", 2));

        CommitOutcome outcome =
                commit(1, History.after(1).held("one", cart("A", 1)).held("two", cart("A", 2)));

        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.recordedSeq(lane)).isEqualTo(1);
        assertThat(db.stock(lane, "A")).isEqualTo("2/0/0 of 2");
        assertThat(db.rowsOf("dead_letters", lane)).isZero();
        assertThat(db.rowsOf("incidents", lane)).isEqualTo(1);
        assertThat(await(db.books.sales().find(lane.saleId())))
                .map(ListedSale::laneState)
                .contains(ListedSale.LaneState.FROZEN);
    }

    @Test
    void unitsOfASkuThatWasNeverPutUpFreezeTheLane() {
        CommitOutcome outcome = commit(0, History.fromTheStart().held("one", cart("GHOST", 1)));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CommitOutcome.Frozen.class,
                        frozen -> assertThat(frozen.why()).contains("GHOST"));
        assertThat(db.rowsOf("ledger", lane)).isZero();
    }

    @Test
    void aSkuThatIsPutUpTwiceFreezesTheLane() {
        commit(0, History.fromTheStart().stock("A", 2));

        CommitOutcome outcome = commit(1, History.after(1).stock("A", 2));

        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.stock(lane, "A")).isEqualTo("2/0/0 of 2");
    }

    @Test
    void theLaneStopsAtAnEntryThatPostgresqlCannotTakeAndWhatIsBeforeItIsRecorded() {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", ONE_A)
                .heldAs("held\0two", "two", ONE_A)
                .held("three", ONE_A)
                .held("four", ONE_A);

        CommitOutcome outcome = commit(0, history);

        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.recordedSeq(lane)).isEqualTo(3);
        assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(2);
        assertThat(db.text("""
                        select seq || ' ' || entry || ' ' || state || ' ' || stops_lane || ' ' || reservation_id
                        from dead_letters where sale_id = $1
                        """, lane.saleId().value())).isEqualTo("3 held\\u0000two waiting true " + History.id("two"));
        assertThat(db.text(
                        "select problem from dead_letters where sale_id = $1",
                        lane.saleId().value()))
                .contains("0x00");
        assertThat(db.text("""
                        select i.kind || ' ' || i.units from incidents i
                        join dead_letters d on i.subject = d.dead_letter_id::text
                        where i.sale_id = $1 and i.state = 'open'
                        """, lane.saleId().value())).isEqualTo("dead-letter 1");
        assertThat(await(db.books.sales().find(lane.saleId())))
                .map(ListedSale::laneState)
                .contains(ListedSale.LaneState.FROZEN);
    }

    /** All at once, and each by itself: with the units of another hold the counts would add up. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void theLaneStopsAtAnEntryThatEndsAReservationWithOtherLines(int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("other", cart("A", 4))
                .held("one", ONE_A)
                .extended("one", ONE_A)
                .confirmed("one", cart("A", 5));

        CommitOutcome outcome = commitSome(history, atOnce);

        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.stock(lane, "A")).isEqualTo("5/5/0 of 10");
        assertThat(db.recordedSeq(lane)).isEqualTo(5);
        assertThat(found("one").state()).isEqualTo(ReservationState.HELD);
        assertThat(db.text(
                        "select problem from dead_letters where sale_id = $1 and seq = 5",
                        lane.saleId().value()))
                .contains("lines_change_by_replacement_only");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100})
    void theLaneStopsAtAReplacementOfLinesThatTheReservationDoesNotHave(int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("other", cart("A", 4))
                .held("one", ONE_A)
                .replaced("one", cart("A", 3), cart("A", 2));

        CommitOutcome outcome = commitSome(history, atOnce);

        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.stock(lane, "A")).isEqualTo("5/5/0 of 10");
        assertThat(db.text(
                        "select problem from dead_letters where sale_id = $1 and seq = 4",
                        lane.saleId().value()))
                .contains("lines change by a replacement only");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void linesThatAreReplacedMayEndHoweverTheEntriesCome(int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .stock("B", 10)
                .held("one", cart("A", 1, "B", 2))
                .replaced("one", cart("A", 1, "B", 2), cart("B", 3))
                .replaced("one", cart("B", 3), cart("A", 4))
                .confirmed("one", cart("A", 4));

        CommitOutcome outcome = commitSome(history, atOnce);

        assertThat(outcome).isInstanceOf(CommitOutcome.Recorded.class);
        assertThat(db.stock(lane, "A")).isEqualTo("6/0/4 of 10");
        assertThat(db.stock(lane, "B")).isEqualTo("10/0/0 of 10");
        assertThat(db.laneState(lane)).isEqualTo("open");
    }

    /** With the units of another hold the counts would add up. */
    @ParameterizedTest
    @CsvSource({
        "expired,1",
        "expired,100",
        "released,1",
        "released,100",
        "reclaimed,1",
        "reclaimed,100",
        "confirmed,1",
        "confirmed,100"
    })
    void theLaneStopsAtAnEntryThatGoesOnWithWhatIsConfirmed(String how, int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("other", cart("A", 4))
                .held("one", cart("A", 2))
                .confirmed("one", cart("A", 2));
        goOn(history, how, cart("A", 2)).held("later", cart("A", 1));

        commitSome(history, atOnce);

        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.stock(lane, "A")).isEqualTo("4/4/2 of 10");
        assertThat(found("one").state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(problemOf(5))
                .contains(
                        History.id("one").value(),
                        "is confirmed in PostgreSQL, revision 2",
                        "became " + how,
                        "revision 3",
                        "discard the dead letter",
                        "rebuild");
    }

    @ParameterizedTest
    @CsvSource({"released,confirmed", "released,expired", "expired,confirmed", "expired,released", "released,reclaimed"
    })
    void theLaneStopsAtAnEntryThatGoesOnWithWhatHasEnded(String ended, String how) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("other", cart("A", 4))
                .held("one", cart("A", 2));
        goOn(history, ended, cart("A", 2));
        goOn(history, how, cart("A", 2));

        commitSome(history, 1);

        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.stock(lane, "A")).isEqualTo("6/4/0 of 10");
        assertThat(problemOf(5)).contains("is " + ended + " in PostgreSQL", "became " + how);
    }

    @Test
    void whatExpiredMayBeReclaimed() {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .expired("one", cart("A", 2))
                .reclaimed("one", cart("A", 2))
                .confirmed("one", cart("A", 2))
                .reclaimed("lost", cart("A", 1));

        CommitOutcome outcome = commitSome(history, 1);

        assertThat(outcome).isInstanceOf(CommitOutcome.Recorded.class);
        assertThat(db.stock(lane, "A")).isEqualTo("7/1/2 of 10");
    }

    @ParameterizedTest
    @CsvSource({
        "expired,1",
        "expired,100",
        "released,1",
        "released,100",
        "confirmed,1",
        "confirmed,100",
        "extended,1",
        "replaced,100"
    })
    void theLaneStopsAtAnEntryOfAReservationThatWasNeverHeld(String how, int atOnce) {
        History history = History.fromTheStart().stock("A", 10).held("other", cart("A", 4));
        goOn(history, how, cart("A", 2)).held("later", cart("A", 1));

        commitSome(history, atOnce);

        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.recordedSeq(lane)).isEqualTo(3);
        assertThat(db.stock(lane, "A")).isEqualTo("6/4/0 of 10");
        assertThat(await(db.books.reservations().find(lane.saleId(), History.id("foreign"))))
                .isEmpty();
        assertThat(problemOf(3)).contains("is not in PostgreSQL", "became " + how);
    }

    /** Redis went back to a value that it had before: its entry repeats a revision that is recorded, and says something else. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void theLaneStopsAtAnotherEndUnderARevisionThatIsRecorded(int atOnce) {
        LedgerEntry expiredAgain = History.after(3)
                .held("one", cart("A", 2))
                .expired("one", cart("A", 2))
                .entries()
                .getLast();
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("other", cart("A", 4))
                .held("one", cart("A", 2))
                .confirmed("one", cart("A", 2))
                .add(expiredAgain);

        commitSome(history, atOnce);

        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.stock(lane, "A")).isEqualTo("4/4/2 of 10");
        assertThat(problemOf(5)).contains("is confirmed in PostgreSQL, revision 2", "became expired, revision 2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void theLaneStopsAtAnEndWithAnotherDeadline(int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .expired("one", cart("A", 2))
                .lastAs(end -> with(end, end.revision(), end.expiresAtMs() - 1, end.customerId()));

        commitSome(history, atOnce);

        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
        assertThat(problemOf(3))
                .contains("is held until 2025-11-20T12:01:00.123Z in PostgreSQL", "2025-11-20T12:01:00.122Z");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void theLaneStopsAtAnEntryOfAnotherCustomer(int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .confirmed("one", cart("A", 2))
                .lastAs(end -> with(end, end.revision(), end.expiresAtMs(), new CustomerId("bob")));

        commitSome(history, atOnce);

        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
        assertThat(problemOf(3)).contains("is held by customer c-one in PostgreSQL", "for customer bob");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void theLaneStopsAtARevisionThatIsNotTheNextOne(int atOnce) {
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .confirmed("one", cart("A", 2))
                .lastAs(end -> with(end, 7, end.expiresAtMs(), end.customerId()));

        commitSome(history, atOnce);

        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
        assertThat(problemOf(3)).contains("is held in PostgreSQL, revision 1", "became confirmed, revision 7");
    }

    @Test
    void aLaneWhoseEntryContradictsDoesNotKeepOthersFromBeingRecorded() {
        Lane other = db.openLane();
        List<LedgerEntry> wrong =
                History.fromTheStart().stock("A", 10).expired("one", ONE_A).entries();
        List<LedgerEntry> right =
                History.fromTheStart().stock("A", 10).held("one", ONE_A).entries();

        await(db.books.ledger().commit(List.of(new Batch(lane, 0, wrong, "r"), new Batch(other, 0, right, "r"))));

        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.stock(other, "A")).isEqualTo("9/1/0 of 10");
    }

    @CanIgnoreReturnValue
    private static History goOn(History history, String how, Cart cart) {
        String name = history.entries().stream().anyMatch(entry -> entry.text().endsWith(" one")) ? "one" : "foreign";
        return switch (how) {
            case "confirmed" -> history.confirmed(name, cart);
            case "released" -> history.released(name, cart);
            case "expired" -> history.expired(name, cart);
            case "reclaimed" -> history.reclaimed(name, cart);
            case "extended" -> history.extended(name, cart);
            case "replaced" -> history.replaced(name, cart, cart("A", 3));
            default -> throw new IllegalArgumentException(how);
        };
    }

    private static Transition with(Transition entry, long revision, long expiresAtMs, CustomerId customerId) {
        return new Transition(
                entry.seq(),
                entry.text(),
                entry.kind(),
                entry.id(),
                entry.heldAtMs(),
                revision,
                entry.atMs(),
                expiresAtMs,
                entry.fingerprint(),
                customerId,
                entry.cart(),
                entry.previous());
    }

    private String problemOf(long seq) {
        return db.text(
                "select problem from dead_letters where sale_id = $1 and seq = " + seq,
                lane.saleId().value());
    }

    @CanIgnoreReturnValue
    private CommitOutcome commitSome(History history, int atOnce) {
        List<LedgerEntry> entries = history.entries();
        CommitOutcome last = null;
        for (int from = 0; from < entries.size(); from += atOnce) {
            last = commit(from, entries.subList(from, Math.min(from + atOnce, entries.size())));
        }
        return Objects.requireNonNull(last);
    }

    @Test
    void theLaneStopsAtAnEntryThatNobodyCanReadBecauseItMayMoveUnits() {
        History history = History.fromTheStart()
                .stock("A", 10)
                .unreadable("what\0is this")
                .held("one", ONE_A);

        CommitOutcome outcome = commit(0, history);

        assertThat(outcome).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.laneState(lane)).isEqualTo("frozen");
        assertThat(db.recordedSeq(lane)).isEqualTo(2);
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
        assertThat(db.text(
                        "select entry from dead_letters where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("what\\u0000is this");
        assertThat(db.text(
                        "select kind from incidents where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("dead-letter");
    }

    @Test
    void aDeadLetterThatMovesNothingHasItsIncidentAndTheSaleGoesOn() {
        History history =
                History.fromTheStart().stock("A", 10).audit("one").audit("one").held("one", ONE_A);

        CommitOutcome outcome = commit(0, history);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CommitOutcome.Recorded.class,
                        recorded -> assertThat(recorded.recordedSeq()).isEqualTo(4));
        assertThat(db.laneState(lane)).isEqualTo("open");
        assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
        assertThat(db.text(
                        "select kind from incidents where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("dead-letter-without-units");
    }

    @Test
    void aFailureThatWasOfTheMomentPutsNothingAside() {
        db.sql("create sequence refused_once");
        db.sql("""
                create function refuse_once() returns trigger language plpgsql as $$
                begin
                    if new.customer_id = 'c-once' and nextval('refused_once') = 1 then
                        raise exception 'only now' using errcode = 'numeric_value_out_of_range';
                    end if;
                    return new;
                end
                $$
                """);
        db.sql("""
                create trigger refuse_once before insert on reservations for each row execute function refuse_once()
                """);

        CommitOutcome outcome = commit(0, History.fromTheStart().stock("A", 10).held("once", ONE_A));

        db.sql("drop trigger refuse_once on reservations");
        assertThat(outcome).isEqualTo(new CommitOutcome.Recorded(2, List.of()));
        assertThat(db.number("select last_value from refused_once")).isGreaterThanOrEqualTo(1);
        assertThat(db.rowsOf("dead_letters", lane)).isZero();
        assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
    }

    @Test
    void anotherRecordersLeaseIsRespected() {
        await(db.books.leases().renew("node"));
        commit(0, History.fromTheStart().stock("A", 10));

        CommitOutcome outcome = await(db.books
                .ledger()
                .commit(lane, 1, History.after(1).held("one", ONE_A).entries(), "other-node"));

        assertThat(outcome).isInstanceOf(CommitOutcome.LostRace.class);
    }

    @Test
    void timesAreKeptToTheMillisecond() {
        commit(0, History.fromTheStart().stock("A", 10).held("one", ONE_A));

        Reservation one = found("one");

        assertThat(one.heldAtMs()).isEqualTo(History.HELD_AT_MS);
        assertThat(one.expiresAtMs()).isEqualTo(History.HELD_AT_MS + History.HOLD_MS);
        assertThat(one.recorded()).isTrue();
    }

    private Lane nextEpoch() {
        db.sql("""
                update lanes set epoch = nextval('lane_epoch'), recorded_seq = 0, version = version + 1 where sale_id = $1
                """, lane.saleId().value());
        return await(db.books.sales().refresh(lane.saleId())).orElseThrow().lane();
    }

    private Reservation found(String name) {
        return await(db.books.reservations().find(lane.saleId(), History.id(name)))
                .orElseThrow();
    }

    @CanIgnoreReturnValue
    private CommitOutcome commit(long recordedSeq, History history) {
        return commit(recordedSeq, history.entries());
    }

    @CanIgnoreReturnValue
    private CommitOutcome commit(long recordedSeq, List<LedgerEntry> batch) {
        return await(db.books.ledger().commit(lane, recordedSeq, batch, "node"));
    }
}
