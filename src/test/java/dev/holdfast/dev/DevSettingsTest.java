package dev.holdfast.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DevSettingsTest {
    @Test
    void nothingNeedsToBeSet() {
        DevSettings settings = DevSettings.read(Map.of());

        assertThat(settings.service().checkoutKeys().byName()).containsValue("dev-checkout-key");
        assertThat(settings.service().adminKeys().byName()).containsValue("dev-admin-key");
        assertThat(settings.service().redisUri())
                .endsWith(":" + settings.redisPort().orElseThrow());
        assertThat(settings.service().postgresUri())
                .contains(":" + settings.postgresPort().orElseThrow() + "/");
        assertThat(settings.dataDir()).isEmpty();
    }

    @Test
    void aConfiguredServerReplacesTheEmbeddedOne() {
        DevSettings settings = DevSettings.read(Map.of(
                "HOLDFAST_REDIS_URI", "redis://elsewhere:6379",
                "HOLDFAST_DATA_DIR", "data"));

        assertThat(settings.redisPort()).isEmpty();
        assertThat(settings.service().redisUri()).isEqualTo("redis://elsewhere:6379");
        assertThat(settings.postgresPort()).isPresent();
        assertThat(settings.dataDir()).contains(Path.of("data"));
    }

    @Test
    void aBusyPortGivesWayToTheNextFreeOneAndThatIsSaid() throws IOException {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            DevSettings settings = DevSettings.read(Map.of("HOLDFAST_PORT", Integer.toString(busy.getLocalPort())));

            int chosen = settings.service().publicListener().port();
            assertThat(chosen).isNotEqualTo(busy.getLocalPort()).isNotZero();
            assertThat(settings.notes())
                    .contains("port %d is busy: public listens on %d".formatted(busy.getLocalPort(), chosen));
        }
    }

    @Test
    void theNextFreePortOfOneListenerIsNotTheOthers() throws IOException {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = busy.getLocalPort();

            DevSettings settings = DevSettings.read(
                    Map.of("HOLDFAST_PORT", Integer.toString(port), "HOLDFAST_ADMIN_PORT", Integer.toString(port + 1)));

            assertThat(settings.service().publicListener().port())
                    .isNotIn(port, port + 1)
                    .isNotEqualTo(settings.service().adminListener().port());
        }
    }

    @Test
    void aBadSettingIsAProblemHereToo() {
        assertThatThrownBy(() -> DevSettings.read(Map.of("HOLDFAST_PROT", "1")))
                .isInstanceOf(Settings.Problem.class)
                .hasMessage("HOLDFAST_PROT: no such setting");
    }
}
