package dev.holdfast.support;

import dev.holdfast.dev.LocalPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/** Copies the data of a PostgreSQL that goes on working: a base backup, as its manual describes it. */
final class PostgresCopy {

    private static final Set<String> OF_THE_RUNNING_ONE =
            Set.of("postmaster.pid", "postmaster.opts", "epg-lock", "pg_wal");

    private PostgresCopy() {}

    static void make(LocalPostgres original, Path to) {
        URI uri = URI.create(original.uri());
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath()),
                        "postgres",
                        "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("set default_transaction_read_only = off");
            Path from = Path.of(text(statement, "show data_directory"));
            statement.execute("select pg_backup_start('copy', true)");
            copy(from, to, OF_THE_RUNNING_ONE);
            String label = text(statement, "select labelfile from pg_backup_stop(false)");
            copy(from.resolve("pg_wal"), to.resolve("pg_wal"), Set.of());
            Files.writeString(to.resolve("backup_label"), label);
            Files.deleteIfExists(to.resolve("postgresql.auto.conf"));
            Files.createFile(to.resolve("postgresql.auto.conf"));
        } catch (SQLException e) {
            throw new IllegalStateException("cannot copy the data of " + uri, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy to " + to, e);
        }
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void copy(Path from, Path to, Set<String> without) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (without.contains(folder.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Path made = Files.createDirectories(
                        to.resolve(from.relativize(folder).toString()));
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!without.contains(file.getFileName().toString())) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    // Removed while the backup went on: the log has what became of it.
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }
}
