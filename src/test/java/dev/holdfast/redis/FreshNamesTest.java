package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dev.FreePort;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.SwitchedProxy;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The name of a managed Redis leads elsewhere after a fail-over, whatever a name server said before about how long its answer is good. */
class FreshNamesTest {

    private static final String NAME = "redis.holdfast.test";

    @Test
    void aConnectionThatIsMadeAnewFollowsTheNameToItsNewAddress() throws Exception {
        LocalRedis server = TestServers.ownRedis();
        int port = FreePort.any();
        InetAddress before = InetAddress.getByName("127.0.0.2");
        InetAddress after = InetAddress.getByName("127.0.0.3");
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        Context context = ((VertxInternal) vertx).createEventLoopContext();
        try (NameServer names = new NameServer(before);
                SwitchedProxy first = new SwitchedProxy(before, port, server.port());
                SwitchedProxy second = new SwitchedProxy(after, port, server.port())) {
            PinnedRedis redis = PinnedRedis.on(
                    context,
                    RedisSettings.of("redis://" + NAME + ":" + port),
                    Admission.OF_ANY,
                    new SingletonDnsServerAddressStreamProvider(names.address()));
            TestWait.of(redis.connect());
            assertThat(first.accepted()).isEqualTo(1);

            names.pointTo(after);
            first.cut();
            Awaitility.await().until(() -> redis.generation() == 2 && redis.connected());

            String pong = TestWait.of(redis.send("test", Effect.READS, commands -> commands.ping()));

            assertThat(second.accepted()).isEqualTo(1);
            assertThat(pong).isEqualTo("PONG");
            TestWait.of(redis.close());
        } finally {
            TestWait.of(vertx.close());
            server.stop();
        }
    }
}
