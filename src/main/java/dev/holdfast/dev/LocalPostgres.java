package dev.holdfast.dev;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL 18 that loses nothing it committed. Its superuser {@code postgres} needs no password on loopback. */
public final class LocalPostgres implements LocalServer {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Path folder;
    private final int port;
    private volatile @Nullable ServerProcess process;

    private LocalPostgres(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts a server; answers once it takes connections.
     *
     * @param folder created if missing; data found in it is used
     * @param binaries where the programs are unpacked once, and found again by every later start
     */
    public static LocalPostgres start(Path folder, int port, Path binaries) {
        LocalPostgres postgres = new LocalPostgres(DataFolder.realPath(folder), port);
        postgres.launch(binaries.toAbsolutePath());
        return postgres;
    }

    /** The address that a server on this port will have. */
    static String uriAt(int port) {
        return "postgresql://postgres:postgres@127.0.0.1:" + port + "/postgres";
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
            throw new IllegalStateException("PostgreSQL in " + folder + " does not run");
        }
        return process.pid();
    }

    @Override
    public void stop() {
        if (process != null) {
            process.interrupt();
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
            throw new IllegalStateException("PostgreSQL in " + folder + " runs already");
        }
        forgetLastRun();
        // Takes the options of the last start from postmaster.opts.
        runPgCtl("restart");
        remember();
    }

    private void launch(Path binaries) {
        try {
            Files.createDirectories(binaries);
            forgetLastRun();
            Redirect log = Redirect.appendTo(folder.resolve("postgres.log").toFile());
            // Not kept: its close() takes a server that ended for running until its parent has collected it.
            EmbeddedPostgres ignored = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(binaries.toFile())
                    .setDataDirectory(data())
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPort(port)
                    .setPGStartupWait(START_TIMEOUT)
                    .setLocaleConfig("locale", "C")
                    // The library switches these three off or leaves them to the server's default.
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    .setServerConfig("unix_socket_directories", "")
                    .setServerConfig("max_connections", "200")
                    .setOutputRedirector(log)
                    .setErrorRedirector(log)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL in " + folder + " does not start", e);
        }
        remember();
    }

    /**
     * Removes what says that a server runs here, but not while one does: two would ruin the data. Left there, postmaster.pid would stop the start when its pid belongs to another process by now, or to one that ended and was not
     * yet collected; and the library would find its own lock of an earlier start in this JVM.
     */
    private void forgetLastRun() {
        ServerProcess.requireNone(pidFile(folder), folder);
        try {
            Files.deleteIfExists(pidFile(folder));
            Files.deleteIfExists(data().resolve("epg-lock"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + folder, e);
        }
    }

    private void remember() {
        ServerProcess found = ServerProcess.named(pidFile(folder), folder)
                .orElseThrow(() -> new IllegalStateException("PostgreSQL in " + folder + " does not run"));
        found.write();
        process = found;
    }

    private void runPgCtl(String action) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            // PostgreSQL refuses to run as root, but not in a user namespace of its own.
            command.addAll(List.of("unshare", "-U"));
        }
        command.addAll(List.of(pgCtl(), "-D", data().toString(), "-t", "60", "-w", action));
        try {
            Process run = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            Redirect.appendTo(folder.resolve("postgres.log").toFile()))
                    .start();
            if (run.waitFor() != 0) {
                throw new IllegalStateException(command + " failed, see " + folder.resolve("postgres.log"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command, e);
        }
    }

    /** PostgreSQL notes its own command line in postmaster.opts; pg_ctl lies beside the program. */
    private String pgCtl() {
        try {
            String line = Files.readString(data().resolve("postmaster.opts"));
            return Path.of(line.substring(0, line.indexOf(" \"")))
                    .resolveSibling("pg_ctl")
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read postmaster.opts in " + folder, e);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** Written by the server itself. */
    static Path pidFile(Path folder) {
        return folder.resolve("data").resolve("postmaster.pid");
    }

    private Path data() {
        return folder.resolve("data");
    }
}
