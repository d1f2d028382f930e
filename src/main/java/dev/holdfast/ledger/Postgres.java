package dev.holdfast.ledger;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The service's one way to PostgreSQL: owns connections, which follow its address to another server. Safe for all threads; answers come
 * on the caller's context.
 */
public final class Postgres {

    /** Enough for admins and what runs in the background; PostgreSQL itself gains nothing from more on few cores. */
    private static final int CONNECTIONS = 6;

    /** Two transactions of a recorder, and its questions beside them. */
    private static final int RECORDING_CONNECTIONS = 3;

    /** For a statement at a time. */
    private static final int LEASE_CONNECTIONS = 1;

    /** A lease must be renewed, or found not to be, well before it runs out. */
    private static final int LEASE_TIMEOUT_MS = 2_000;

    /**
     * The recorder's statements find a known number of rows by their keys, and some of them are planned while tables are empty: without
     * nested loops such a plan would read whole tables later. A lock that somebody else holds for long must not keep many lanes waiting:
     * their transaction fails, and the lane in question is recorded by itself.
     */
    private static final Map<String, String> RECORDING = Map.of(
            "lock_timeout", "1000",
            "enable_seqscan", "off",
            "enable_hashjoin", "off",
            "enable_mergejoin", "off");

    /** Enough for what callers look up; so few that they cannot slow the recorder down. */
    private static final int LOOKUP_CONNECTIONS = 2;

    /** How long a caller waits for a lookup, connection included. */
    private static final int LOOKUP_TIMEOUT_MS = 2_000;

    /** Who waits longer than this many would wait in vain: refuse at once. */
    private static final int WAITING = 256;

    private static final int CONNECT_TIMEOUT_MS = 2_000;

    /** Of a program that has just started: its first connection, on a busy machine, takes seconds. */
    private static final int FIRST_CONNECT_TIMEOUT_MS = 30_000;

    /** Ends a statement that the server still runs. */
    private static final int STATEMENT_TIMEOUT_MS = 10_000;

    /** Ends the transaction of a node that froze in it: its locks would keep every other node from recording. */
    private static final int FROZEN_TIMEOUT_MS = 3_000;

    private static final int POOL_IDLE_S = 10;

    /** Ends a connection whose server went silent: longer than any statement and than an idle connection's stay in the pool. */
    private static final int SILENCE_S = 20;

    /** By then the watch knows of a server that went silent when the question was asked. */
    private static final int SILENCE_IS_KNOWN_MS = ServerWatch.SILENT_MS + 1_500;

    /** A server that is known to be silent has so long to come back. */
    private static final int STILL_SILENT_MS = 2_000;

    private static final int LOOK_AGAIN_MS = 500;

    /** Enough for a rebuild and the next one that overtakes it. */
    private static final int LONG_READERS = 2;

    /** Of transactions that read for minutes, and that wait for Redis in between: no statement and no pause ends them. */
    private static final Map<String, String> LONG =
            Map.of("statement_timeout", "0", "idle_in_transaction_session_timeout", "0");

    /** A server may say nothing for as long as it likes; one that is gone is found by the watch. */
    private static final int NEVER_SILENT = 0;

    private final Vertx vertx;
    private final String uri;
    private final RenewedPool pool;
    private @Nullable RenewedPool longPool;
    private final ServerWatch watch;
    private final boolean ownsWatch;
    private final int connectTimeoutMs;
    private final int answerTimeoutMs;

    private Postgres(
            Vertx vertx,
            String uri,
            ServerWatch watch,
            boolean ownsWatch,
            int connections,
            int connectTimeoutMs,
            int answerTimeoutMs,
            Map<String, String> settings) {
        this.vertx = vertx;
        this.uri = uri;
        this.watch = watch;
        this.ownsWatch = ownsWatch;
        this.answerTimeoutMs = answerTimeoutMs;
        this.connectTimeoutMs = connectTimeoutMs;
        this.pool = new RenewedPool(
                vertx, () -> pool(vertx, uri, connections, connectTimeoutMs, answerTimeoutMs, SILENCE_S, settings));
        watch.keepFresh(pool);
    }

    /** Connects lazily: succeeds while PostgreSQL is away. Throws IllegalArgumentException where the URI is none. */
    public static Postgres open(Vertx vertx, String uri) {
        return open(vertx, uri, null);
    }

    /** As {@link #open}, for a node: that it can write is found out by writing its row in the table of nodes, once a second. */
    public static Postgres openForNode(Vertx vertx, String uri, String nodeId) {
        return open(vertx, uri, nodeId);
    }

