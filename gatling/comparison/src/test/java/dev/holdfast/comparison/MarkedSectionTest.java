package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarkedSectionTest {

    @TempDir
    private Path folder;

    @Test
    void whatIsBetweenTheMarksIsReplacedAgainAndAgainAndNothingElse() throws IOException {
        Path file = folder.resolve("README.md");
        Files.writeString(file, "before\n" + MarkedSection.BEGIN + "\nold\n" + MarkedSection.END + "\nafter\n");

        MarkedSection.replace(file, "first\n\n");
        MarkedSection.replace(file, "second\n\n");

        assertThat(file).hasContent("before\n" + MarkedSection.BEGIN + "\nsecond\n" + MarkedSection.END + "\nafter\n");
    }

    @Test
    void aFileWithoutMarksIsRefused() throws IOException {
        Path file = folder.resolve("README.md");
        Files.writeString(file, "no marks");

        assertThatThrownBy(() -> MarkedSection.require(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("README.md");
    }
}
