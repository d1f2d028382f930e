package dev.holdfast.comparison;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run writes.
 *
 * @param report the Markdown file
 * @param summary a short form of it
 * @param readme a file whose marked section the short form replaces
 * @param command that started the run
 * @param versions of servers and libraries
 */
record Output(Path report, Path summary, Optional<Path> readme, String command, String versions) {

    static Output fromProperties() {
        return new Output(
                Property.path("report"),
                Property.path("summary"),
                Property.text("readme").isBlank() ? Optional.empty() : Optional.of(Property.path("readme")),
                typed(),
                Property.text("versions"));
    }

    /** As it was typed, with all settings, where Maven tells it. */
    private static String typed() {
        String arguments = System.getenv("MAVEN_CMD_LINE_ARGS");
        return arguments == null ? Property.text("command") : "mvn " + arguments.strip();
    }

    /** Throws if the readme has no section to replace: before the run, not after it. */
    void requireMarks() throws IOException {
        if (readme.isPresent()) {
            MarkedSection.require(readme.get());
        }
    }

    /** The report's name with another end. */
    Path plot() {
        return report.resolveSibling(report.getFileName().toString().replaceFirst("\\.md$", "") + ".svg");
    }
}
