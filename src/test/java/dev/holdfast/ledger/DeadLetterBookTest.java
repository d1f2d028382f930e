package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What could not be recorded is recorded after all, once, or is said not to be wanted. */
class DeadLetterBookTest {

    private static final Cart TWO_A = cart("A", 2);
    private static final AdminAction REPLAY = new AdminAction(
            new Author("alice", "ops", "trace-1"), AdminAction.Kind.DEAD_LETTER_REPLAYED, "the table is mended");
    private static final AdminAction DISCARD =
            new AdminAction(new Author("alice", "ops", "trace-2"), AdminAction.Kind.DEAD_LETTER_DISCARDED, "a drill");

    private static TestBooks db;

    /** What each text says, in place of what reads the entries of Redis. */
    private final Map<String, LedgerEntry> readable = new HashMap<>();

    private DeadLetterBook book;
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
    void aLaneWithTenUnits() {
        book = new DeadLetterBook(
                db.postgres,
                db.books.sales(),
                (seq, text) ->
                        readable.getOrDefault(text, new LedgerEntry.Unreadable(seq, text, "unknown kind of entry")));
        lane = db.openLane();
        commit(0, History.fromTheStart().stock("A", 10));
    }

    @Test
    void anEntryThatIsMendedIsInTheBooksOnceAndWhoDidItIsInTheTrail() {
        DeadLetter letter = heldByAnUnreadableName("one", TWO_A);

        LetterOutcome first = await(book.replay(REPLAY, letter.id(), "held one"));
        LetterOutcome second = await(book.replay(REPLAY.because("once more"), letter.id(), "held one"));

        LetterOutcome.Settled settled = (LetterOutcome.Settled) first;
        assertThat(settled.again()).isFalse();
        assertThat(settled.letter().state()).isEqualTo(DeadLetter.State.REPLAYED);
        assertThat(settled.letter().settlement().tookEffect()).isTrue();
        assertThat(settled.letter().settlement().mendedEntry()).isEqualTo("held one");
        assertThat(settled.letter().settlement().by()).isEqualTo("alice");
        assertThat(settled.next().call()).startsWith("POST /v1/admin/sales/" + lane.saleId() + "/rebuild {");
        assertThat(second).isInstanceOfSatisfying(LetterOutcome.Settled.class, again -> {
            assertThat(again.again()).isTrue();
            assertThat(again.letter()).isEqualTo(settled.letter());
        });
        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
        assertThat(db.rowsOf("reservations", lane)).isEqualTo(1);
        assertThat(db.text(
                        "select string_agg(seq || ' ' || entry, ',' order by seq) from ledger where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("1 stock A,2 held one");
        assertThat(db.text("""
                        select actor || ' ' || action || ' ' || reason || ' ' || (before ->> 'state') || ' ' || (after ->> 'state')
                        from admin_actions where sale_id = $1 and action like 'dead-letter.%'
                        """, lane.saleId().value()))
                .isEqualTo("alice dead-letter.replayed the table is mended waiting replayed");
        assertThat(db.text(
                        "select state || ' ' || resolved_by from incidents where sale_id = $1",
                        lane.saleId().value()))
                .isEqualTo("resolved alice");
        assertThat(db.laneState(lane)).isEqualTo("frozen");
    }

    @Test
    void whatIsReplayedOtherwiseAfterwardsIsRefused() {
        DeadLetter letter = heldByAnUnreadableName("one", TWO_A);
        readable("held more", History.after(1).held("one", cart("A", 3)));
        await(book.replay(REPLAY, letter.id(), "held one"));

        LetterOutcome other = await(book.replay(REPLAY, letter.id(), "held more"));
        LetterOutcome discarded = await(book.discard(DISCARD, letter.id()));

        assertThat(other).isInstanceOf(LetterOutcome.SettledOtherwise.class);
        assertThat(discarded).isInstanceOf(LetterOutcome.SettledOtherwise.class);
        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
    }

    @Test
    void whatTheBooksHaveInALaterStateChangesNothing() {
        DeadLetter letter = heldByAnUnreadableName("one", TWO_A);
        open(lane);
        History later = History.after(2).held("one", TWO_A).released("one", TWO_A);
        commit(2, later);
        String before = db.stock(lane, "A");

        LetterOutcome outcome = await(book.replay(REPLAY, letter.id(), "held one"));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        LetterOutcome.Settled.class,
                        settled -> assertThat(settled.letter().settlement().tookEffect())
                                .isFalse());
        assertThat(db.stock(lane, "A")).isEqualTo(before);
        assertThat(db.laneState(lane)).isEqualTo("open");
    }

    @Test
    void whatTheBooksLackTheBeginningOfIsRefused() {
        History history = History.after(1).held("one", TWO_A).extended("one", TWO_A);
        LedgerEntry confirmed = history.confirmed("one", TWO_A).entries().getLast();
        readable.put("confirmed one", confirmed);
        DeadLetter letter = unreadableAfter(1);

        LetterOutcome outcome = await(book.replay(REPLAY, letter.id(), "confirmed one"));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        LetterOutcome.NotNow.class, not -> assertThat(not.why()).contains("revision 3", "revision 0"));
        assertThat(db.rowsOf("reservations", lane)).isZero();
        assertThat(await(book.find(letter.id())).orElseThrow().state()).isEqualTo(DeadLetter.State.WAITING);
    }

