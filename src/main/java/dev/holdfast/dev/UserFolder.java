package dev.holdfast.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The folder under java.io.tmpdir that belongs to this user alone: unpacked programs, and data that nobody wants kept. */
public final class UserFolder {
    private UserFolder() {}

    /** Answers the folder, created if missing; refuses one that another user put there. */
    public static Path path() {
        String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "holdfast-" + user)
                .toAbsolutePath();
        try {
            Path mine = Files.createTempDirectory("holdfast-");
            boolean isNew = !Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
            if (isNew) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            boolean isOurs = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(mine));
            Files.delete(mine);
            if (!isOurs) {
                throw new IllegalStateException(folder + " belongs to somebody else");
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + folder, e);
        }
    }

    /** Where the programs of PostgreSQL are unpacked, once for all starts. */
    public static Path postgresBinaries() {
        return path().resolve("postgres");
    }
}
