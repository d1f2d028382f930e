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
    private LeftoverServers() {}

    /**
     * Ends every server that runs in a folder directly below this one, and nothing else: only a pid written there, if its
     * process started when, or before, it was written and works in the folder.
     *
     * @return those that work in such a folder but seem to have started at another time than was written, and were left alone
     */
    static List<ServerProcess> endAllIn(Path dataFolder) {
        return foldersIn(dataFolder).stream()
                .flatMap(folder -> endIn(folder).stream())
                .toList();
    }

    private static Optional<ServerProcess> endIn(Path folder) {
        Optional<ServerProcess> ours = ServerProcess.read(folder);
        // Not asked to end first: PostgreSQL would wait for its clients, and both lose nothing by a kill.
        ours.ifPresent(ServerProcess::kill);
        // A JVM killed while it started a server has not yet written what it started; the server itself has.
        pidFilesOfServers(folder)
                .forEach(file -> ServerProcess.written(file, folder).ifPresent(ServerProcess::kill));
        Optional<ServerProcess> left = Stream.concat(
                        ours.flatMap(process -> ServerProcess.running(process.pid(), folder)).stream(),
                        pidFilesOfServers(folder).flatMap(file -> ServerProcess.named(file, folder).stream()))
                .findFirst();
        if (left.isEmpty()) {
            ours.ifPresent(ServerProcess::forget);
        }
        return left;
    }

    private static Stream<Path> pidFilesOfServers(Path folder) {
        return Stream.of(LocalRedis.pidFile(folder), LocalPostgres.pidFile(folder));
    }

    private static List<Path> foldersIn(Path dataFolder) {
        try (Stream<Path> children = Files.list(dataFolder)) {
            return children.filter(Files::isDirectory).map(DataFolder::realPath).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + dataFolder, e);
        }
    }
}
