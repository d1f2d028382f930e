package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.FoundCount;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditBookTest {

    private static final Sku A = new Sku("A");

    private static TestBooks db;

    private final String auditId = UUID.randomUUID().toString();
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
    void anAuditComparesTheBooksAsTheyAreAtItsOwnPlace() {
        StockCount there = new StockCount(A, 10, 8, 2, 0, 1);
        History history = History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .audit(auditId, there)
                .held("two", cart("A", 3));

        AuditVerdict verdict = audited(history);

        assertThat(verdict).isEqualTo(new AuditVerdict(auditId, true, 0, 0));
        assertThat(db.text(
                        "select concat_ws(' ', seq, items, skus, capacity, available, held, sold) from audits where audit_id = $1",
                        auditId))
                .as("sums, and nothing of what is equal")
                .isEqualTo("3 [] 1 10 8 2 0");
        assertThat(db.stock(lane, "A")).isEqualTo("5/5/0 of 10");
    }

    @Test
    void everyAuditOfABatchHasItsOwnPlace() {
        String second = UUID.randomUUID().toString();
        History history = History.fromTheStart()
                .stock("A", 10)
                .audit(auditId, new StockCount(A, 10, 10, 0, 0, 1))
                .audit(second, new StockCount(A, 10, 10, 0, 0, 1))
                .held("one", cart("A", 1));

        audited(history);

        assertThat(db.number(
                        "select count(*) from audits where balanced and (audit_id, seq) in (($1, 2), ($2, 3))",
                        auditId,
                        second))
                .isEqualTo(2);
    }

    @Test
    void aPlantedDifferenceIsFound() {
        History history = History.fromTheStart().stock("A", 10).audit(auditId, new StockCount(A, 10, 7, 1, 2, 1));

        AuditVerdict verdict = audited(history);

        assertThat(verdict).isEqualTo(new AuditVerdict(auditId, false, 3, 0));
        assertThat(report().items().getFirst().drift()).isEqualTo(3);
    }

    @Test
    void unitsSoldBeyondCapacityAreCounted() {
        History history = History.fromTheStart().stock("A", 10).audit(auditId, new StockCount(A, 10, -2, 0, 12, 1));

        AuditVerdict verdict = audited(history);

        assertThat(verdict.oversoldUnits()).isEqualTo(2);
        assertThat(verdict.balanced()).isFalse();
    }

    @Test
    void aSkuThatOneSideDoesNotKnowIsADifference() {
        History history = History.fromTheStart()
                .stock("A", 10)
                .stock("EMPTY", 0)
                .audit(auditId, new StockCount(new Sku("B"), 5, 5, 0, 0, 1));

        AuditVerdict verdict = audited(history);

        assertThat(verdict.driftUnits()).isEqualTo(10 + 5 + 1);
        assertThat(report().items())
                .extracting(AuditReport.Item::sku, item -> item.redis() == null, item -> item.postgres() == null)
                .containsExactly(
                        tuple(A, true, false), tuple(new Sku("B"), false, true), tuple(new Sku("EMPTY"), true, false));
    }

    @Test
    void booksAreBroughtToTheEntryAtWhichRedisWasRead() {
        audited(History.fromTheStart()
                .stock("A", 10)
                .held("one", cart("A", 2))
                .audit(auditId, new StockCount(A, 10, 8, 2, 0, 1)));
        List<LedgerEntry> waiting = History.after(3)
                .held("two", cart("A", 3))
                .confirmed("one", cart("A", 2))
                .shrunk("A", 1)
                .entries();
        RecordedSlice books = await(db.books.audits().slice(lane, List.of(A))).orElseThrow();

        ComparedSlice same = ComparedSlice.of(books, waiting, 6, List.of(found("9", "4", "3", "2", "1")));
        ComparedSlice other = ComparedSlice.of(books, waiting, 6, List.of(found("9", "5", "2", "2", "1")));

        assertThat(books.recordedSeq()).isEqualTo(3);
        assertThat(same.differences()).isEmpty();
        assertThat(other.differences()).extracting(CountDifference::madeUpUnits).containsExactly(1L);
    }

    @Test
    void countsThatAreMissingOrUnreadableDiffer() {
        audited(History.fromTheStart().stock("A", 10).audit(auditId, new StockCount(A, 10, 10, 0, 0, 1)));
        RecordedSlice books = await(db.books.audits().slice(lane, List.of(A))).orElseThrow();

        ComparedSlice missing = ComparedSlice.of(books, List.of(), 2, List.of(found("", "", "", "", "")));
        ComparedSlice garbled = ComparedSlice.of(books, List.of(), 2, List.of(found("10", "1e1", "0", "0", "1")));

        assertThat(missing.differences()).singleElement().satisfies(difference -> {
            assertThat(difference.drift()).isEqualTo(10);
            assertThat(difference.madeUpUnits()).isZero();
        });
        assertThat(garbled.differences()).singleElement().asString().contains("available 1e1");
    }

    @Test
    void slicesAreReadForManyLanesAtOnce() {
        audited(History.fromTheStart().stock("A", 1).stock("B", 2).stock("C", 3).audit(auditId));
        Lane other = db.openLane();
        Lane gone = new Lane(other.saleId(), 0, other.epoch() - 1);

        List<RecordedSlice> slices = await(db.books
                .audits()
                .slices(
                        List.of(
                                new AuditBook.SliceAfter(lane, "A"),
                                new AuditBook.SliceAfter(other, ""),
                                new AuditBook.SliceAfter(gone, "")),
                        2));

        assertThat(slices)
                .extracting(RecordedSlice::lane, slice -> slice.counts().size())
                .containsExactlyInAnyOrder(tuple(lane, 2), tuple(other, 0));
    }

    @CanIgnoreReturnValue
    private AuditVerdict audited(History history) {
        CommitOutcome outcome = await(db.books.ledger().commit(lane, 0, history.entries(), "node"));
        return ((CommitOutcome.Recorded) outcome).audits().getFirst();
    }

    private AuditReport report() {
        return await(db.books.audits().latest(lane)).orElseThrow();
    }

    private static FoundCount found(String... texts) {
        return new FoundCount(A, List.of(texts));
    }
}
