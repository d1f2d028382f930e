package dev.holdfast.dev;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisExecProvider;

/** A real Redis 7 that loses nothing it acknowledged and evicts nothing. */
public final class LocalRedis implements LocalServer {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    private static final int CONNECT_TIMEOUT_MS = 500;
    private static final String PONG = "+PONG";

    /** While it reads its data from disk. */
    private static final String LOADING = "-LOADING";

    private final Path folder;
    private final int port;
    private volatile @Nullable ServerProcess process;

    private LocalRedis(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts a server; answers once it takes commands.
     *
     * @param folder created if missing; data found in it is loaded
     * @param extraSettings lines of redis.conf, such as {@code maxmemory 4mb}; they win over ours
     */
    public static LocalRedis start(Path folder, int port, String... extraSettings) {
        LocalRedis redis = new LocalRedis(DataFolder.realPath(folder), port);
        ServerProcess.requireNone(pidFile(redis.folder), redis.folder);
        redis.prepare(List.of(extraSettings));
        redis.restart();
        return redis;
    }

    /** The address that a server on this port will have. */
    static String uriAt(int port) {
        return "redis://127.0.0.1:" + port;
    }

    @Override
    public String uri() {
        return uriAt(port);
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public long pid() {
        if (process == null) {
            throw new IllegalStateException("Redis in " + folder + " does not run");
        }
        return process.pid();
    }

    @Override
    public void stop() {
        if (process != null) {
            process.end();
            process.forget();
            process = null;
        }
    }

    @Override
    public void kill() {
        ServerProcess running = process;
        if (running != null) {
            running.kill();
        }
    }

    @Override
    public void restart() {
        if (process != null && process.isRunning()) {
            throw new IllegalStateException("Redis in " + folder + " runs already");
        }
        ServerProcess.requireNone(pidFile(folder), folder);
        try {
            Files.deleteIfExists(pidFile(folder));
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start Redis in " + folder, e);
        }
        boolean answered = Patience.until(this::answers, START_TIMEOUT);
        String reply = answered ? ping() : "";
        if (!reply.equals(PONG)) {
            // Nobody else would end it: who asked for it gets no server to stop.
            kill();
            throw new IllegalStateException("Redis in " + folder + " does not start: "
                    + (reply.startsWith("-") ? "it answers " + reply : lastWords()));
        }
    }

    private void prepare(List<String> extraSettings) {
        try {
            unpack();
            Files.writeString(configFile(), config() + String.join("\n", extraSettings) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + folder, e);
        }
    }

    /** The library unpacks into a new temporary folder at every call, which a kill would leave behind. */
    private void unpack() throws IOException {
        if (Files.isExecutable(executable())) {
            return;
        }
        Path unpacked = RedisExecProvider.defaultProvider().get().toPath();
        Files.move(unpacked, executable(), StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(Optional.ofNullable(unpacked.getParent()).orElseThrow());
    }

    private String config() {
        return """
                bind 127.0.0.1
                port %d
                dir %s
                pidfile %s
                logfile %s
                # As a daemon it has a session of its own: Ctrl-C in a terminal does not end it before the service.
                daemonize yes
                # The command line keeps naming this file, by which a leftover is recognised.
                set-proc-title no
                appendonly yes
                appendfsync always
                save ""
                maxmemory-policy noeviction
                """.formatted(port, quoted(folder), quoted(pidFile(folder)), quoted(folder.resolve("redis.log")));
    }

    private void launch() throws IOException {
        Process launcher = new ProcessBuilder(
                        executable().toString(), configFile().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("start.log").toFile())
                .start();
        try {
            if (!launcher.waitFor(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) || launcher.exitValue() != 0) {
                throw new IllegalStateException(
                        "Redis does not start: " + Files.readString(folder.resolve("start.log")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Redis started in " + folder, e);
        }
    }

    /** It is ours that answers, not another server on the same port: it has written its pid file. */
    private boolean answers() {
        if (process == null || !process.isRunning()) {
            process = findProcess().orElse(null);
            if (process != null) {
                process.write();
            }
        }
        String reply = process == null ? "" : ping();
        return !reply.isEmpty() && !reply.startsWith(LOADING);
    }

    private Optional<ServerProcess> findProcess() {
        return ServerProcess.named(pidFile(folder), folder);
    }

    /** The first line that a PING is answered with; empty text if there is none. */
    private String ping() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MS);
            socket.setSoTimeout(CONNECT_TIMEOUT_MS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return Objects.requireNonNullElse(in.readLine(), "");
        } catch (IOException e) {
            return "";
        }
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(folder.resolve("redis.log"));
            return lines.isEmpty() ? "it logged nothing" : lines.getLast();
        } catch (IOException e) {
            return "it logged nothing";
        }
    }

    private Path executable() {
        return folder.resolve("redis-server");
    }

    private Path configFile() {
        return folder.resolve("redis.conf");
    }

    /** Written by the server itself. */
    static Path pidFile(Path folder) {
        return folder.resolve("redis.pid");
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
