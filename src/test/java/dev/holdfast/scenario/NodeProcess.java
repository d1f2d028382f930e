package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.FreePort;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDeployment;
import dev.holdfast.support.TestNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A node in a process of its own, so that it can be killed. It keeps its ports when it is started again. */
final class NodeProcess implements AutoCloseable {

    /** A process takes no shorter ones. */
    private static final String ADMIN_KEY = "admin-key-of-node-processes";

    private final int publicPort = FreePort.any();
    private final int adminPort = FreePort.any();
    private final Map<String, String> servers;
    private final String classPath;
    private final Path log;
    private Process process;

    private NodeProcess(Map<String, String> servers, String classPath) {
        this.servers = servers;
        this.classPath = classPath;
        try {
            log = Files.createTempFile("holdfast-node-", ".log");
        } catch (IOException e) {
            throw new UncheckedIOException("no file for a node's log", e);
        }
    }

    /** Answers once the process runs; {@link #awaitReady} waits for its service. */
    static NodeProcess start(String redisUri, String postgresUri) {
        return start(redisUri, postgresUri, Duration.ZERO);
    }

    /** The same; told to end, it goes on serving for so long. */
    static NodeProcess start(String redisUri, String postgresUri, Duration drain) {
        return start(redisUri, postgresUri, drain, classPath());
    }

    /** The same of an altered program. */
    static NodeProcess startAltered(String redisUri, String postgresUri, Path altered) {
        return start(redisUri, postgresUri, Duration.ZERO, altered + File.pathSeparator + classPath());
    }

    private static NodeProcess start(String redisUri, String postgresUri, Duration drain, String classPath) {
        TestDeployment.join(redisUri, postgresUri);
        NodeProcess node = new NodeProcess(
                Map.of(
                        "HOLDFAST_REDIS_URI",
                        redisUri,
                        "HOLDFAST_POSTGRES_URI",
                        postgresUri,
                        "HOLDFAST_DRAIN_SECONDS",
                        Long.toString(drain.toSeconds())),
                classPath);
        node.restart();
        return node;
    }

    /** Starts it again, after {@link #kill} or {@link #end}. */
    void restart() {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-classpath",
                        classPath,
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
        await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
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
        return metric("holdfast_recorded_events_total");
    }

    /** A meter's value, over all its tags. */
    double metric(String name) {
        return api().probe("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Whether it answers; waits while it neither answers nor has ended. */
    boolean isServing() {
        await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> !process.isAlive() || api().probe("/health/live").status() == 200);
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** As a crash would end it. */
    void kill() {
        var ending = process.destroyForcibly();
        await().until(() -> !ending.isAlive());
    }

    /** As an operator would (SIGTERM); answers its exit code. */
    int end() {
        process.destroy();
        await().until(() -> !process.isAlive());
        return process.exitValue();
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
    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
