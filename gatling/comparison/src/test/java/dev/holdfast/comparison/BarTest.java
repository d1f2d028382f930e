package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BarTest {

    @Test
    void whatMustBeReachedIsMetFromThereOnAndSaysByHowMuch() {
        Bar met = Bar.atLeast(20, "rate", Spread.of(25));
        Bar just = Bar.atLeast(20, "rate", Spread.of(20));
        Bar missed = Bar.atLeast(20, "rate", Spread.of(15));

        assertThat(met.verdict()).isEqualTo("met by 25 %");
        assertThat(just.met()).isTrue();
        assertThat(missed.verdict()).isEqualTo("**missed** by 25 %");
    }

    @Test
    void whatMustNotBeExceededIsMetUpToThere() {
        Bar met = Bar.atMost(400, "bytes", Spread.of(300));
        Bar missed = Bar.atMost(400, "bytes", Spread.of(500));

        assertThat(met.verdict()).isEqualTo("met by 25 %");
        assertThat(missed.verdict()).isEqualTo("**missed** by 25 %");
    }

    @Test
    void anAimIsNamedOnlyWhenItIsReached() {
        Bar bar = Bar.atMost(70, "time", Spread.of(50)).aiming(35);
        Bar aim = Bar.atMost(70, "time", Spread.of(35)).aiming(35);

        assertThat(bar.goal()).isEqualTo("<= 70, aim 35");
        assertThat(bar.verdict()).isEqualTo("met by 29 %");
        assertThat(aim.verdict()).isEqualTo("met by 50 %, and the aim");
    }

    @Test
    void whatWasNotMeasuredIsNeitherMetNorMissed() {
        Bar bar = Bar.atMost(70, "time", Spread.of());

        assertThat(bar.verdict()).isEqualTo("not measured");
    }
}
