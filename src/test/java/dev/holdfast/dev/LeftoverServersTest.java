package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoverServersTest {
    @TempDir
    Path folder;

    @Test
    void aServerThatOutlivedItsOwnerIsEnded() {
        LocalRedis redis = startRedis();

        List<ServerProcess> left = LeftoverServers.endAllIn(folder);

        assertThat(left).isEmpty();
        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isEmpty();
        assertThat(redisFolder().resolve("server.pid")).doesNotExist();
    }

    @Test
    void aServerWhoseOwnerHadNotYetWrittenIsEndedByItsOwnPidFile() throws IOException {
        LocalRedis redis = startRedis();
        Files.delete(redisFolder().resolve("server.pid"));

        List<ServerProcess> left = LeftoverServers.endAllIn(folder);

        assertThat(left).isEmpty();
        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isEmpty();
    }

    @Test
    void aServerThatSeemsToHaveStartedAtAnotherTimeIsLeftAloneAndTold() throws IOException {
        LocalRedis redis = startRedis();
        seemsOlderThanWritten(redis);

        List<ServerProcess> left = LeftoverServers.endAllIn(folder);

        assertThat(left).extracting(ServerProcess::pid).containsExactly(redis.pid());
        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isPresent();
        assertThat(redisFolder().resolve("redis.pid")).exists();
        redis.stop();
    }

    @Test
    void aServerWhoseFolderWasRenamedIsEnded() throws IOException {
        LocalRedis redis = startRedis();
        Path renamed = Files.move(redisFolder(), folder.resolve("renamed"));

        List<ServerProcess> left = LeftoverServers.endAllIn(folder);

        assertThat(left).isEmpty();
        assertThat(ServerProcess.running(redis.pid(), renamed)).isEmpty();
    }

    @Test
    void aProcessThatWorksElsewhereIsLeftAlone() throws IOException {
        Process stranger = new ProcessBuilder("sleep", "600").start();
        Instant startedAt = stranger.info().startInstant().orElseThrow();
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        new ServerProcess(stranger.pid(), startedAt, elsewhere).write();

        List<ServerProcess> left = LeftoverServers.endAllIn(folder);

        assertThat(left).isEmpty();
        assertThat(stranger.isAlive()).isTrue();
        stranger.destroyForcibly();
    }

    @Test
    void aServerOfAnotherFolderIsLeftAlone(@TempDir Path other) {
        LocalRedis redis = startRedis();

        List<ServerProcess> left = LeftoverServers.endAllIn(other);

        assertThat(left).isEmpty();
        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isPresent();
        redis.stop();
    }

    /** As after the clock was set: both files tell another time than the system does. */
    private void seemsOlderThanWritten(LocalRedis redis) throws IOException {
        Instant longAgo = Instant.parse("2020-01-01T00:00:00Z");
        new ServerProcess(redis.pid(), longAgo, redisFolder()).write();
        Files.setLastModifiedTime(redisFolder().resolve("redis.pid"), FileTime.from(longAgo));
    }

    private LocalRedis startRedis() {
        return LocalRedis.start(redisFolder(), FreePort.any());
    }

    private Path redisFolder() {
        return folder.resolve("redis");
    }
}
