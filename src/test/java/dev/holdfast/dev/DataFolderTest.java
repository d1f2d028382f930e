package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path parent;

    @Test
    void aTemporaryFolderIsRemovedAtTheEnd() throws IOException {
        DataFolder folder = DataFolder.temporary(parent);
        Files.writeString(Files.createDirectory(folder.path().resolve("redis")).resolve("data"), "data");

        folder.close();

        assertThat(folder.path()).doesNotExist();
    }

    @Test
    void aFolderOfADeadOwnerIsRemovedWithItsServersAndThoseOfTheLivingAreNot() throws IOException {
        Path abandoned = Files.createDirectory(parent.resolve("data-abandoned"));
        LocalRedis leftover = LocalRedis.start(abandoned.resolve("redis"), FreePort.any());
        Path unrelated = Files.createDirectory(parent.resolve("unrelated"));
        DataFolder living = DataFolder.temporary(parent);

        DataFolder mine = DataFolder.temporary(parent);

        assertThat(abandoned).doesNotExist();
        assertThat(ServerProcess.running(leftover.pid(), abandoned)).isEmpty();
        assertThat(living.path()).exists();
        assertThat(unrelated).exists();
        living.close();
        mine.close();
    }

    @Test
    void aKeptFolderKeepsItsData() throws IOException {
        DataFolder first = DataFolder.kept(parent.resolve("kept")).orElseThrow();
        Files.writeString(first.path().resolve("data"), "data");
        first.close();

        DataFolder second = DataFolder.kept(parent.resolve("kept")).orElseThrow();

        assertThat(second.path().resolve("data")).hasContent("data");
        second.close();
    }

    @Test
    void aFolderInUseIsNotOpenedAgain() {
        DataFolder first = DataFolder.kept(parent).orElseThrow();

        assertThat(DataFolder.kept(parent)).isEmpty();

        first.close();
    }
}
