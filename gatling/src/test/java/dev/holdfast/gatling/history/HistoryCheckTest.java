package dev.holdfast.gatling.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checker is itself checked: each wrong figure is planted into a run that is correct without it. */
class HistoryCheckTest {
    private static final String SKU = "SKU-0";
    private static final long CAPACITY = 10;
    private static final long LIMIT = 4;

    private final Journal journal = new Journal();

    /** Three units sold to a, two given back by b, one that c let expire. */
    private HistoryCheckTest() {
        hold("a-1", "a", 3, 1_000, 9_000);
        journal.ended("a-1", new End(End.Kind.CONFIRMED, 2_000));
        hold("b-1", "b", 2, 1_000, 9_000);
        journal.ended("b-1", new End(End.Kind.RELEASED, 3_000));
        hold("c-1", "c", 1, 1_000, 9_000);
    }

    @Test
    void aRunInWhichAllIsRightIsCorrect() {
        Books books = books(new StockCounts(CAPACITY, 7, 0, 3));

        Verdict verdict = judge(books);

        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict).isEqualTo(new Verdict(new StockCounts(CAPACITY, 7, 0, 3), 3, 0, 0, 0, true, List.of()));
    }

    @Test
    void moreSalesThanUnitsAreOversold() {
        for (String customer : List.of("d", "e", "f")) {
            hold(customer + "-1", customer, 3, 4_000, 9_000);
            journal.ended(customer + "-1", new End(End.Kind.CONFIRMED, 5_000));
        }

        Verdict verdict = judge(books(new StockCounts(CAPACITY, 0, 0, 12)));

        assertThat(verdict.oversold()).isEqualTo(3);
        assertThat(verdict.correct()).isFalse();
    }

    @Test
    void aUnitThatTwoHadForAMomentIsOversoldThoughAllAddsUpInTheEnd() {
        hold("d-1", "d", 4, 1_500, 9_000);
        journal.ended("d-1", new End(End.Kind.RELEASED, 1_600));
        hold("e-1", "e", 1, 1_599, 9_000);

        Verdict verdict = judge(books(new StockCounts(CAPACITY, 7, 0, 3)));

        assertThat(verdict.oversold()).isEqualTo(1);
        assertThat(verdict.findings()).singleElement().asString().contains("11 units were taken at the same time");
    }

    @Test
    void aUnitMayBeTakenInTheMillisecondInWhichItComesBack() {
        hold("d-1", "d", 4, 1_500, 9_000);
        journal.ended("d-1", new End(End.Kind.RELEASED, 1_600));
        hold("e-1", "e", 4, 1_600, 9_000);
        hold("f-1", "f", 3, 9_000, 19_000);

        assertThat(judge(books(new StockCounts(CAPACITY, 7, 0, 3))).findings()).isEmpty();
    }

    @Test
    void aUnitThatStaysHeldIsLeaked() {
        Verdict verdict = judge(books(new StockCounts(CAPACITY, 6, 1, 3)));

        assertThat(verdict.leaked()).isEqualTo(1);
        assertThat(verdict.correct()).isFalse();
    }

    @Test
    void aUnitThatNobodyHasIsLeaked() {
        Verdict verdict = judge(books(new StockCounts(CAPACITY, 6, 0, 3)));

        assertThat(verdict.leaked()).isEqualTo(1);
        assertThat(verdict.findings()).anyMatch(finding -> finding.contains("does not add up"));
    }

    @Test
    void aUnitSoldToNobodyIsLeaked() {
        Verdict verdict = judge(books(new StockCounts(CAPACITY, 6, 0, 4)));

        assertThat(verdict.leaked()).isEqualTo(1);
    }

    @Test
    void anAcknowledgedSaleThatTheBooksDoNotHaveIsFound() {
        Verdict verdict = judge(books(new StockCounts(CAPACITY, 8, 0, 2)));

        assertThat(verdict.findings()).containsExactly("SKU-0: 2 units are sold, buyers were told of 3");
    }

    @Test
    void aBuyerOverTheLimitIsFoundAlsoIfOnlyForAMoment() {
        hold("b-2", "b", 3, 2_999, 9_000);

        Verdict verdict = judge(books(new StockCounts(CAPACITY, 7, 0, 3)));

        assertThat(verdict.overLimit()).isEqualTo(1);
        assertThat(verdict.correct()).isFalse();
    }

    @Test
    void aKeyThatHeldTwiceIsFound() {
        journal.held("a-1", new Hold("another", "a", List.of(new Line(SKU, 1)), 1_000, 9_000));

        assertThat(judge(books(new StockCounts(CAPACITY, 7, 0, 3))).findings())
                .containsExactly("1 times a key was answered with a second reservation");
    }

    @Test
    void aReservationThatEndedTwiceIsFound() {
        journal.ended("a-1", new End(End.Kind.RELEASED, 4_000));

        assertThat(judge(books(new StockCounts(CAPACITY, 7, 0, 3))).findings())
                .containsExactly("1 times a reservation ended in a second way");
    }

    @Test
    void anAnswerThatCameAgainChangesNothing() {
        hold("a-1", "a", 3, 1_000, 9_000);
        journal.ended("a-1", new End(End.Kind.CONFIRMED, 2_000));

        assertThat(judge(books(new StockCounts(CAPACITY, 7, 0, 3))).findings()).isEmpty();
    }

    @Test
    void aSaleWhoseAnswerWasLostMayBeInTheBooksOrNot() {
        journal.ended("c-1", new End(End.Kind.UNKNOWN, 0));

        assertThat(judge(books(new StockCounts(CAPACITY, 7, 0, 3))).findings()).isEmpty();
        assertThat(judge(books(new StockCounts(CAPACITY, 6, 0, 4))).findings()).isEmpty();
        assertThat(judge(books(new StockCounts(CAPACITY, 5, 0, 5))).findings()).isNotEmpty();
    }

    @Test
    void postgresThatDiffersFromRedisIsFound() {
        StockCounts redis = new StockCounts(CAPACITY, 7, 0, 3);
        StockCounts postgres = new StockCounts(CAPACITY, 8, 0, 2);
        Books books = new Books(Map.of(SKU, CAPACITY), Map.of(SKU, redis), Map.of(SKU, postgres), true);

        Verdict verdict = judge(books);

        assertThat(verdict.recorded()).isFalse();
        assertThat(verdict.findings()).singleElement().asString().startsWith("SKU-0: PostgreSQL has");
    }

    @Test
    void anAuditThatDoesNotBalanceIsFound() {
        Map<String, StockCounts> counts = Map.of(SKU, new StockCounts(CAPACITY, 7, 0, 3));

        Verdict verdict = judge(new Books(Map.of(SKU, CAPACITY), counts, counts, false));

        assertThat(verdict.findings()).containsExactly("the audit says that the books do not balance");
    }

    @Test
    void aSkuThatIsMissingFromTheBooksIsFound() {
        Verdict verdict = judge(new Books(Map.of(SKU, CAPACITY), Map.of(), Map.of(), true));

        assertThat(verdict.leaked()).isEqualTo(7);
        assertThat(verdict.correct()).isFalse();
    }

    @Test
    void aRunWithoutAnyHoldProvesNothing() {
        Map<String, StockCounts> counts = Map.of(SKU, new StockCounts(CAPACITY, CAPACITY, 0, 0));

        Verdict verdict =
                HistoryCheck.judge(new Journal(), new Books(Map.of(SKU, CAPACITY), counts, counts, true), LIMIT);

        assertThat(verdict.findings()).containsExactly("no hold was accepted, so nothing was checked");
    }

    private void hold(String reservationId, String customer, int quantity, long heldAtMs, long expiresAtMs) {
        journal.held(
                reservationId,
                new Hold(reservationId, customer, List.of(new Line(SKU, quantity)), heldAtMs, expiresAtMs));
    }

    private static Books books(StockCounts counts) {
        return new Books(Map.of(SKU, CAPACITY), Map.of(SKU, counts), Map.of(SKU, counts), true);
    }

    private Verdict judge(Books books) {
        return HistoryCheck.judge(journal, books, LIMIT);
    }
}
