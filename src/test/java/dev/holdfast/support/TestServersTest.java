package dev.holdfast.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestServersTest {
    @Test
    void redisKeepsWhatItAcknowledgedWhenItIsKilled() {
        LocalRedis redis = TestServers.ownRedis();
        long firstPid = redis.pid();
        assertThat(command(redis.uri(), "kept")).isNull();

        redis.kill();
        redis.restart();

        assertThat(command(redis.uri(), "kept")).isEqualTo("1");
        assertThat(redis.pid()).isNotEqualTo(firstPid);
        redis.stop();
    }

    @Test
    void redisTakesExtraSettings() {
        LocalRedis redis = TestServers.ownRedis("maxmemory 8mb");

        try (RedisClient client = RedisClient.create(redis.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().configGet("maxmemory")).containsEntry("maxmemory", "8388608");
            assertThat(connection.sync().configGet("appendfsync")).containsEntry("appendfsync", "always");
            assertThat(connection.sync().configGet("maxmemory-policy")).containsEntry("maxmemory-policy", "noeviction");
        }
        redis.stop();
    }

    @Test
    void postgresKeepsWhatItCommittedWhenItIsKilled() throws SQLException {
        LocalPostgres postgres = TestServers.ownPostgres();
        long firstPid = postgres.pid();
        List<String> before = query(postgres.uri(), "create table kept as select 'yes' as word");

        postgres.kill();
        postgres.restart();

        assertThat(before).isEmpty();
        assertThat(query(postgres.uri(), "select word from kept")).containsExactly("yes");
        assertThat(postgres.pid()).isNotEqualTo(firstPid);
        postgres.stop();
    }

    @Test
    void postgresSyncsWhatItCommits() throws SQLException {
        assumeTrue(System.getenv("HOLDFAST_TEST_POSTGRES_URI") == null);

        List<String> settings = query(
                TestServers.postgresUri(),
                "select name || ' ' || setting from pg_settings"
                        + " where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name");

        assertThat(settings).containsExactly("fsync on", "full_page_writes on", "synchronous_commit on");
    }

    @Test
    void aFreshDatabaseIsEmptyAndNobodyElses() throws SQLException {
        String one = TestServers.freshDatabase();
        String other = TestServers.freshDatabase();

        List<String> ignored = query(one, "create table mine (id int)");

        assertThat(ignored).isEmpty();
        assertThat(query(other, "select tablename from pg_tables where schemaname = 'public'"))
                .isEmpty();
    }

    private static String command(String uri, String key) {
        try (RedisClient client = RedisClient.create(uri);
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().setGet(key, "1");
        }
    }

    private static List<String> query(String uri, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        String jdbcUrl = uri.replaceFirst("^postgresql://[^@]*@", "jdbc:postgresql://");
        try (Connection connection = DriverManager.getConnection(jdbcUrl, "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                ResultSet result = statement.getResultSet();
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
        }
        return rows;
    }
}
