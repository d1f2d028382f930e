package dev.holdfast.gatling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.gatling.service.Target;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private final Properties properties = new Properties();
    private final Settings settings = new Settings(properties);

    @Test
    void aPropertyReplacesTheDefault() {
        properties.setProperty("holdfast.rate", "70");

        assertThat(settings.number("rate", 10)).isEqualTo(70);
        assertThat(settings.number("seconds", 20)).isEqualTo(20);
        assertThat(settings).hasToString("-Dholdfast.rate=70 -Dholdfast.seconds=20");
    }

    @Test
    void whatIsNoNumberIsNamed() {
        properties.setProperty("holdfast.rate", "0x10");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.number("rate", 10))
                .withMessageContaining("holdfast.rate")
                .withMessageContaining("0x10");
    }

    @Test
    void aSettingThatTheSimulationDoesNotHaveIsNamed() {
        properties.setProperty("holdfast.rat", "70");

        assertThat(settings.number("rate", 10)).isEqualTo(10);
        assertThatIllegalArgumentException()
                .isThrownBy(settings::requireNoOthers)
                .withMessageContaining("holdfast.rat;")
                .withMessageContaining("holdfast.rate");
    }

    @Test
    void theAdminListenerHasTheNextPortUnlessToldOtherwise() {
        properties.setProperty("holdfast.url", "http://127.0.0.1:18080");

        assertThat(Target.read(settings).adminUrl()).hasToString("http://127.0.0.1:18081");

        properties.setProperty("holdfast.adminUrl", "http://127.0.0.1:9");

        assertThat(Target.read(settings).adminUrl()).hasToString("http://127.0.0.1:9");
    }

    @Test
    void keysAreNotShown() {
        properties.setProperty("holdfast.checkoutKey", "hush-hush");

        assertThat(Target.read(settings).checkoutKey()).isEqualTo("hush-hush");
        assertThat(settings.toString()).doesNotContain("hush");
    }
}
