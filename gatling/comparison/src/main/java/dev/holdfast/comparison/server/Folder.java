package dev.holdfast.comparison.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders that a run uses up. */
public final class Folder {

    private Folder() {}

    /** A new one. Not where the system keeps temporary files: that may be in memory, where fsync costs nothing. */
    public static Path create(String name) {
        try {
            return Files.createTempDirectory(Files.createDirectories(parent()), name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a folder for " + name, e);
        }
    }

    /** The file system that durability is paid on. */
    public static String fileSystem() {
        try {
            return Files.getFileStore(Files.createDirectories(parent())).type();
        } catch (IOException e) {
            throw new UncheckedIOException("no file system at " + parent(), e);
        }
    }

    private static Path parent() {
        return Path.of(System.getProperty("comparison.folder", "target/data")).toAbsolutePath();
    }

    /** Removes it and all that is in it. */
    public static void delete(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            List<Path> innermostFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path path : innermostFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
