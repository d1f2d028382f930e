package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Lane;
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
        assertThat(report())
                .isEqualTo(
                        new AuditReport(true, lane.epoch() + "-3", List.of(new AuditReport.Item(A, there, there, 0))));
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

        assertThat(report().balanced()).isTrue();
        assertThat(await(db.books.audits().find(second)).orElseThrow().position())
                .endsWith("-3");
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
    void anAuditThatWasNotReachedYetIsEmpty() {
        assertThat(await(db.books.audits().find(auditId))).isEmpty();
    }

    @CanIgnoreReturnValue
    private AuditVerdict audited(History history) {
        CommitOutcome outcome = await(db.books.ledger().commit(lane, 0, history.entries(), "node"));
        return ((CommitOutcome.Recorded) outcome).audits().getFirst();
    }

    private AuditReport report() {
        return await(db.books.audits().find(auditId)).orElseThrow();
    }
}