    @Test
    void whatWouldNotAddUpIsRefusedAndChangesNothing() {
        DeadLetter letter = heldByAnUnreadableName("one", cart("A", 11));

        LetterOutcome outcome = await(book.replay(REPLAY, letter.id(), "held one"));

        assertThat(outcome).isInstanceOf(LetterOutcome.NotNow.class);
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
        assertThat(db.rowsOf("reservations", lane)).isZero();
        assertThat(db.number(
                        "select count(*) from admin_actions where sale_id = $1 and action like 'dead-letter.%'",
                        lane.saleId().value()))
                .isZero();
    }

    @Test
    void whatNobodyCanReadOrPostgresCannotStoreIsRefused() {
        DeadLetter letter = heldByAnUnreadableName("one", TWO_A);
        readable("held\0one", History.after(1).heldAs("held\0one", "one", TWO_A));

        LetterOutcome asItIs = await(book.replay(REPLAY, letter.id(), null));
        LetterOutcome stillBroken = await(book.replay(REPLAY, letter.id(), "held\0one"));
        LetterOutcome nowhere = await(book.replay(REPLAY, Long.MAX_VALUE, null));

        assertThat(asItIs)
                .isInstanceOfSatisfying(
                        LetterOutcome.Unusable.class,
                        unusable -> assertThat(unusable.why()).isEqualTo("unknown kind of entry"));
        assertThat(stillBroken).isInstanceOf(LetterOutcome.Unusable.class);
        assertThat(nowhere).isInstanceOf(LetterOutcome.NoSuchLetter.class);
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
    }

