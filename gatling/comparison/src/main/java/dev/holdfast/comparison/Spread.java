package dev.holdfast.comparison;

import java.util.Arrays;
import java.util.Locale;

/** The median of some runs, how far they lay apart, and how many they were. NaN if there were none. */
record Spread(double median, double least, double most, int runs) {

    static Spread of(double... values) {
        if (values.length == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    boolean known() {
        return !Double.isNaN(median);
    }

    /** Without digits after the point; empty if there were no runs. */
    String whole() {
        return text("%,.0f");
    }

    /** With two. */
    String exact() {
        return text("%.2f");
    }

    /** With three. */
    String ratio() {
        return text("%.3f");
    }

    /** The median alone. */
    String median(String format) {
        return known() ? String.format(Locale.ROOT, format, median) : "";
    }

    private String text(String format) {
        if (!known()) {
            return "";
        }
        return runs == 1
                ? String.format(Locale.ROOT, format, median)
                : String.format(Locale.ROOT, format + " (" + format + " to " + format + ")", median, least, most);
    }
}
