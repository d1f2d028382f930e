package dev.holdfast.ledger;

import io.vertx.core.Future;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** The service's one way to PostgreSQL: owns the pool. Safe for all threads; answers come on the caller's context. */
public final class Postgres {

    /** Enough for admins and what runs in the background; PostgreSQL itself gains nothing from more on few cores. */
    private static final int CONNECTIONS = 6;

    /** Two transactions of a recorder, and its questions beside them. */
    private static final int RECORDING_CONNECTIONS = 3;

    /** For a statement at a time. */
    private static final int LEASE_CONNECTIONS = 1;

    /** A lease must be renewed, or found not to be, well before it runs out. */
    private static final int LEASE_TIMEOUT_MS = 2_000;

    /** Enough for what callers look up; so few that they cannot slow the recorder down. */
    private static final int LOOKUP_CONNECTIONS = 2;

    /** How long a caller waits for a lookup, connection included. */
    private static final int LOOKUP_TIMEOUT_MS = 2_000;

    /** Who waits longer than this many would wait in vain: refuse at once. */
    private static final int WAITING = 256;

    private static final int CONNECT_TIMEOUT_MS = 2_000;

    /** Ends a statement that the server still runs. */
    private static final int STATEMENT_TIMEOUT_MS = 10_000;

    /** Ends the transaction of a node that froze in it: its locks would keep every other node from recording. */
    private static final int FROZEN_TIMEOUT_MS = 3_000;

    private static final int POOL_IDLE_S = 10;

    /** Ends a connection whose server went silent: longer than any statement and than an idle connection's stay in the pool. */
    private static final int SILENCE_S = 20;

    private static final int PROBE_MS = 1_000;

    private final Vertx vertx;
    private final Pool pool;
    private final int answerTimeoutMs;
    private final long probe;
    private volatile boolean up;
    private volatile boolean probing;

    private Postgres(Vertx vertx, Pool pool, int answerTimeoutMs) {
        this.vertx = vertx;
        this.pool = pool;
        this.answerTimeoutMs = answerTimeoutMs;
        this.probe = vertx.setPeriodic(0, PROBE_MS, timer -> look());
    }

    /** Connects lazily: succeeds while PostgreSQL is away. Throws IllegalArgumentException where the URI is none. */
    public static Postgres open(Vertx vertx, String uri) {
        return open(vertx, uri, CONNECTIONS, SILENCE_S * 1_000, Map.of());
    }

    /** As {@link #open}, for what callers without any key may ask: it shares nothing with the recorder. */
    public static Postgres openForLookups(Vertx vertx, String uri) {
        return open(vertx, uri, LOOKUP_CONNECTIONS, LOOKUP_TIMEOUT_MS, Map.of());
    }

    /**
     * As {@link #open}, for the recorder. Its statements find a known number of rows by their keys, and some of them are planned while
     * tables are empty: without nested loops such a plan would read whole tables later. A lock that somebody else holds for long must not
     * keep many lanes waiting: their transaction fails, and the lane in question is recorded by itself.
     */
    public static Postgres openForRecording(Vertx vertx, String uri) {
        return open(
                vertx,
                uri,
                RECORDING_CONNECTIONS,
                SILENCE_S * 1_000,
                Map.of(
                        "lock_timeout", "1000",
                        "enable_seqscan", "off",
                        "enable_hashjoin", "off",
                        "enable_mergejoin", "off"));
    }

    /** As {@link #open}, for leases: they never wait behind anything else. */
    public static Postgres openForLeases(Vertx vertx, String uri) {
        return open(vertx, uri, LEASE_CONNECTIONS, LEASE_TIMEOUT_MS, Map.of());
    }

    private static Postgres open(
            Vertx vertx, String uri, int connections, int answerTimeoutMs, Map<String, String> settings) {
        PgConnectOptions server = PgConnectOptions.fromUri(uri)
                .addProperty("application_name", "holdfast")
                .addProperty("statement_timeout", Integer.toString(Math.min(STATEMENT_TIMEOUT_MS, answerTimeoutMs)))
                .addProperty("idle_in_transaction_session_timeout", Integer.toString(FROZEN_TIMEOUT_MS))
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheSqlLimit(8_192)
                .setPipeliningLimit(32);
        settings.forEach(server::addProperty);
        PoolOptions options = new PoolOptions()
                .setMaxSize(connections)
                .setMaxWaitQueueSize(WAITING)
                .setConnectionTimeout(CONNECT_TIMEOUT_MS)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(POOL_IDLE_S)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        NetClientOptions network = new NetClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MS)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                .setReadIdleTimeout(SILENCE_S)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        return new Postgres(
                vertx,
                PgBuilder.pool()
                        .with(options)
                        .with(network)
                        .connectingTo(server)
                        .using(vertx)
                        .build(),
                answerTimeoutMs);
    }

    /** Whether it answered when last asked, at most a second or so ago. */
    public boolean up() {
        return up;
    }

    /** Closes all connections. */
    public Future<Void> close() {
        vertx.cancelTimer(probe);
        up = false;
        return pool.close();
    }

    Vertx vertx() {
        return vertx;
    }

    /** One statement; fails with {@link dev.holdfast.reservation.Unavailable} that names the operation while PostgreSQL is away. */
    Future<RowSet<Row>> query(String operation, String sql, Tuple arguments) {
        return pool.preparedQuery(sql)
                .execute(arguments)
                .timeout(answerTimeoutMs, TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(PgErrors.named(operation, failure)));
    }

    /**
     * All of the work or nothing; fails as the work does, or as {@link #query} does, or with OUTCOME_UNKNOWN where the connection
     * broke after the transaction began: nobody knows whether its commit arrived.
     */
    <T> Future<T> inTransaction(String operation, Function<SqlConnection, Future<T>> work) {
        AtomicBoolean begun = new AtomicBoolean();
        @SuppressWarnings("NullAway") // The driver declares null where the work may answer null: ours says for itself.
        Future<T> done = pool.withTransaction(connection -> {
            begun.set(true);
            return work.apply(connection);
        });
        return done.recover(failure -> Future.failedFuture(
                begun.get() ? PgErrors.namedInTransaction(operation, failure) : PgErrors.named(operation, failure)));
    }

    private void look() {
        if (probing) {
            return;
        }
        probing = true;
        pool.query("select 1").execute().onComplete(answer -> {
            up = answer.succeeded();
            probing = false;
        });
    }
}
