package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoverServersTest {
    @TempDir
    Path folder;

    @Test
    void aServerThatOutlivedItsOwnerIsEnded() {
        LocalRedis redis = startRedis();

        LeftoverServers.endAllIn(folder);

        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isEmpty();
        assertThat(redisFolder().resolve("server.pid")).doesNotExist();
    }

    @Test
    void aServerWhoseOwnerHadNotYetWrittenIsEndedByItsOwnPidFile() throws IOException {
        LocalRedis redis = startRedis();
        Files.delete(redisFolder().resolve("server.pid"));

        LeftoverServers.endAllIn(folder);

        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isEmpty();
    }

    @Test
    void aPidThatNowBelongsToAnotherStartIsLeftAlone() {
        LocalRedis redis = startRedis();
        new ServerProcess(redis.pid(), Instant.parse("2020-01-01T00:00:00Z"), redisFolder()).write();

        LeftoverServers.endAllIn(folder);

        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isPresent();
        redis.stop();
    }

    @Test
    void aProcessWhoseCommandLineDoesNotNameTheFolderIsLeftAlone() throws IOException {
        Process stranger = new ProcessBuilder("sleep", "600").start();
        Instant startedAt = stranger.info().startInstant().orElseThrow();
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        new ServerProcess(stranger.pid(), startedAt, elsewhere).write();

        LeftoverServers.endAllIn(folder);

        assertThat(stranger.isAlive()).isTrue();
        stranger.destroyForcibly();
    }

    @Test
    void aServerOfAnotherFolderIsLeftAlone(@TempDir Path other) {
        LocalRedis redis = startRedis();

        LeftoverServers.endAllIn(other);

        assertThat(ServerProcess.running(redis.pid(), redisFolder())).isPresent();
        redis.stop();
    }

    private LocalRedis startRedis() {
        return LocalRedis.start(redisFolder(), FreePort.any());
    }

    private Path redisFolder() {
        return folder.resolve("redis");
    }
}
