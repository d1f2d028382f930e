package dev.holdfast.comparison.cost;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at a contender's Redis, beside the contender itself. */
public final class RedisView implements AutoCloseable {

    /** Whatever runs a script; the commands in it are in its time. */
    private static final Set<String> SCRIPT_CALLS = Set.of("evalsha", "eval", "fcall");

    private static final Pattern COMMAND = Pattern.compile("cmdstat_([^:]+):calls=(\\d+),usec=(\\d+),.*");
    private static final long LOOK_NANOS = 50_000_000;

    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;

    /** Connects to it. */
    public RedisView(String uri) {
        client = RedisClient.create(uri);
        connection = client.connect();
    }

    /** All script calls since it started, whoever made them. */
    CommandTime scripts() {
        return time(SCRIPT_CALLS);
    }

    /** All HINCRBY since it started. */
    CommandTime increments() {
        return time(Set.of("hincrby"));
    }

    private CommandTime time(Set<String> commands) {
        return commands()
                .info("commandstats")
                .lines()
                .map(COMMAND::matcher)
                .filter(Matcher::matches)
                .filter(command -> commands.contains(command.group(1)))
                .map(command -> new CommandTime(Long.parseLong(command.group(2)), Long.parseLong(command.group(3))))
                .reduce(CommandTime.NONE, CommandTime::plus);
    }

    /** What these keys take, every element counted. */
    long bytes(List<String> keys) {
        return keys.stream().mapToLong(this::bytes).sum();
    }

    private long bytes(String key) {
        CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8)
                .add("USAGE")
                .addKey(key)
                .add("SAMPLES")
                .add(0);
        Long bytes = commands().dispatch(CommandType.MEMORY, new IntegerOutput<>(StringCodec.UTF8), arguments);
        return bytes == null ? 0 : bytes;
    }

    /** What all of Redis takes. */
    long usedMemory() {
        return number("memory", "used_memory");
    }

    long hashLength(String key) {
        return commands().hlen(key);
    }

    long streamLength(String key) {
        return commands().xlen(key);
    }

    void delete(String key) {
        Long ignored = commands().del(key);
    }

    /** Waits until it rewrites its append-only file no more, which takes a core. */
    public void awaitRewritten() {
        while (number("persistence", "aof_rewrite_in_progress") + number("persistence", "aof_rewrite_scheduled") > 0) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private long number(String section, String name) {
        return commands()
                .info(section)
                .lines()
                .filter(line -> line.startsWith(name + ':'))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("INFO " + section + " has no " + name));
    }

    private RedisCommands<String, String> commands() {
        return connection.sync();
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown();
    }
}
