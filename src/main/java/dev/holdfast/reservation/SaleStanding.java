package dev.holdfast.reservation;

import java.util.Locale;

/**
 * How a sale stands at one moment of its own clock.
 *
 * @param nowMs the sale's clock, ms since 1970
 * @param lagMs how far that clock is behind Redis's, ms, because Redis's was moved and is not believed; 0 as a rule
 */
public record SaleStanding(State state, long nowMs, long lagMs) {

    /** By a clock that nobody moved. */
    public SaleStanding(State state, long nowMs) {
        this(state, nowMs, 0);
    }

    /** What a buyer meets. */
    public enum State {
        SCHEDULED,
        OPEN,
        PAUSED,
        CLOSED,
        RECOVERING;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** As it stands in answers. */
        public String word() {
            return word;
        }
    }
}
