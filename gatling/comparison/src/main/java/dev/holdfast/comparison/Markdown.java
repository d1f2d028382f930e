package dev.holdfast.comparison;

import java.util.List;
import java.util.Locale;

/** Paragraphs and tables of a report. */
final class Markdown {

    private final StringBuilder text = new StringBuilder();

    void say(String paragraph) {
        text.append(paragraph).append("\n\n");
    }

    void table(List<String> header, List<List<String>> rows) {
        line(header);
        text.append("|---".repeat(header.size())).append("|\n");
        rows.forEach(this::line);
        text.append('\n');
    }

    private void line(List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /** Without digits after the point. */
    static String whole(Spread spread) {
        return spread.known()
                ? String.format(Locale.ROOT, "%,.0f (%,.0f to %,.0f)", spread.median(), spread.least(), spread.most())
                : "";
    }

    /** With two. */
    static String exact(Spread spread) {
        return spread.known()
                ? String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", spread.median(), spread.least(), spread.most())
                : "";
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
