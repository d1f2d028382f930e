package dev.holdfast.reservation;

import java.util.Locale;

/**
 * How a sale stands at one moment of its own clock.
 *
 * @param nowMs the sale's clock, ms since 1970
 * @param live whether Redis told it; else it is as the sale is set up, by the clock of the node
 * @param lagMs how far that clock is behind Redis's, ms, because Redis's was moved and is not believed; 0 as a rule
 * @param receiptsFirstMs for how long only receipts take units, ms; 0 as a rule
 */
public record SaleStanding(State state, long nowMs, boolean live, long lagMs, long receiptsFirstMs) {

    /** By a clock that nobody moved. */
    public SaleStanding(State state, long nowMs, boolean live) {
        this(state, nowMs, live, 0, 0);
    }

    /** The same while only receipts take units. */
    SaleStanding withReceiptsFirst(long leftMs) {
        return new SaleStanding(state, nowMs, live, lagMs, leftMs);
    }

    /** By a sale's settings, in the order in which hold.lua refuses. */
    public static SaleStanding of(
            Sale.Switch state, long opensAtMs, long closesAtMs, long nowMs, boolean live, long lagMs) {
        if (state == Sale.Switch.PAUSED) {
            return new SaleStanding(State.PAUSED, nowMs, live, lagMs, 0);
        }
        if (state == Sale.Switch.CLOSED || (closesAtMs > 0 && nowMs >= closesAtMs)) {
            return new SaleStanding(State.CLOSED, nowMs, live, lagMs, 0);
        }
        return new SaleStanding(nowMs < opensAtMs ? State.SCHEDULED : State.OPEN, nowMs, live, lagMs, 0);
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