    /** As {@link #open}, for a command of a program that has just started: it waits longer for a connection. */
    public static Postgres openForCommand(Vertx vertx, String uri) {
        return open(vertx, uri, null, FIRST_CONNECT_TIMEOUT_MS);
    }

    private static Postgres open(Vertx vertx, String uri, @Nullable String nodeId) {
        return open(vertx, uri, nodeId, CONNECT_TIMEOUT_MS);
    }

    private static Postgres open(Vertx vertx, String uri, @Nullable String nodeId, int connectTimeoutMs) {
        ServerWatch watch = new ServerWatch(
                vertx, () -> pool(vertx, uri, 1, connectTimeoutMs, STATEMENT_TIMEOUT_MS, SILENCE_S, Map.of()), nodeId);
        int answerTimeoutMs = SILENCE_S * 1_000 + connectTimeoutMs - CONNECT_TIMEOUT_MS;
        return new Postgres(vertx, uri, watch, true, CONNECTIONS, connectTimeoutMs, answerTimeoutMs, Map.of());
    }

    /**
     * Connections of their own to the same server, for what callers without any key may ask: they share nothing with the recorder. They
     * are made anew when these are, and are to be closed before these.
     */
    public Postgres forLookups() {
        return new Postgres(
                vertx, uri, watch, false, LOOKUP_CONNECTIONS, connectTimeoutMs, LOOKUP_TIMEOUT_MS, Map.of());
    }

    /** As {@link #forLookups}, for the recorder. */
    public Postgres forRecording() {
        return new Postgres(
                vertx, uri, watch, false, RECORDING_CONNECTIONS, connectTimeoutMs, SILENCE_S * 1_000, RECORDING);
    }

    /** As {@link #forLookups}, for leases: they never wait behind anything else. */
    public Postgres forLeases() {
        return new Postgres(vertx, uri, watch, false, LEASE_CONNECTIONS, connectTimeoutMs, LEASE_TIMEOUT_MS, Map.of());
    }

