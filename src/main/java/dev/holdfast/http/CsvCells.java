package dev.holdfast.http;

import org.jspecify.annotations.Nullable;

/** Texts as cells of a CSV file. */
final class CsvCells {

    private static final String BEGIN_A_FORMULA = "=+-@\t\r";

    private CsvCells() {}

    /** Spreadsheets run what looks like a formula, so whoever may write a reason could have them do something: a quote keeps it a text. */
    static String harmless(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return "";
        }
        return BEGIN_A_FORMULA.indexOf(text.charAt(0)) < 0 ? text : "'" + text;
    }
}
