package dev.holdfast.support;

import dev.holdfast.dev.DataFolder;
import dev.holdfast.dev.FreePort;
import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.dev.LocalServer;
import dev.holdfast.dev.UserFolder;
import dev.holdfast.ledger.Migrations;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The Redis and the PostgreSQL that tests use: those named by HOLDFAST_TEST_REDIS_URI and HOLDFAST_TEST_POSTGRES_URI, else
 * containers if a Docker engine answers, else real servers from Maven artifacts. What is started here ends with the JVM.
 */
public final class TestServers {
    private TestServers() {}

    /** The Redis that all tests of this JVM share: every test has a sale of its own. */
    public static String redisUri() {
        return SharedRedis.URI_TEXT;
    }

    /** A database that all tests of this JVM share. */
    public static String postgresUri() {
        return SharedDatabase.URI_TEXT;
    }

    /** A new, empty database. */
    public static String freshDatabase() {
        return newDatabase("");
    }

    /** A new database with our schema: a copy of one that was migrated once, which takes a tenth of the time. */
    public static String migratedDatabase() {
        String uri = newDatabase(" template " + MigratedDatabase.NAME);
        // Redis remembers a database by its id: with the template's, one copy would be taken for another that has
        // become older.
        execute(uri, "update database_life set database_id = gen_random_uuid()");
        return uri;
    }

    private static String newDatabase(String after) {
        String name = "test_" + UUID.randomUUID().toString().replace("-", "");
        execute(SharedPostgres.URI_TEXT, "create database " + name + after);
        Ending.dropLater(name);
        return uriOf(name);
    }

    private static String uriOf(String database) {
        return URI.create(SharedPostgres.URI_TEXT).resolve("/" + database).toString();
    }

    /** A Redis of the caller's test class, to kill and restart; with further lines for its redis.conf. */
    public static LocalRedis ownRedis(String... extraSettings) {
        LocalRedis redis = startRedis(extraSettings);
        OfClass.add(redis);
        return redis;
    }

    /** A PostgreSQL of the caller's test class, to kill and restart; empty, though another class may have had it before. */
    public static LocalPostgres ownPostgres() {
        return OfClass.postgres();
    }

    /** To be called at the end of a test class: its servers end, or are kept for the next class. */
    static void endOfClass() {
        OfClass.end();
    }

    private static LocalRedis startRedis(String... extraSettings) {
        return Ending.started(() -> LocalRedis.start(newFolder("redis"), FreePort.any(), extraSettings));
    }

    private static LocalPostgres startPostgres() {
        return Ending.started(
                () -> LocalPostgres.start(newFolder("postgres"), FreePort.any(), UserFolder.postgresBinaries()));
    }

    /**
     * A second PostgreSQL with what this one has now, as a standby that was promoted has it. The first one may work on meanwhile; what it
     * commits from now on is not in the second one.
     */
    public static LocalPostgres copyOf(LocalPostgres original) {
        Path folder = newFolder("postgres");
        PostgresCopy.make(original, folder.resolve("data"));
        return Ending.started(() -> LocalPostgres.start(folder, FreePort.any(), UserFolder.postgresBinaries()));
    }

    private static Path newFolder(String kind) {
        return Ending.FOLDER.path().resolve(kind + "-" + UUID.randomUUID());
    }

    private static Optional<String> configured(String variable) {
        return Optional.ofNullable(System.getenv(variable)).filter(value -> !value.isBlank());
    }

    private static void execute(String server, String sql) {
        URI uri = URI.create(server);
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath());
        try (Connection connection = DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + sql, e);
        }
    }

    /** Started at the first use, as the class loader has it. */
    private static final class SharedRedis {
        static final String URI_TEXT = configured("HOLDFAST_TEST_REDIS_URI").orElseGet(SharedRedis::start);

        private static String start() {
            return DockerEngine.answers() ? Containers.redisUri() : startRedis().uri();
        }
    }

    private static final class SharedPostgres {
        static final String URI_TEXT = configured("HOLDFAST_TEST_POSTGRES_URI").orElseGet(SharedPostgres::start);

        private static String start() {
            return DockerEngine.answers()
                    ? Containers.postgresUri()
                    : startPostgres().uri();
        }
    }

    private static final class SharedDatabase {
        static final String URI_TEXT = migratedDatabase();
    }

    /** Nobody connects to it once it is made: PostgreSQL copies only what nobody uses. */
    private static final class MigratedDatabase {
        static final String NAME = made();

        private static String made() {
            String uri = freshDatabase();
            Migrations.run(uri);
            return URI.create(uri).getPath().substring(1);
        }
    }

    /** The servers that the test class of this moment has for itself. */
    private static final class OfClass {
        private static final List<LocalServer> USED = new ArrayList<>();

        /** A PostgreSQL takes a hundred times as long to start as a Redis. */
        private static final Deque<LocalPostgres> KEPT = new ArrayDeque<>();

        static synchronized void add(LocalServer server) {
            USED.add(server);
        }

        static synchronized LocalPostgres postgres() {
            LocalPostgres postgres = KEPT.isEmpty() ? startPostgres() : emptied(KEPT.pop());
            USED.add(postgres);
            return postgres;
        }

        /** Servers that nobody asks anything cost a little time each, all the time. */
        static synchronized void end() {
            for (LocalServer server : USED) {
                server.kill();
                if (server instanceof LocalPostgres postgres) {
                    KEPT.push(postgres);
                }
            }
            USED.clear();
        }

        private static LocalPostgres emptied(LocalPostgres postgres) {
            postgres.restart();
            String beside = URI.create(postgres.uri()).resolve("/template1").toString();
            execute(beside, "drop database postgres with (force)");
            execute(beside, "create database postgres");
            return postgres;
        }
    }

    /** What must be undone when the JVM ends. */
    private static final class Ending {
        static final DataFolder FOLDER = DataFolder.temporary();

        private static final List<LocalServer> SERVERS = new ArrayList<>();
        private static final List<String> DATABASES = new ArrayList<>();
        private static boolean over;

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(Ending::run, "test-servers-end"));
        }

        /** Not while the JVM ends: what starts then would outlive it. */
        static synchronized <S extends LocalServer> S started(Supplier<S> start) {
            if (over) {
                throw new IllegalStateException("the JVM ends");
            }
            S server = start.get();
            SERVERS.add(server);
            return server;
        }

        static synchronized void dropLater(String database) {
            DATABASES.add(database);
        }

        private static synchronized void run() {
            over = true;
            if (configured("HOLDFAST_TEST_POSTGRES_URI").isPresent()) {
                DATABASES.forEach(
                        name -> execute(SharedPostgres.URI_TEXT, "drop database if exists " + name + " with (force)"));
            }
            // Their folder goes too: there is nothing to save by an end in order.
            SERVERS.forEach(LocalServer::kill);
            FOLDER.close();
        }
    }
}