    private static Pool pool(
            Vertx vertx,
            String uri,
            int connections,
            int connectTimeoutMs,
            int answerTimeoutMs,
            int silenceS,
            Map<String, String> settings) {
        PgConnectOptions server = PgConnectOptions.fromUri(uri)
                .addProperty("application_name", "holdfast")
                .addProperty("statement_timeout", Integer.toString(Math.min(STATEMENT_TIMEOUT_MS, answerTimeoutMs)))
                .addProperty("idle_in_transaction_session_timeout", Integer.toString(FROZEN_TIMEOUT_MS))
                // Compiling a statement takes longer than any of these runs: 36 ms for one of 1 ms, where PostgreSQL
                // took it for a large one.
                .addProperty("jit", "off")
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheSqlLimit(8_192)
                .setPipeliningLimit(32);
        settings.forEach(server::addProperty);
        PoolOptions options = new PoolOptions()
                .setMaxSize(connections)
                .setMaxWaitQueueSize(WAITING)
                .setConnectionTimeout(connectTimeoutMs)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(POOL_IDLE_S)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        NetClientOptions network = new NetClientOptions()
                .setConnectTimeout(connectTimeoutMs)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                .setReadIdleTimeout(silenceS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        return PgBuilder.pool()
                .with(options)
                .with(network)
                .connectingTo(server)
                .using(vertx)
                .build();
    }

    /** Whether it answered when last asked, at most a second or so ago. */
    public boolean up() {
        return watch.up();
    }

    /** Whether it takes what is to be recorded, as far as the last second tells: what it reads may be less than that. */
    public boolean canWrite() {
        return watch.writeProblem() == null;
    }

    /** Why not, in a line for people; empty where it can. */
    public Optional<String> writeProblem() {
        return Optional.ofNullable(watch.writeProblem());
    }

    /** Finds out now whether it can write; completes in any case, within seconds. */
    public Future<Void> look() {
        return watch.lookNow();
    }

    /** Calls this whenever connections are made anew, for one that somebody else has to the same server; not on the caller's context. */
    public void onRenewal(Runnable listener) {
        watch.onRenewal(listener);
    }

    /** Closes all connections. */
    public Future<Void> close() {
        return (ownsWatch ? watch.stop() : Future.<Void>succeededFuture())
                .eventually(pool::close)
                .eventually(this::closeLongPool);
    }

    private synchronized Future<Void> closeLongPool() {
        return longPool == null ? Future.succeededFuture() : longPool.close();
    }

    /** Few nodes ever need one. */
    private synchronized RenewedPool longPool() {
        if (longPool == null) {
            longPool = new RenewedPool(
                    vertx,
                    () -> pool(vertx, uri, LONG_READERS, connectTimeoutMs, SILENCE_S * 1_000, NEVER_SILENT, LONG));
            watch.keepFresh(longPool);
        }
        return longPool;
    }

    Vertx vertx() {
        return vertx;
    }

    /** One statement; fails with {@link dev.holdfast.reservation.Unavailable} that names the operation while PostgreSQL is away. */
    Future<RowSet<Row>> query(String operation, String sql, Tuple arguments) {
        return unlessSilent(
                        pool.use(connections -> connections.preparedQuery(sql).execute(arguments))
                                .onFailure(watch::noticed),
                        answerTimeoutMs)
                .recover(failure -> Future.failedFuture(PgErrors.named(operation, failure)));
    }

    /**
     * All of the work or nothing; fails as the work does, or as {@link #query} does, or with OUTCOME_UNKNOWN where the connection
     * broke, or the server went silent, after the transaction began: nobody knows whether its commit arrived.
     */
    <T> Future<T> inTransaction(String operation, Function<SqlConnection, Future<T>> work) {
        return inTransaction(operation, pool, done -> unlessSilent(done, Long.MAX_VALUE), work);
    }

    /** As {@link #inTransaction(String, Function)}, however long it takes. */
    <T> Future<T> inLongTransaction(String operation, Function<SqlConnection, Future<T>> work) {
        return inTransaction(operation, longPool(), done -> done, work);
    }

    /**
     * The work on what there is at one moment, however long it reads and whatever it waits for in between; it can change nothing. Fails as
     * {@link #inTransaction(String, Function)} does.
     */
    <T> Future<T> inSnapshot(String operation, Function<SqlConnection, Future<T>> work) {
        return inLongTransaction(
                operation,
                connection -> connection
                        .query("set transaction isolation level repeatable read, read only")
                        .execute()
                        .compose(set -> work.apply(connection)));
    }

    private <T> Future<T> inTransaction(
            String operation,
            RenewedPool pools,
            UnaryOperator<Future<T>> patience,
            Function<SqlConnection, Future<T>> work) {
        AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);
        @SuppressWarnings("NullAway") // The driver declares null where the work may answer null: ours says for itself.
        Future<T> done = pools.use(
                connections -> connections.withTransaction(connection -> stage.compareAndSet(Stage.WAITING, Stage.BEGUN)
                        ? work.apply(connection)
                        : Future.failedFuture(new TimeoutException("given up before it began"))));
        return patience.apply(done.onFailure(watch::noticed))
                .recover(failure -> Future.failedFuture(
                        // Who was told that nothing was done must not have it done later.
                        stage.compareAndSet(Stage.WAITING, Stage.GIVEN_UP) || stage.get() == Stage.GIVEN_UP
                                ? PgErrors.named(operation, failure)
                                : PgErrors.namedInTransaction(operation, failure)));
    }

    private enum Stage {
        WAITING,
        BEGUN,
        GIVEN_UP
    }

    /** The answer, unless the server goes silent or the time is over: no caller waits for a connection that says nothing any more. */
    private <T> Future<T> unlessSilent(Future<T> answer, long mostMs) {
        Promise<T> first = Promise.promise();
        long untilNanos = mostMs == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + mostMs * 1_000_000;
        Waiting waiting = new Waiting(first, untilNanos);
        answer.onComplete(done -> {
            vertx.cancelTimer(waiting.timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        if (!first.future().isComplete()) {
            waiting.lookIn(Math.min(mostMs, watch.silent() ? STILL_SILENT_MS : SILENCE_IS_KNOWN_MS));
        }
        return first.future();
    }

    /** For an answer; looks now and then whether one can still come. */
    private final class Waiting {

        private final Promise<?> answer;
        private final long untilNanos;
        private volatile long timer = -1;

        Waiting(Promise<?> answer, long untilNanos) {
            this.answer = answer;
            this.untilNanos = untilNanos;
        }

        void lookIn(long ms) {
            timer = vertx.setTimer(Math.max(1, ms), over -> look());
        }

        private void look() {
            long leftMs = untilNanos == Long.MAX_VALUE ? LOOK_AGAIN_MS : (untilNanos - System.nanoTime()) / 1_000_000;
            if (answer.future().isComplete()) {
                return;
            }
            if (watch.silent() || leftMs <= 0) {
                answer.tryFail(new TimeoutException("PostgreSQL does not answer"));
            } else {
                lookIn(Math.min(leftMs, LOOK_AGAIN_MS));
            }
        }
    }
}
