package dev.holdfast.reservation;

import java.util.Locale;

/**
 * How a sale stands at one moment of its own clock.
 *
 * @param nowMs the sale's clock, ms since 1970
 */
public record SaleStanding(State state, long nowMs) {

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
