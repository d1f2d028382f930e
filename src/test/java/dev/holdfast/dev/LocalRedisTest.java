package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRedisTest {
    @TempDir
    Path folder;

    @Test
    void aServerThatTakesNoCommandsDoesNotGoOnRunning() {
        assertThatThrownBy(() -> LocalRedis.start(folder, FreePort.any(), "requirepass secret"))
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("-NOAUTH");

        assertThat(ServerProcess.read(folder))
                .hasValueSatisfying(process -> assertThat(process.isRunning()).isFalse());
    }

    @Test
    void aSecondServerOnTheSameDataIsRefused() {
        LocalRedis first = LocalRedis.start(folder, FreePort.any());

        assertThatThrownBy(() -> LocalRedis.start(folder, FreePort.any()))
                .hasMessageContaining(Long.toString(first.pid()))
                .hasMessageContaining(folder.toString());

        assertThat(LocalRedis.pidFile(folder)).exists();
        first.stop();
    }
}
