package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

    private static final String STORE_PASSWORD = "only for this test";

    @TempDir
    private Path folder;

    @Test
    void aSaleGoesOverTls() throws Exception {
        String uri = TestServers.redisUri();
        try (ReplyProxy tls = ReplyProxy.before(uri, selfSigned())) {
            String tlsUri = "rediss://127.0.0.1:" + tls.port() + "?verifyPeer=NONE";

            try (RedisRoom room = new RedisRoom(RedisSettings.of(tlsUri), uri, Scripts.bundled())) {
                OneLife.live(room, () -> {});
            }
        }
    }

    @Test
    void aServerThatNobodyVouchesForIsNotTrusted() throws Exception {
        String uri = TestServers.redisUri();
        try (ReplyProxy tls = ReplyProxy.before(uri, selfSigned())) {
            Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
            Context context = ((VertxInternal) vertx).createEventLoopContext();
            PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of("rediss://127.0.0.1:" + tls.port()));

            assertThatThrownBy(() -> TestWait.of(redis.connect())).hasMessageContaining("certification path");

            TestWait.of(redis.close());
            TestWait.of(vertx.close());
        }
    }

    private SSLServerSocketFactory selfSigned() throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "redis",
                        "-dname",
                        "CN=127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        STORE_PASSWORD,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, STORE_PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, STORE_PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }
}
