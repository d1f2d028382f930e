package dev.holdfast.redis;

import dev.holdfast.reservation.AppliedAdjustment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The last adjustments of a SKU as adjust.lua writes them: a word for each, oldest first. */
final class RememberedAdjustments {

    private static final int FIELDS = 5;

    private RememberedAdjustments() {}

    static String text(List<AppliedAdjustment> adjustments) {
        return adjustments.stream()
                .map(one -> String.join(
                        ",",
                        one.id(),
                        Long.toString(one.version()),
                        Long.toString(one.before()),
                        Long.toString(one.after()),
                        Long.toString(one.pending())))
                .collect(Collectors.joining(" "));
    }

    /** What cannot be read is left out: then nobody knows that request again, and the capacity is right all the same. */
    static List<AppliedAdjustment> read(String text) {
        List<AppliedAdjustment> adjustments = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            String[] fields = word.split(",", -1);
            if (fields.length == FIELDS && areNumbers(fields)) {
                adjustments.add(new AppliedAdjustment(
                        fields[0],
                        Long.parseLong(fields[1]),
                        Long.parseLong(fields[2]),
                        Long.parseLong(fields[3]),
                        Long.parseLong(fields[4])));
            }
        }
        return adjustments;
    }

    private static boolean areNumbers(String[] fields) {
        for (int at = 1; at < FIELDS; at++) {
            if (!fields[at].matches("[0-9]{1,15}")) {
                return false;
            }
        }
        return !fields[0].isEmpty();
    }
}
