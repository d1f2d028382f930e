package dev.holdfast.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of a Markdown file between two comments, which a run may replace. */
final class MarkedSection {

    static final String BEGIN = "<!-- comparison:begin -->";
    static final String END = "<!-- comparison:end -->";

    private MarkedSection() {}

    /** Throws if the file has no such part. */
    static void require(Path file) throws IOException {
        String text = Files.readString(file);
        if (text.indexOf(END) < text.indexOf(BEGIN) || !text.contains(BEGIN)) {
            throw new IllegalStateException(file + " has no section between " + BEGIN + " and " + END);
        }
    }

    /** Replaces what is between the comments, and leaves all else as it is. */
    static void replace(Path file, String section) throws IOException {
        require(file);
        String text = Files.readString(file);
        String before = text.substring(0, text.indexOf(BEGIN) + BEGIN.length());
        String after = text.substring(text.indexOf(END));
        Files.writeString(file, before + "\n" + section.strip() + "\n" + after);
    }
}
