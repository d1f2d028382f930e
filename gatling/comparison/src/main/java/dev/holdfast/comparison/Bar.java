package dev.holdfast.comparison;

import java.util.Locale;

/**
 * One figure that must be reached.
 *
 * @param wanted what must be reached
 * @param aim what would be better still; the same as {@code wanted} where there is no such thing
 * @param found NaN if this run did not measure it
 */
record Bar(String text, boolean atLeast, double wanted, double aim, Spread found) {

    static Bar atLeast(double wanted, String text, Spread found) {
        return new Bar(text, true, wanted, wanted, found);
    }

    static Bar atMost(double wanted, String text, Spread found) {
        return new Bar(text, false, wanted, wanted, found);
    }

    Bar aiming(double further) {
        return new Bar(text, atLeast, wanted, further, found);
    }

    /** Whether the median reaches it. */
    boolean met() {
        return reaches(wanted);
    }

    /** What must be reached, and what would be better still. */
    String goal() {
        String bar = (atLeast ? ">= " : "<= ") + plain(wanted);
        return aim == wanted ? bar : bar + ", aim " + plain(aim);
    }

    /** Met or missed, and by how much of what was wanted. */
    String verdict() {
        if (!found.known()) {
            return "not measured";
        }
        String by = String.format(Locale.ROOT, " by %.0f %%", 100 * Math.abs(found.median() / wanted - 1));
        if (!met()) {
            return "**missed**" + by;
        }
        return "met" + by + (aim != wanted && reaches(aim) ? ", and the aim" : "");
    }

    private boolean reaches(double value) {
        return atLeast ? found.median() >= value : found.median() <= value;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
