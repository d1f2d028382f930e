package dev.holdfast.comparison;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param rounds in each, every contender has its turn
 * @param time of one measurement
 * @param leastWarmUp of each process, even if its rate is steady before
 * @param mostWarmUp of each process, even if its rate is not steady then
 */
record Effort(int rounds, Duration time, Duration leastWarmUp, Duration mostWarmUp, int connections) {

    static Effort fromProperties() {
        return new Effort(
                Property.whole("rounds"),
                Property.seconds("seconds"),
                Property.seconds("leastWarmUpSeconds"),
                Property.seconds("mostWarmUpSeconds"),
                Property.whole("connections"));
    }
}
