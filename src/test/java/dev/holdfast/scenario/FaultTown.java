package dev.holdfast.scenario;

import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.scenario.SaleStorm.Town;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Two nodes as processes, with a Redis and a PostgreSQL of their own, and all of it can break. Redis's clock can be stepped: the nodes run a
 * program whose every question for it is answered by a step more.
 */
final class FaultTown implements AutoCloseable {

    /** In seconds; a key of Redis. */
    private static final String STEP = "test-clock-step";

    private static final String STEPPED_TIME =
            "commands.<java.util.List<String>>eval(\"local t = redis.call('TIME') t[1] = string.format('%d', t[1] +"
                    + " (redis.call('GET', '" + STEP + "') or 0)) return t\", io.lettuce.core.ScriptOutputType.MULTI)";

    /** What stands before the interval of housekeeping. */
    private static final String RESENDS = "Duration.ofSeconds(2),\n                        ";

    final LocalRedis redis = TestServers.ownRedis();
    final LocalPostgres postgres = TestServers.ownPostgres();
    final LossyProxy secondsWay = new LossyProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()));
    final List<NodeProcess> nodes;
    final BooksReader books;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;

    private FaultTown(Path altered) {
        nodes = List.of(
                NodeProcess.startAltered(redis.uri(), postgres.uri(), altered),
                NodeProcess.startAltered("redis://127.0.0.1:" + secondsWay.port(), postgres.uri(), altered));
        books = new BooksReader(postgres.uri());
        client = RedisClient.create(redis.uri());
        connection = client.connect();
        nodes.forEach(NodeProcess::awaitReady);
    }

    /** Waits until both nodes are ready. The altered program may have a planted bug; it is compiled into the folder. */
    static FaultTown start(AlteredProgram program, Path folder) {
        return new FaultTown(program.inResource(
                        "lua/include/lane.lua",
                        "local time = redis.call('TIME')",
                        "local time = redis.call('TIME') time[1] = string.format('%d', time[1] + (redis.call('GET', '"
                                + STEP + "') or 0))")
                .in("redis/ClockSampler.java", "commands.time()", STEPPED_TIME)
                .in("redis/LaneContents.java", "commands.time()", STEPPED_TIME)
                .in("Tuning.java", RESENDS + "Duration.ofMinutes(10)", RESENDS + "Duration.ofMillis(500)")
                .into(folder));
    }

    Town town() {
        return new Town(
                nodes.stream().map(NodeProcess::api).toList(),
                nodes.stream().map(NodeProcess::publicUri).toList(),
                connection.sync(),
                books);
    }

    /** Feels Redis and both nodes. */
    MachinePulse pulse(FaultLog faults) {
        MachinePulse pulse = new MachinePulse(faults);
        pulse.feel(client);
        nodes.forEach(node -> pulse.feel(node.api()));
        return pulse;
    }

    /** Redis's clock jumps by so many seconds, beside those that it jumped before; waits until each node has noticed. */
    void stepClockAndAwaitNotice(long seconds) {
        List<Double> before = nodes.stream().map(FaultTown::clockSteps).toList();
        var unused = connection.sync().incrby(STEP, seconds);
        for (int i = 0; i < nodes.size(); i++) {
            int node = i;
            await().until(() -> clockSteps(nodes.get(node)) > before.get(node));
        }
    }

    private static double clockSteps(NodeProcess node) {
        return node.metric("holdfast_redis_clock_steps_total");
    }

    /** As FLUSHALL does; the step of the clock stays. */
    void emptyRedis() {
        String step = connection.sync().get(STEP);
        var unused = connection.sync().flushall();
        if (step != null) {
            unused = connection.sync().set(STEP, step);
        }
    }

    /** Nobody can write PostgreSQL's table of stock until the answer is closed. */
    Connection lockStock() throws SQLException {
        Connection locking = books.connect();
        locking.setAutoCommit(false);
        try (Statement statement = locking.createStatement()) {
            statement.execute("lock table stock in access exclusive mode");
        }
        return locking;
    }

    /** PostgreSQL ends the connections of all nodes. */
    void endConnections() throws SQLException {
        try (Connection other = books.connect();
                Statement statement = other.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where backend_type = 'client backend' and pid <> pg_backend_pid()");
        }
    }

    /** Waits until our own connection works again. */
    void awaitRedis() {
        await().ignoreExceptions().until(() -> connection.sync().ping().equals("PONG"));
    }

    @Override
    public void close() {
        client.shutdown();
        nodes.forEach(NodeProcess::close);
        secondsWay.close();
        redis.stop();
        postgres.stop();
    }
}
