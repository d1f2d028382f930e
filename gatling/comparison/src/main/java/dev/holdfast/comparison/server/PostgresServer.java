package dev.holdfast.comparison.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL that loses nothing it committed: fsync and synchronous_commit on. */
public final class PostgresServer implements AutoCloseable {

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final Path folder;
    private final EmbeddedPostgres server;

    private PostgresServer(Path folder, EmbeddedPostgres server) {
        this.folder = folder;
        this.server = server;
    }

    /** Starts one; answers once it takes connections. */
    public static PostgresServer start() {
        Path folder = Folder.create("postgres");
        Redirect log = Redirect.appendTo(folder.resolve("postgres.log").toFile());
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(folder.resolve("programs").toFile())
                    .setDataDirectory(folder.resolve("data"))
                    .setLocaleConfig("locale", "C")
                    // The library switches these three off or leaves them to the server's default.
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    // A database as people run it, not as it comes: room for hot tables, no checkpoint within a run.
                    .setServerConfig("shared_buffers", "512MB")
                    .setServerConfig("max_wal_size", "4GB")
                    .setServerConfig("max_connections", "200")
                    .setServerConfig("unix_socket_directories", "")
                    .setErrorRedirector(log)
                    .setOutputRedirector(log)
                    .start();
            return new PostgresServer(folder, server);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }

    /** A new, empty database; answers its address for clients. */
    public String freshDatabase() {
        String name = "comparison_" + DATABASES.incrementAndGet();
        run("create database " + name);
        return "postgresql://postgres:postgres@127.0.0.1:" + server.getPort() + "/" + name;
    }

    /** Ends all connections to a database and lets nobody in, until {@link #letIn}. */
    public void cutOff(String uri) {
        run("alter database " + name(uri) + " with allow_connections false");
        run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name(uri) + "'");
    }

    /** Ends what {@link #cutOff} began. */
    public void letIn(String uri) {
        run("alter database " + name(uri) + " with allow_connections true");
    }

    /** Removes a database that {@link #freshDatabase} made, and writes out what the next contender would else pay for. */
    public void drop(String uri) {
        run("drop database " + name(uri) + " with (force)");
        run("checkpoint");
    }

    private static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    private void run(String sql) {
        String admin = "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
        try (Connection connection = DriverManager.getConnection(admin, "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            boolean ignored = statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot " + sql, e);
        }
    }

    /** Ends it; its data is gone. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not end", e);
        } finally {
            Folder.delete(folder);
        }
    }
}
