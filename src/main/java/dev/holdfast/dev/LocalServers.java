package dev.holdfast.dev;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The servers that dev mode starts for itself, at the same time, each in its own folder. */
final class LocalServers {
    private final CompletableFuture<Optional<LocalServer>> redis;
    private final CompletableFuture<Optional<LocalServer>> postgres;

    private LocalServers(Optional<Supplier<LocalServer>> redis, Optional<Supplier<LocalServer>> postgres) {
        this.postgres = startLater(postgres);
        this.redis = startLater(redis);
    }

    /** Begins to start those servers that have a port. */
    static LocalServers start(Path folder, DevSettings settings) {
        return new LocalServers(
                settings.redisPort().map(port -> () -> LocalRedis.start(folder.resolve("redis"), port)),
                settings.postgresPort()
                        .map(port -> () ->
                                LocalPostgres.start(folder.resolve("postgres"), port, UserFolder.postgresBinaries())));
    }

    /** Waits until all run; throws what kept one from it. */
    void await() {
        try {
            CompletableFuture.allOf(redis, postgres).join();
        } catch (CompletionException e) {
            throw new IllegalStateException(messageOf(e), e);
        }
    }

    /** Ends Redis, then PostgreSQL; one that is still starting is waited for. */
    void stop() {
        stop(redis);
        stop(postgres);
    }

    /** Kills those that run; one that is still starting is left to the next start, which ends it. */
    void kill() {
        Stream.of(redis, postgres)
                .filter(starting -> starting.isDone() && !starting.isCompletedExceptionally())
                .forEach(started -> started.join().ifPresent(LocalServer::kill));
    }

    private static void stop(CompletableFuture<Optional<LocalServer>> starting) {
        Optional<LocalServer> server =
                starting.exceptionally(failure -> Optional.empty()).join();
        server.ifPresent(LocalServer::stop);
    }

    private static CompletableFuture<Optional<LocalServer>> startLater(Optional<Supplier<LocalServer>> start) {
        return start.map(supplier -> CompletableFuture.supplyAsync(() -> Optional.of(supplier.get())))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private static String messageOf(CompletionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }
}
