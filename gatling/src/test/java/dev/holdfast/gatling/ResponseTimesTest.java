package dev.holdfast.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResponseTimesTest {
    private final ResponseTimes times = new ResponseTimes();

    @Test
    void aPercentileIsTheTimeThatSoManyDidNotExceed() {
        for (int ms = 1; ms <= 1_000; ms++) {
            times.add("hold accepted", ms);
        }

        assertThat(times.percentileMs("hold accepted", 50)).isEqualTo(500);
        assertThat(times.percentileMs("hold accepted", 99.9)).isEqualTo(999);
        assertThat(times.percentileMs("hold accepted", 100)).isEqualTo(1_000);
    }

    @Test
    void namesAreKeptApart() {
        times.add("hold accepted", 0);
        times.add("hold refused", 70_000);

        assertThat(times.percentileMs("hold accepted", 100)).isZero();
        assertThat(times.percentileMs("hold refused", 1)).isEqualTo(60_000);
        assertThat(times.percentileMs("look", 50)).isZero();
        assertThat(times.text().lines()).hasSize(2);
    }
}
