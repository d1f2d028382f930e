package dev.holdfast.comparison.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import redis.embedded.RedisExecProvider;

/** A real, empty Redis that loses nothing it acknowledged: appendfsync always. */
public final class RedisServer implements AutoCloseable {

    private final Path folder;
    private final int port;
    private final Child process;

    private RedisServer(Path folder, int port, Child process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Starts one; answers once it takes connections. */
    public static RedisServer start() {
        Path folder = Folder.create("redis");
        int port = Ports.free();
        List<String> command = List.of(
                executable(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                folder.toString(),
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction");
        Child process = Child.start("Redis", command, Map.of(), folder.resolve("redis.log"), () -> Ports.answers(port));
        return new RedisServer(folder, port, process);
    }

    /** The address for clients. */
    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** On loopback. */
    public int port() {
        return port;
    }

    /** Ends it; its data is gone. */
    @Override
    public void close() {
        process.close();
        Folder.delete(folder);
    }

    /** The program that runs, in its own words: version and allocator, by both of which the time of a script varies. */
    public static String version() {
        try {
            Process asked = new ProcessBuilder(executable(), "--version").start();
            String told = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return "Redis " + told.replaceAll("(?s).*v=(\\S+).*malloc=(\\S+).*", "$1 ($2)");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + executable(), e);
        }
    }

    private static String executable() {
        String chosen = System.getProperty("comparison.redisServer", "");
        return chosen.isEmpty() ? Unpacked.PROGRAM : chosen;
    }

    /** Unpacked once: the library does it anew at every call. */
    private static final class Unpacked {
        private static final String PROGRAM = unpack();

        private static String unpack() {
            try {
                Path program = RedisExecProvider.defaultProvider().get().toPath();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> Folder.delete(program.resolveSibling(""))));
                return program.toString();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot unpack Redis", e);
            }
        }
    }
}
