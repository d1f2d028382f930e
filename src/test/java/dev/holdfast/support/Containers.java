package dev.holdfast.support;

import com.redis.testcontainers.RedisContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Redis and PostgreSQL as containers; Testcontainers removes them after the JVM ends. */
final class Containers {
    private Containers() {}

    @SuppressWarnings("resource")
    static String redisUri() {
        RedisContainer redis = new RedisContainer("redis:7.4");
        redis.setCommand(
                "redis-server", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction");
        redis.start();
        return "redis://%s:%d".formatted(redis.getRedisHost(), redis.getRedisPort());
    }

    @SuppressWarnings("resource")
    static String postgresUri() {
        PostgreSQLContainer postgres = new PostgreSQLContainer("postgres:18");
        // Testcontainers' own command switches fsync off.
        postgres.setCommand("postgres", "-c", "max_connections=200");
        postgres.start();
        return "postgresql://%s:%s@%s:%d/%s"
                .formatted(
                        postgres.getUsername(),
                        postgres.getPassword(),
                        postgres.getHost(),
                        postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                        postgres.getDatabaseName());
    }
}
