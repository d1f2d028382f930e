package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
    void whatAServerThatEndsRemovesMeanwhileIsGoneToo() throws IOException {
        for (int i = 0; i < 20; i++) {
            DataFolder folder = DataFolder.temporary(parent);
            Path redis = Files.createDirectory(folder.path().resolve("redis"));
            List<Path> files = new ArrayList<>();
            for (int f = 0; f < 300; f++) {
                files.add(Files.writeString(redis.resolve("file-" + f), "data"));
            }
            CompletableFuture<Void> ending = CompletableFuture.runAsync(() -> files.forEach(
                    file -> assertThat(file.toFile().delete() || !file.toFile().exists())
                            .isTrue()));

            folder.close();

            ending.join();
            assertThat(folder.path()).doesNotExist();
        }
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

    @Test
    void aKeptFolderIsTheSameThroughALink() throws IOException {
        Path folder = Files.createDirectory(parent.resolve("kept"));
        Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
        DataFolder first = DataFolder.kept(link).orElseThrow();
        LocalRedis leftover = LocalRedis.start(link.resolve("redis"), FreePort.any());

        assertThat(DataFolder.kept(folder)).isEmpty();

        first.close();
        DataFolder second = DataFolder.kept(folder).orElseThrow();
        assertThat(ServerProcess.running(leftover.pid(), folder)).isEmpty();
        second.close();
    }

    @Test
    void aKeptFolderIsNotOpenedBesideAServerThatMayNotBeOurs() throws IOException {
        Path folder = parent.resolve("kept");
        LocalRedis living = startedAtAnotherTime(folder.resolve("redis"));

        assertThatThrownBy(() -> DataFolder.kept(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Long.toString(living.pid()))
                .hasMessageContaining(folder.toString())
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));

        assertThat(ServerProcess.running(living.pid(), folder)).isPresent();
        living.stop();
        DataFolder.kept(folder).orElseThrow().close();
    }

    @Test
    void anAbandonedFolderWithAServerThatMayNotBeOursStays() throws IOException {
        Path abandoned = Files.createDirectory(parent.resolve("data-abandoned"));
        LocalRedis living = startedAtAnotherTime(abandoned.resolve("redis"));

        DataFolder.temporary(parent).close();

        assertThat(ServerProcess.running(living.pid(), abandoned)).isPresent();
        living.stop();
        DataFolder.temporary(parent).close();
        assertThat(abandoned).doesNotExist();
    }

    /** As after the clock was set: what was written tells another time than the system does. */
    private static LocalRedis startedAtAnotherTime(Path folder) throws IOException {
        LocalRedis redis = LocalRedis.start(folder, FreePort.any());
        Instant longAgo = Instant.parse("2020-01-01T00:00:00Z");
        new ServerProcess(redis.pid(), longAgo, folder).write();
        Files.setLastModifiedTime(LocalRedis.pidFile(folder), FileTime.from(longAgo));
        return redis;
    }
}
