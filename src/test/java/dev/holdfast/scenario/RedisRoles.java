package dev.holdfast.scenario;

import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.dev.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.function.Function;

/** Makes one Redis the replica of another, and a master again. */
final class RedisRoles {

    private RedisRoles() {}

    /** Waits until it has all that the other one has. */
    static void replicate(LocalRedis server, LocalRedis from) {
        onServer(server, commands -> commands.replicaof("127.0.0.1", from.port()));
        await().until(() ->
                onServer(server, commands -> commands.info("replication")).contains("master_link_status:up"));
    }

    /** It keeps what it has, and takes writes. */
    static void promote(LocalRedis server) {
        onServer(server, RedisCommands::replicaofNoOne);
    }

    @CanIgnoreReturnValue
    private static String onServer(LocalRedis server, Function<RedisCommands<String, String>, String> call) {
        try (RedisClient client = RedisClient.create(server.uri());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            return call.apply(connection.sync());
        }
    }
}