    @Test
    void anEntryOfAnEarlierEpochStopsASaleThatSellsWithoutIt() {
        DeadLetter letter = heldByAnUnreadableName("one", TWO_A);
        rebuild();
        assertThat(db.laneState(lane)).isEqualTo("open");

        LetterOutcome outcome = await(book.replay(REPLAY, letter.id(), "held one"));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        LetterOutcome.Settled.class,
                        settled -> assertThat(settled.next().call()).contains("/rebuild {\"reason\":"));
        assertThat(db.laneState(lane)).isEqualTo("recovering");
        assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
    }

    @Test
    void whatIsSentToRedisAgainByItselfIsNotReplayedAfterARebuild() {
        readable("stock B", History.after(1).stock("B", 5));
        DeadLetter letter = unreadableAfter(1);
        rebuild();

        LetterOutcome outcome = await(book.replay(REPLAY, letter.id(), "stock B"));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        LetterOutcome.NotNow.class, not -> assertThat(not.why()).contains("by itself"));
        assertThat(db.laneState(lane)).isEqualTo("open");
    }

    @Test
    void stockAndAdjustmentsAreReplayedOnceToo() {
        Adjustment more = new Adjustment(1, "more", new Sku("B"), 2, 5, 9, false);
        readable("stock B", History.after(1).stock("B", 5));
        readable("adjusted B", History.after(2).adjusted("B", more, 0));
        DeadLetter stock = unreadableAfter(1);
        open(lane);
        DeadLetter adjusted = unreadableAfter(2);
        open(lane);
        DeadLetter again = unreadableAfter(3);

        await(book.replay(REPLAY, stock.id(), "stock B"));
        await(book.replay(REPLAY, adjusted.id(), "adjusted B"));
        LetterOutcome twice = await(book.replay(REPLAY, again.id(), "adjusted B"));

        assertThat(db.stock(lane, "B")).isEqualTo("9/0/0 of 9");
        assertThat(((LetterOutcome.Settled) twice).letter().settlement().tookEffect())
                .isFalse();
    }

    @Test
    void oneThatIsNotWantedIsDiscardedAndSaysWhatToDoNext() {
        DeadLetter first = unreadableAfter(1);
        open(lane);
        DeadLetter second = unreadableAfter(2);

        LetterOutcome.Settled one = (LetterOutcome.Settled) await(book.discard(DISCARD, first.id()));
        LetterOutcome.Settled two = (LetterOutcome.Settled) await(book.discard(DISCARD, second.id()));
        LetterOutcome.Settled again = (LetterOutcome.Settled) await(book.discard(DISCARD, second.id()));

        assertThat(one.next().call()).contains("/v1/admin/dead-letters?saleId=");
        assertThat(two.next().call()).contains("/rebuild {\"reason\":");
        assertThat(again.again()).isTrue();
        assertThat(await(book.waiting(lane.saleId()))).isZero();
        assertThat(db.number(
                        "select count(*) from incidents where sale_id = $1 and state = 'open'",
                        lane.saleId().value()))
                .isZero();
        assertThat(db.recordedSeq(lane)).isEqualTo(3);
    }

    @Test
    void whileTheLaneIsRebuiltTheBooksStayAsTheyAre() {
        DeadLetter letter = heldByAnUnreadableName("one", TWO_A);
        await(db.books.rebuilds().begin(lane.saleId(), RebuildSource.POSTGRES, 0, TestBooks.ACTION));

        LetterOutcome outcome = await(book.replay(REPLAY, letter.id(), "held one"));

        assertThat(outcome).isInstanceOf(LetterOutcome.Rebuilding.class);
        assertThat(db.stock(lane, "A")).isEqualTo("10/0/0 of 10");
    }

    @Test
    void theyAreFoundBySaleAndState() {
        DeadLetter first = unreadableAfter(1);
        open(lane);
        DeadLetter second = unreadableAfter(2);
        await(book.discard(DISCARD, first.id()));

        assertThat(found(null)).containsExactly(second.id(), first.id());
        assertThat(found(DeadLetter.State.WAITING)).containsExactly(second.id());
        assertThat(found(DeadLetter.State.DISCARDED)).containsExactly(first.id());
        assertThat(found(DeadLetter.State.REPLAYED)).isEmpty();
        assertThat(await(book.find(new DeadLetterBook.Query(null, null), null, 1))
                        .items())
                .extracting(DeadLetter::id)
                .containsExactly(second.id());
        assertThat(await(book.waiting(lane.saleId()))).isEqualTo(1);
    }

    private List<Long> found(DeadLetter.State state) {
        return await(book.find(new DeadLetterBook.Query(lane.saleId(), state), null, 10)).items().stream()
                .map(DeadLetter::id)
                .toList();
    }

    /** A hold that PostgreSQL cannot store; mended it is "held" and its name. */
    private DeadLetter heldByAnUnreadableName(String name, Cart cart) {
        readable("held " + name, History.after(1).held(name, cart));
        commit(1, History.after(1).heldAs("held\0" + name, name, cart));
        return latest();
    }

    private DeadLetter unreadableAfter(long seq) {
        commit(seq, History.after(seq).unreadable("?"));
        return latest();
    }

    private DeadLetter latest() {
        return await(book.find(new DeadLetterBook.Query(lane.saleId(), null), null, 1))
                .items()
                .getFirst();
    }

    private void readable(String text, History history) {
        readable.put(text, history.entries().getLast());
    }

    /** As it was for those that sold on after a dead letter. */
    private static void open(Lane lane) {
        db.sql(
                "update lanes set state = 'open', version = version + 1 where sale_id = $1",
                lane.saleId().value());
    }

    private void rebuild() {
        Rebuild rebuild = await(db.books.rebuilds().begin(lane.saleId(), RebuildSource.POSTGRES, 0, TestBooks.ACTION))
                .orElseThrow();
        await(db.books.rebuilds().turn(rebuild, rebuild.to(), 0));
        await(db.books.rebuilds().open(rebuild, 0, 0, false));
    }

    @CanIgnoreReturnValue
    private CommitOutcome commit(long recordedSeq, History history) {
        return await(db.books.ledger().commit(lane, recordedSeq, history.entries(), "node"));
    }
}
