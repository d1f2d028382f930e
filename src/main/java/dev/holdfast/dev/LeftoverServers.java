package dev.holdfast.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Servers that outlived the JVM that started them. */
final class LeftoverServers {
    /** A JVM killed while it started a server has not yet written what it started; the server itself has. */
    private static final List<String> WRITTEN_BY_SERVERS = List.of("redis.pid", "data/postmaster.pid");

    private LeftoverServers() {}

    /**
     * Ends every server that runs in a folder directly below this one, and nothing else: only a pid written there, if its
     * process started when, or before, it was written and if its command line names the folder.
     */
    static void endAllIn(Path dataFolder) {
        for (Path folder : foldersIn(dataFolder)) {
            Optional<ServerProcess> leftover = ServerProcess.read(folder).or(() -> writtenByServer(folder));
            // Not asked to end first: PostgreSQL would wait for its clients, and both lose nothing by a kill.
            leftover.ifPresent(ServerProcess::kill);
            leftover.ifPresent(ServerProcess::forget);
        }
    }

    private static Optional<ServerProcess> writtenByServer(Path folder) {
        return WRITTEN_BY_SERVERS.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .flatMap(file -> ServerProcess.readForeign(file, folder));
    }

    private static List<Path> foldersIn(Path dataFolder) {
        try (Stream<Path> children = Files.list(dataFolder)) {
            return children.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + dataFolder, e);
        }
    }
}
