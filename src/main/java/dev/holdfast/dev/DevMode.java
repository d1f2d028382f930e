package dev.holdfast.dev;

import dev.holdfast.Holdfast;
import dev.holdfast.Settings;
import dev.holdfast.Wiring;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts Holdfast on a developer's machine, with its own PostgreSQL and Redis, a demo sale, and lines to paste. */
public final class DevMode {
    private static final int EXIT_CONFIG = 78;
    private static final int EXIT_FAILURE = 1;
    private static final int EXIT_INTERRUPTED = 130;
    private static final Duration SERVICE_STOP_TIMEOUT = Duration.ofSeconds(20);

    private final DevSettings settings;
    private final DataFolder folder;
    private final LocalServers servers;
    private volatile @Nullable CompletableFuture<Holdfast> service;
    private volatile boolean ready;

    /** Of both ways to end, one has the last word. */
    private final Object ending = new Object();

    private DevMode(DevSettings settings, DataFolder folder) {
        this.settings = settings;
        this.folder = folder;
        this.servers = LocalServers.start(folder.path(), settings);
    }

    /** Runs until it is told to end, by Ctrl-C, SIGTERM, or the end of the Maven that started it. */
    public static void main(String[] args) {
        ParentWatch.start();
        try {
            start();
        } catch (Settings.Problem problem) {
            System.err.println(problem.getMessage());
            System.exit(EXIT_CONFIG);
        } catch (RuntimeException e) {
            System.err.println("dev mode cannot start: " + firstLine(e));
            System.exit(EXIT_FAILURE);
        }
    }

    private static void start() {
        DevSettings settings = DevSettings.read(System.getenv());
        DevMode mode = new DevMode(settings, openFolder(settings));
        Runtime.getRuntime().addShutdownHook(new Thread(mode::stop, "dev-mode-stop"));
        mode.run();
    }

    private static DataFolder openFolder(DevSettings settings) {
        return settings.dataDir()
                .map(path -> DataFolder.kept(path)
                        .orElseThrow(() -> new Settings.Problem(
                                "HOLDFAST_DATA_DIR: " + path + " is in use by another dev mode", null)))
                .orElseGet(DataFolder::temporary);
    }

    private void run() {
        Instant begun = Instant.now();
        System.out.println("Starting PostgreSQL and Redis ...");
        servers.await();
        Instant serversUp = Instant.now();
        System.out.println("Starting Holdfast ...");
        Holdfast started = startService();
        Instant serviceUp = Instant.now();
        DemoSale demo = DemoSale.read();
        Addresses addresses = Addresses.of(started, settings.service());
        Banner banner = new Banner(
                addresses,
                settings,
                demo.id(),
                demo.putUp(addresses),
                dataPlace(),
                "ready in %s (servers %s, service %s)"
                        .formatted(
                                seconds(ParentWatch.commandStartedAt(), Instant.now()),
                                seconds(begun, serversUp),
                                seconds(serversUp, serviceUp)));
        System.out.print(banner.text());
        ready = true;
    }

    private Holdfast startService() {
        CompletableFuture<Holdfast> starting =
                Wiring.start(settings.service()).toCompletionStage().toCompletableFuture();
        service = starting;
        try {
            return starting.join();
        } catch (CompletionException e) {
            throw new IllegalStateException(firstLine(e.getCause() == null ? e : e.getCause()), e);
        }
    }

    /**
     * The service first, so that it ends with its servers still there; then Redis, then PostgreSQL. Java would answer a signal with 128
     * and its number, however well that went.
     */
    private void stop() {
        NextSignal.does(this::endAtOnce);
        stopService();
        servers.stop();
        synchronized (ending) {
            folder.close();
            System.out.println("Stopped.");
            System.out.flush();
            if (ready) {
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** Somebody asked twice: nobody waits for anything any more, and nothing is left running all the same. */
    private void endAtOnce() {
        synchronized (ending) {
            try {
                servers.kill();
                folder.close();
                System.out.println("Stopped at once.");
            } catch (RuntimeException e) {
                System.err.println("Stopped at once, but not all is gone; the next start ends it: " + firstLine(e));
            } finally {
                System.out.flush();
                Runtime.getRuntime().halt(EXIT_INTERRUPTED);
            }
        }
    }

    private void stopService() {
        CompletableFuture<Holdfast> started = service;
        if (started != null) {
            Optional<String> failure = started.thenCompose(
                            running -> running.close().toCompletionStage())
                    .orTimeout(SERVICE_STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .handle((done, thrown) -> Optional.ofNullable(thrown).map(DevMode::firstLine))
                    .join();
            failure.ifPresent(text -> System.err.println("Holdfast did not end in order: " + text));
        }
    }

    private String dataPlace() {
        return settings.dataDir()
                .map(path -> path + ", kept")
                .orElseGet(() -> folder.path() + ", removed at the end; HOLDFAST_DATA_DIR keeps it elsewhere");
    }

    private static String seconds(Instant from, Instant to) {
        return "%.1f s".formatted(Duration.between(from, to).toMillis() / 1000.0);
    }

    private static String firstLine(Throwable failure) {
        return Optional.ofNullable(failure.getMessage())
                .flatMap(message -> message.lines().findFirst())
                .orElseGet(failure::toString);
    }
}
