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
     * Ends every server that runs in a folder directly below this one, and nothing else: only a pid that we wrote, if it
     * started when we wrote it did and its command line names the folder.
     */
    static void endAllIn(Path dataFolder) {
        for (Path folder : foldersIn(dataFolder)) {
            Optional<ServerProcess> leftover = ServerProcess.read(folder);
            // Not asked to end first: PostgreSQL would wait for its clients, and both lose nothing by a kill.
            leftover.ifPresent(ServerProcess::kill);
            leftover.ifPresent(ServerProcess::forget);
        }
    }

    private static List<Path> foldersIn(Path dataFolder) {
        try (Stream<Path> children = Files.list(dataFolder)) {
            return children.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + dataFolder, e);
        }
    }
}
