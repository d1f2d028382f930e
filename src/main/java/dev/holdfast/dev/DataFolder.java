package dev.holdfast.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where servers keep their data, owned by one JVM at a time.
 *
 * <p>The owner holds a lock on the file {@code owner}. The operating system drops it with the process however that ends, so
 * a folder whose lock is free has no living owner, and servers still running in it are leftovers.
 */
public final class DataFolder implements AutoCloseable {
    private static final String OWNER = "owner";
    private static final String TEMPORARY = "data-";

    /** Closing a second channel to a locked file would drop this JVM's lock on it (POSIX), so it is never opened twice. */
    private static final Set<Path> OWNED_HERE = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel owner;
    private final boolean kept;

    private DataFolder(Path path, FileChannel owner, boolean kept) {
        this.path = path;
        this.owner = owner;
        this.kept = kept;
    }

    /**
     * Opens a folder whose data stays, created if missing; ends servers that a dead owner left. Empty if its owner lives.
     *
     * @throws IllegalStateException if a server works in it that may not be ours to end; its message is one line
     */
    public static Optional<DataFolder> kept(Path path) {
        Path real = realPath(path);
        return lock(real).map(owner -> {
            List<ServerProcess> left = LeftoverServers.endAllIn(real);
            if (!left.isEmpty()) {
                release(real, owner);
                throw new IllegalStateException(left.getFirst().inTheWay());
            }
            return new DataFolder(real, owner, true);
        });
    }

    /** Creates an empty folder that {@link #close} removes; removes those of dead owners first, with their servers. */
    public static DataFolder temporary() {
        return temporary(UserFolder.path());
    }

    static synchronized DataFolder temporary(Path anyParent) {
        Path parent = realPath(anyParent);
        // One at a time: a folder just created and not yet locked looks as if its owner had died.
        try (FileChannel turn = open(parent.resolve("turn"))) {
            turn.lock();
            removeAbandoned(parent);
            Path path = Files.createTempDirectory(parent, TEMPORARY);
            return new DataFolder(path, lock(path).orElseThrow(), false);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a data folder in " + parent, e);
        }
    }

    /** Answers the one name by which a folder's servers are found again, through whatever links it was named; creates it if missing. */
    static Path realPath(Path folder) {
        try {
            return Files.createDirectories(folder).toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + folder, e);
        }
    }

    /** The folder's real path; each server has a folder of its own directly in it. */
    public Path path() {
        return path;
    }

    /** Gives the folder up, and removes it if it was temporary. Servers in it must have ended. */
    @Override
    public void close() {
        try {
            if (!kept) {
                delete(path);
            }
            release(path, owner);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give up " + path, e);
        }
    }

    private static void removeAbandoned(Path parent) throws IOException {
        List<Path> folders;
        try (Stream<Path> children = Files.list(parent)) {
            folders = children.filter(child -> nameOf(child).startsWith(TEMPORARY))
                    .filter(Files::isDirectory)
                    .toList();
        }
        for (Path folder : folders) {
            Optional<FileChannel> abandoned = lock(folder);
            if (abandoned.isPresent()) {
                if (LeftoverServers.endAllIn(folder).isEmpty()) {
                    delete(folder);
                }
                release(folder, abandoned.get());
            }
        }
    }

    /** Empty if another holds the lock. */
    private static Optional<FileChannel> lock(Path folder) {
        if (!OWNED_HERE.add(folder)) {
            return Optional.empty();
        }
        try {
            FileChannel channel = open(folder.resolve(OWNER));
            if (channel.tryLock() != null) {
                return Optional.of(channel);
            }
            release(folder, channel);
            return Optional.empty();
        } catch (IOException e) {
            OWNED_HERE.remove(folder);
            throw new UncheckedIOException("cannot use " + folder, e);
        }
    }

    private static void release(Path folder, FileChannel channel) {
        try {
            channel.close();
            OWNED_HERE.remove(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give up " + folder, e);
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** What somebody else removes meanwhile, as a server does that ends, is gone, too. */
    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return goOnIfGone(failure);
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.deleteIfExists(directory);
                return goOnIfGone(failure);
            }
        });
    }

    private static FileVisitResult goOnIfGone(@Nullable IOException failure) throws IOException {
        if (failure == null || failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }
}
