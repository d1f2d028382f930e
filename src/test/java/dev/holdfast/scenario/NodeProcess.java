package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestDeployment;
import dev.holdfast.support.TestNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A node in a process of its own, so that it can be killed. It keeps its ports when it is started again. */
final class NodeProcess implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(20);

    /** A process takes no shorter ones. */
    private static final String ADMIN_KEY = "admin-key-of-node-processes";

    private final int publicPort = freePort();
    private final int adminPort = freePort();
    private final Map<String, String> servers;
    private final Path log;
    private Process process;

    private NodeProcess(Map<String, String> servers) {
        this.servers = servers;
        try {
            log = Files.createTempFile("holdfast-node-", ".log");
        } catch (IOException e) {
            throw new UncheckedIOException("no file for a node's log", e);
        }
    }

    /** Answers once the process runs; {@link #awaitReady} waits for its service. */
    static NodeProcess start(String redisUri, String postgresUri) {
        TestDeployment.join(redisUri, postgresUri);
        NodeProcess node =
                new NodeProcess(Map.of("HOLDFAST_REDIS_URI", redisUri, "HOLDFAST_POSTGRES_URI", postgresUri));
        node.restart();
        return node;
    }

    /** Starts it again, after {@link #kill}. */
    void restart() {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-classpath",
                        classPath(),
                        "dev.holdfast.Main"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("HOLDFAST_"));
        environment.putAll(servers);
        environment.put("HOLDFAST_PORT", Integer.toString(publicPort));
        environment.put("HOLDFAST_ADMIN_PORT", Integer.toString(adminPort));
        environment.put("HOLDFAST_SECRET", TestNode.SECRET);
        environment.put("HOLDFAST_CHECKOUT_KEYS", "test:" + Api.CHECKOUT_KEY);
        environment.put("HOLDFAST_ADMIN_KEYS", "test:" + ADMIN_KEY);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a node", e);
        }
    }

    /** Waits until the node says that it is ready. */
    void awaitReady() {
        await().atMost(START_TIMEOUT)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> !process.isAlive() || api().probe("/health/ready").status() == 200);
        assertThat(process.isAlive()).as(this::lastWords).isTrue();
    }

    Api api() {
        return new Api(publicUri(), URI.create("http://127.0.0.1:" + adminPort), Api.CHECKOUT_KEY, ADMIN_KEY);
    }

    URI publicUri() {
        return URI.create("http://127.0.0.1:" + publicPort);
    }

    /** Ledger entries that this process committed so far; 0 while it is away. */
    double recordedEvents() {
        return api().probe("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("holdfast_recorded_events_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    long pid() {
        return process.pid();
    }

    /** As a crash would end it. */
    void kill() {
        var ending = process.destroyForcibly();
        await().atMost(END_TIMEOUT).until(() -> !ending.isAlive());
    }

    @Override
    public void close() {
        kill();
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + log, e);
        }
    }

    private String lastWords() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + log, e);
        }
    }

    /** Surefire's own class path is one jar; it tells the real one in this property. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
