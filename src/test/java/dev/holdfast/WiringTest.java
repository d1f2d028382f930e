package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Settings.Keys;
import dev.holdfast.Settings.Listener;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a node asks of its servers before it sells. */
class WiringTest {

    @Test
    void aRedisThatEvictsOrForgetsIsRefused() {
        LocalRedis redis = TestServers.ownRedis("maxmemory-policy allkeys-lru", "appendonly no");

        assertThatThrownBy(() -> start(redis.uri(), TestServers.migratedDatabase(), false))
                .hasMessageContaining("allkeys-lru")
                .hasMessageContaining("HOLDFAST_ALLOW_UNSAFE_REDIS");
    }

    @Test
    void aRedisThatForgetsIsSoldOnWhereSomebodySaysSo() {
        LocalRedis redis = TestServers.ownRedis("appendonly no");

        Holdfast service = start(redis.uri(), TestServers.migratedDatabase(), true);

        Api api = new Api(
                URI.create("http://127.0.0.1:" + service.publicPort()),
                URI.create("http://127.0.0.1:" + service.adminPort()));
        assertThat(api.probe("/health/ready").status()).isEqualTo(200);
        TestWait.of(service.close());
    }

    @Test
    void aServerThatIsNotThereIsNamedInOneLine() {
        assertThatThrownBy(() -> start("redis://127.0.0.1:1", TestServers.migratedDatabase(), false))
                .hasMessageContaining("127.0.0.1:1")
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
        assertThatThrownBy(() -> start(TestServers.redisUri(), "postgresql://a:secret@127.0.0.1:1/b", false))
                .hasMessageContaining("127.0.0.1:1")
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1))
                .hasMessageNotContaining("secret");
    }

    private static Holdfast start(String redisUri, String postgresUri, boolean allowUnsafeRedis) {
        Settings settings = new Settings(
                new Listener("127.0.0.1", 0),
                new Listener("127.0.0.1", 0),
                redisUri,
                postgresUri,
                TestNode.SECRET,
                new Keys(Map.of("test", Api.CHECKOUT_KEY)),
                new Keys(Map.of("test", Api.ADMIN_KEY)),
                List.of(),
                allowUnsafeRedis,
                Settings.Rush.usual(),
                Settings.Keeping.usual(),
                Duration.ZERO);
        return TestWait.of(Wiring.start(settings));
    }
}
