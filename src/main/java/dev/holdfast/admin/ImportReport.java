package dev.holdfast.admin;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of every row of a file.
 *
 * @param trial whether nothing was done, and this is what would have come of it
 * @param lines in the order of the rows
 */
public record ImportReport(boolean trial, List<Line> lines) {

    /** How many rows came to this. */
    public long count(Result result) {
        return lines.stream().filter(line -> line.result() == result).count();
    }

    /**
     * One row.
     *
     * @param row as a spreadsheet numbers it: the header is 1, and blank rows count
     * @param sku as it stands there, cut if it is long
     * @param reason why it was rejected; null where it was not
     */
    public record Line(
            int row, String sku, Result result, @Nullable String reason) {}

    /** What may come of a row. */
    public enum Result {
        CREATED,
        UPDATED,
        UNCHANGED,
        REJECTED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** As it is answered. */
        public String word() {
            return word;
        }
    }
}
