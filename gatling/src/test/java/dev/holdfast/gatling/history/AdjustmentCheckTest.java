package dev.holdfast.gatling.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each wrong figure is planted into a run with adjustments that is correct without it. */
class AdjustmentCheckTest {
    private static final String SKU = "SKU-0";
    private static final long SET_UP = 10;

    private static final Adjustment DELIVERY = new Adjustment("a-1", 10, 15, 2, 0);
    private static final Adjustment COUNT = new Adjustment("a-2", 15, 12, 3, 2);

    private final Journal journal = new Journal();

    /** Five units delivered, three taken away while two of them were held; thirteen are sold in the end. */
    private AdjustmentCheckTest() {
        for (int i = 0; i < 13; i++) {
            String id = "r-" + i;
            journal.held(id, new Hold(id, id, List.of(new Line(SKU, 1)), 1_000, 9_000));
            journal.ended(id, new End(End.Kind.CONFIRMED, 2_000));
        }
        journal.adjustments().told("delivery", SKU, DELIVERY, 15);
        journal.adjustments().told("count", SKU, COUNT, 12);
    }

    @Test
    void aRunInWhichAllIsRightIsCorrect() {
        assertThat(judge(List.of(DELIVERY, COUNT), sold(13, 13)).findings()).isEmpty();
    }

    @Test
    void aCapacityThatIsNotWhatTheAdjustmentsAddUpToIsFound() {
        assertThat(judge(List.of(DELIVERY, COUNT), sold(14, 13)).findings())
                .containsExactly("SKU-0: StockCounts[capacity=14, available=1, held=0, sold=13] does not add up to 13");
    }

    @Test
    void moreSalesThanTheLastAdjustmentLeftAreOversold() {
        for (int i = 13; i < 15; i++) {
            String id = "r-" + i;
            journal.held(id, new Hold(id, id, List.of(new Line(SKU, 1)), 1_000, 9_000));
            journal.ended(id, new End(End.Kind.CONFIRMED, 2_000));
        }

        assertThat(judge(List.of(DELIVERY, COUNT), sold(15, 15)).oversold()).isEqualTo(1);
    }

    @Test
    void anAdjustmentThatDoesNotFollowTheOneBeforeIsFound() {
        Adjustment lost = new Adjustment("a-2", 10, 12, 3, 2);
        journal.adjustments().told("other count", SKU, lost, 12);

        assertThat(judge(List.of(DELIVERY, lost), sold(13, 13)).findings())
                .anyMatch(finding -> finding.contains("does not follow a capacity of 15 in version 2"));
    }

    @Test
    void anAcknowledgedAdjustmentThatTheListDoesNotHaveIsFound() {
        assertThat(judge(List.of(DELIVERY), sold(15, 13)).findings())
                .singleElement()
                .asString()
                .contains("an admin was told of Adjustment[id=a-2");
    }

    @Test
    void anAdjustmentThatNobodyAskedForIsFound() {
        Adjustment again = new Adjustment("a-3", 12, 17, 4, 0);

        assertThat(judge(List.of(DELIVERY, COUNT, again), sold(17, 13)).findings())
                .containsExactly("SKU-0: 1 adjustments were made, 0 admins got no answer");
    }

    @Test
    void anAdjustmentWhoseAnswerWasLostMayBeInTheListOrNot() {
        Adjustment again = new Adjustment("a-3", 12, 17, 4, 0);
        journal.adjustments().unanswered("lost", SKU);

        assertThat(judge(List.of(DELIVERY, COUNT, again), sold(17, 13)).findings())
                .isEmpty();
        assertThat(judge(List.of(DELIVERY, COUNT), sold(13, 13)).findings()).isEmpty();
    }

    @Test
    void aKeyThatActedTwiceIsFound() {
        Adjustment again = new Adjustment("a-3", 12, 17, 4, 0);
        journal.adjustments().told("delivery", SKU, again, 17);

        assertThat(judge(List.of(DELIVERY, COUNT, again), sold(17, 13)).findings())
                .contains("1 times a key was answered with a second adjustment");
    }

    @Test
    void anAdjustmentToSomethingElseThanAskedIsFound() {
        journal.adjustments().told("delivery", SKU, DELIVERY, 16);

        assertThat(judge(List.of(DELIVERY, COUNT), sold(13, 13)).findings())
                .containsExactly("1 times an adjustment was another than was asked for");
    }

    private Verdict judge(List<Adjustment> listed, StockCounts counts) {
        Map<String, StockCounts> stock = Map.of(SKU, counts);
        return HistoryCheck.judge(journal, new Books(Map.of(SKU, SET_UP), Map.of(SKU, listed), stock, stock, true), 4);
    }

    private static StockCounts sold(long capacity, long sold) {
        return new StockCounts(capacity, capacity - sold, 0, sold);
    }
}
