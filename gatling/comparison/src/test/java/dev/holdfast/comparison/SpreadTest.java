package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        Spread spread = Spread.of(9, 1, 5);

        assertThat(spread).isEqualTo(new Spread(5, 1, 9, 3));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        Spread spread = Spread.of(4, 1, 2, 100);

        assertThat(spread).isEqualTo(new Spread(3, 1, 100, 4));
    }

    @Test
    void ofNothingNothingIsKnown() {
        Spread spread = Spread.of();

        assertThat(spread.known()).isFalse();
    }
}
