package dev.holdfast.scenario;

import static dev.holdfast.scenario.Story.ID;
import static dev.holdfast.scenario.Story.done;
import static dev.holdfast.scenario.Story.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.scenario.Observation.NotAnswered;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LivenessCheckTest {

    private final FaultLog faults = new FaultLog();
    private final Violations violations = new Violations();

    @ParameterizedTest
    @ValueSource(strings = {"recovering", "overloaded", "redis-unavailable", "postgres-unavailable", "not-sent"})
    void whatIsNotServedWithoutAFaultIsFound(String code) {
        check(new Story().said(hold("k", 1), done("held", 1, 6000), 1, 2).said(confirm(), refused(code), 10, 20));

        assertThat(violations.perRule()).containsKey("not served without a cause");
    }

    @Test
    void aFaultThatMayCauseItExplainsWhatItOverlaps() {
        faults.add("a fault", Set.of("recovering"), 15, 30);

        check(new Story()
                .said(confirm(), done("confirmed", 1, 6000), 1, 2)
                .said(confirm(), refused("recovering"), 10, 16)
                .said(confirm(), refused("recovering"), 30, 40));

        assertThat(violations.found()).isEmpty();
    }

    @Test
    void aFaultExplainsNoOtherAnswerAndNothingBeforeOrAfterIt() {
        faults.add("a fault", Set.of("recovering"), 15, 30);

        check(new Story()
                .said(confirm(), done("confirmed", 1, 6000), 1, 2)
                .said(confirm(), refused("overloaded"), 16, 20)
                .said(confirm(), refused("recovering"), 10, 14)
                .said(confirm(), refused("recovering"), 31, 40)
                .seen(new NotAnswered("stock", 0, "recovering", 31, 40)));

        assertThat(violations.perRule()).containsExactlyEntriesOf(Map.of("not served without a cause", 4));
    }

    @Test
    void aFaultOfOneNodeExplainsNothingOfAnother() {
        var unused = faults.begin("a fault", 1, Set.of("unknown"));

        check(new Story().seen(new NotAnswered("stock", 0, "unknown", System.nanoTime(), System.nanoTime())));

        assertThat(violations.perRule()).containsKey("not served without a cause");
    }

    @Test
    void whatTheClientItselfBrokeNeedsNoCause() {
        check(new Story()
                .said(confirm(), done("confirmed", 1, 6000), 1, 2)
                .said(confirm(), new Answer.Unknown(Answer.ON_PURPOSE), 10, 20));

        assertThat(violations.found()).isEmpty();
    }

    @Test
    void aVerbThatNeverSucceedsIsFound() {
        Story story = new Story().said(hold("k", 1), done("held", 1, 6000), 1, 2);
        for (int i = 0; i < 200; i++) {
            story = story.said(confirm(), refused("reservation-released"), 10, 20);
        }

        check(story);

        assertThat(violations.perRule()).containsOnlyKeys("a verb that hardly ever succeeds");
    }

    private void check(Story story) {
        new LivenessCheck(faults, violations).check(story.evidence());
    }

    private static Ask confirm() {
        return new Ask.Confirm(ID);
    }

    private static Answer refused(String code) {
        return new Answer.Refused(code);
    }
}
