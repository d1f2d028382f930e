package dev.holdfast.reservation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ToldAnswersTest {

    private static final Lane LANE = new Lane(new SaleId("sale"), 0, 1);

    private final ToldAnswers answers = new ToldAnswers(3, 0);

    @Test
    void whatIsForgottenMakesRoom() {
        answers.add(LANE, told(1));
        answers.add(LANE, told(2));
        answers.forget(LANE);

        answers.add(LANE, told(3));
        answers.add(LANE, told(4));
        answers.add(LANE, told(5));

        assertThat(answers.of(LANE)).containsExactly(told(3), told(4), told(5));
    }

    @Test
    void whatIsRecordedLeavesAndMakesRoom() {
        answers.add(LANE, told(1));
        answers.add(LANE, told(3));
        answers.add(LANE, told(2));

        answers.recorded(LANE, 1, 0);
        assertThat(answers.of(LANE)).containsExactly(told(3), told(2));
        answers.recorded(LANE, 3, 0);
        assertThat(answers.of(LANE)).isEmpty();
        assertThat(answers.lanes()).isEmpty();

        for (int seq = 4; seq <= 6; seq++) {
            answers.add(LANE, told(seq));
        }
        assertThat(answers.of(LANE)).containsExactly(told(4), told(5), told(6));
    }

    @Test
    void whatIsRecordedStaysForTenMinutesBecausePostgresMayComeBackOlder() {
        ToldAnswers roomy = new ToldAnswers(10, 10);
        roomy.add(LANE, told(1));
        roomy.recorded(LANE, 1, 0);
        roomy.add(LANE, told(2));

        roomy.recorded(LANE, 2, 599_999);
        assertThat(roomy.of(LANE)).containsExactly(told(1), told(2));
        roomy.recorded(LANE, 2, 600_000);
        assertThat(roomy.of(LANE)).containsExactly(told(2));
        assertThat(roomy.after(LANE, 2)).isEmpty();
        roomy.recorded(LANE, 1, 1_200_000);

        assertThat(roomy.after(LANE, 1)).containsExactly(told(2));
        roomy.recorded(LANE, 2, 1_300_000);
        assertThat(roomy.of(LANE)).containsExactly(told(2));
    }

    private static Reservation told(long seq) {
        return new Reservation(
                ReservationId.of("a-key-of-22-characters", 1_000),
                new SaleId("sale"),
                new CustomerId("anna"),
                ReservationState.HELD,
                Cart.of(List.of(new Line(new Sku("GPU"), 1))),
                1_000,
                6_000,
                null,
                1_000,
                false,
                new Reservation.Mark(1, 1, seq, "f"));
    }
}
