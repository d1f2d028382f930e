package dev.holdfast.support;

import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.function.Function;

/** Makes masters and replicas of the Redis servers of a test. */
public final class RedisRoles {

    /** So that a replica is not kept waiting for others. */
    @SuppressWarnings("MutablePublicArray") // as the servers take them
    public static final String[] SETTINGS = {"repl-diskless-sync-delay 0"};

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final RedisClient CLIENT = RedisClient.create();

    private RedisRoles() {}

    /** A server that can be either. */
    public static LocalRedis server() {
        return TestServers.ownRedis(SETTINGS);
    }

    /** The first is a replica of the other, and has all that the other had when they were linked. Its clients stay connected. */
    public static void demote(LocalRedis replica, LocalRedis master) {
        String told = ask(replica, redis -> redis.replicaof("127.0.0.1", master.port()));
        await().atMost(PATIENCE)
                .until(() -> ask(replica, redis -> redis.info("replication")).contains("master_link_status:up"));
        // Once: a master that is written to all the time is ahead whenever it is asked after its replica.
        long linkedAt = offset(master, "master_repl_offset");
        await().atMost(PATIENCE).until(() -> offset(replica, "slave_repl_offset") >= linkedAt);
        require(told);
    }

    /** It is a master, of the data that it has. */
    public static void promote(LocalRedis replica) {
        require(ask(replica, RedisCommands::replicaofNoOne));
    }

    /** What one command comes to. */
    public static <T> T ask(LocalRedis server, Function<RedisCommands<String, String>, T> command) {
        try (StatefulRedisConnection<String, String> connection =
                CLIENT.connect(io.lettuce.core.RedisURI.create(server.uri()))) {
            return command.apply(connection.sync());
        }
    }

    private static long offset(LocalRedis server, String name) {
        return ask(server, redis -> redis.info("replication"))
                .lines()
                .filter(line -> line.startsWith(name + ':'))
                .mapToLong(
                        line -> Long.parseLong(line.substring(name.length() + 1).strip()))
                .findFirst()
                .orElse(-1);
    }

    private static void require(String reply) {
        if (!reply.equals("OK")) {
            throw new AssertionError("Redis answered " + reply);
        }
    }
}
