package dev.holdfast.admin.rebuild;

import java.util.ArrayList;
import java.util.List;

/**
 * What Redis knows of a lane and the books do not, and what a rebuild from the books would therefore lose.
 *
 * @param reservations held or confirmed, of which callers were told; the books lack them or have them as they were before
 * @param heldUnits of those that are held
 * @param confirmedUnits of those that are confirmed, and units that are counted as sold and whose reservation nobody has any more
 * @param endings released ones that the books have as held
 * @param skus that the books lack
 * @param adjustments of capacities that the books lack
 * @param settings of the sale and of SKUs of which Redis has a later version
 * @param unknownHeldUnits that the books count as held, and of which neither side has a reservation
 * @param redis what Redis has
 * @param postgres what the books have
 */
public record Losses(
        long reservations,
        long heldUnits,
        long confirmedUnits,
        long endings,
        long skus,
        long adjustments,
        long settings,
        long unknownHeldUnits,
        Side redis,
        Side postgres) {

    /**
     * One side.
     *
     * @param epoch of the lane
     * @param seq of the last entry of its ledger; -1 where there is none
     * @param heldUnits over all SKUs
     * @param soldUnits over all SKUs
     */
    public record Side(long epoch, long seq, long heldUnits, long soldUnits) {}

    /** Whether anything would be lost. */
    public boolean any() {
        return reservations > 0
                || heldUnits > 0
                || confirmedUnits > 0
                || endings > 0
                || skus > 0
                || adjustments > 0
                || settings > 0
                || unknownHeldUnits > 0;
    }

    /** The same with so many held units of which no reservation is left. */
    public Losses withUnknownHeld(long units) {
        return new Losses(
                reservations, heldUnits, confirmedUnits, endings, skus, adjustments, settings, units, redis, postgres);
    }

    /** In a sentence, for people. */
    public String told() {
        List<String> parts = new ArrayList<>();
        add(parts, reservations, "acknowledged reservations");
        add(parts, heldUnits, "held units");
        add(parts, confirmedUnits, "confirmed units");
        add(parts, endings, "releases");
        add(parts, skus, "SKUs");
        add(parts, adjustments, "adjustments");
        add(parts, settings, "settings");
        String unknown = unknownHeldUnits == 0
                ? ""
                : "PostgreSQL counts " + unknownHeldUnits + " held units of which no reservation is left";
        String more = parts.isEmpty() ? "" : "Redis knows " + String.join(", ", parts) + " that PostgreSQL does not";
        return more + (more.isEmpty() || unknown.isEmpty() ? "" : ", and ") + unknown + " (Redis is at " + place(redis)
                + ", PostgreSQL at " + place(postgres) + ")";
    }

    /** What else may be asked for than a rebuild from redis, as the end of a sentence; empty where no reservation would end. */
    public String orDiscard() {
        return reservations > 0
                ? "; or with \"discard\":" + reservations + ", and " + (reservations == 1 ? "it is" : "they are")
                        + " ended and listed"
                : unknownHeldUnits > 0
                        ? "; or with \"discard\":true, and units that are held by no reservation are given back"
                        : "";
    }

    private static void add(List<String> parts, long number, String what) {
        if (number > 0) {
            parts.add(number + " " + what);
        }
    }

    private static String place(Side side) {
        return side.epoch() + "-" + side.seq() + " with " + side.heldUnits() + " units held and " + side.soldUnits()
                + " sold";
    }
}
