package dev.holdfast.comparison;

import java.util.List;

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

    @Override
    public String toString() {
        return text.toString();
    }
}
