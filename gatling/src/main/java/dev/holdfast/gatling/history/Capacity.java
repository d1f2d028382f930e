package dev.holdfast.gatling.history;

import java.util.List;

/**
 * The units that a SKU may have.
 *
 * @param decided after the last adjustment
 * @param pending units that were held when the last adjustment took them away: those that were sold instead stay
 * @param most at any time
 */
record Capacity(long decided, long pending, long most) {

    /** As it was set up, and then adjusted one by one. */
    static Capacity of(long setUp, List<Adjustment> adjustments) {
        long most = setUp;
        for (Adjustment adjustment : adjustments) {
            most = Math.max(most, adjustment.after());
        }
        return adjustments.isEmpty()
                ? new Capacity(setUp, 0, most)
                : new Capacity(
                        adjustments.getLast().after(), adjustments.getLast().pending(), most);
    }

    /** The units there may be in the end, at most. */
    long last() {
        return decided + pending;
    }

    /** The units there have to be in the end, where so many are held or sold. */
    long withUse(long units) {
        return Math.clamp(units, decided, last());
    }
}
