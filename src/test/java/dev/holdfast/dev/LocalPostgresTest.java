package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresTest {
    @TempDir
    Path folder;

    @Test
    void aSecondServerOnTheSameDataIsRefused() {
        LocalPostgres first = start();

        assertThatThrownBy(this::start)
                .hasMessageContaining(Long.toString(first.pid()))
                .hasMessageContaining(folder.toString());

        assertThat(LocalPostgres.pidFile(folder)).exists();
        first.stop();
    }

    private LocalPostgres start() {
        return LocalPostgres.start(folder, FreePort.any(), UserFolder.postgresBinaries());
    }
}
