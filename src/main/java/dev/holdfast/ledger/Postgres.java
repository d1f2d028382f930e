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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The service's one way to PostgreSQL: owns the pool. Safe for all threads; answers come on the caller's context. */
public final class Postgres {

    /** Enough for a recorder and admins; PostgreSQL itself gains nothing from more on few cores. */
    private static final int CONNECTIONS = 8;

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

    /** Enough for a rebuild and the next one that overtakes it. */
    private static final int LONG_READERS = 2;

    /** How long PostgreSQL may be away before long readers are ended that would wait for it in vain, s. */
    private static final int AWAY_S = 30;

    private final Vertx vertx;
    private final String uri;
    private final Pool pool;
    private @Nullable Pool longReads;
    private final int answerTimeoutMs;
    private final long probe;
    private volatile boolean up;
    private volatile long upAt = System.nanoTime();
    private volatile boolean probing;

    private Postgres(Vertx vertx, String uri, Pool pool, int answerTimeoutMs) {
        this.vertx = vertx;
        this.uri = uri;
        this.pool = pool;
        this.answerTimeoutMs = answerTimeoutMs;
        this.probe = vertx.setPeriodic(0, PROBE_MS, timer -> look());
    }

    /** Connects lazily: succeeds while PostgreSQL is away. Throws IllegalArgumentException where the URI is none. */
    public static Postgres open(Vertx vertx, String uri) {
        return open(vertx, uri, CONNECTIONS, SILENCE_S * 1_000);
    }

    /** As {@link #open}, for what callers without any key may ask: it shares nothing with the recorder. */
    public static Postgres openForLookups(Vertx vertx, String uri) {
        return open(vertx, uri, LOOKUP_CONNECTIONS, LOOKUP_TIMEOUT_MS);
    }

    private static Postgres open(Vertx vertx, String uri, int connections, int answerTimeoutMs) {
        PgConnectOptions server = server(uri)
                .addProperty("statement_timeout", Integer.toString(Math.min(STATEMENT_TIMEOUT_MS, answerTimeoutMs)))
                .addProperty("idle_in_transaction_session_timeout", Integer.toString(FROZEN_TIMEOUT_MS));
        NetClientOptions network =
                network().setReadIdleTimeout(SILENCE_S).setIdleTimeoutUnit(TimeUnit.SECONDS);
        return new Postgres(vertx, uri, pool(vertx, server, connections, network), answerTimeoutMs);
    }

    /**
     * For transactions that read for minutes, and that wait for Redis in between: no statement and no pause ends them, only a server that
     * is away for long.
     */
    private static Pool openForLongReads(Vertx vertx, String uri) {
        PgConnectOptions server = server(uri)
                .addProperty("statement_timeout", "0")
                .addProperty("idle_in_transaction_session_timeout", "0");
        return pool(vertx, server, LONG_READERS, network());
    }

    private static PgConnectOptions server(String uri) {
        return PgConnectOptions.fromUri(uri)
                .addProperty("application_name", "holdfast")
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheSqlLimit(8_192)
                .setPipeliningLimit(32);
    }

    private static NetClientOptions network() {
        return new NetClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MS)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true);
    }

    private static Pool pool(Vertx vertx, PgConnectOptions server, int connections, NetClientOptions network) {
        PoolOptions options = new PoolOptions()
                .setMaxSize(connections)
                .setMaxWaitQueueSize(WAITING)
                .setConnectionTimeout(CONNECT_TIMEOUT_MS)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(POOL_IDLE_S)
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
        return up;
    }

    /** Closes all connections. */
    public Future<Void> close() {
        vertx.cancelTimer(probe);
        up = false;
        return pool.close().eventually(this::closeLongReads);
    }

    private synchronized Future<Void> closeLongReads() {
        Pool open = longReads;
        longReads = null;
        return open == null ? Future.succeededFuture() : open.close();
    }

    private synchronized Pool longReads() {
        if (longReads == null) {
            longReads = openForLongReads(vertx, uri);
        }
        return longReads;
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
        return inTransaction(operation, pool, work);
    }

    private static <T> Future<T> inTransaction(
            String operation, Pool connections, Function<SqlConnection, Future<T>> work) {
        AtomicBoolean begun = new AtomicBoolean();
        @SuppressWarnings("NullAway") // The driver declares null where the work may answer null: ours says for itself.
        Future<T> done = connections.withTransaction(connection -> {
            begun.set(true);
            return work.apply(connection);
        });
        return done.recover(failure -> Future.failedFuture(
                begun.get() ? PgErrors.namedInTransaction(operation, failure) : PgErrors.named(operation, failure)));
    }

    /**
     * The work on what there is at one moment, however long it reads and whatever it waits for in between; it can change nothing. Fails as
     * {@link #inTransaction} does.
     */
    <T> Future<T> inSnapshot(String operation, Function<SqlConnection, Future<T>> work) {
        return inTransaction(operation, longReads(), connection -> connection
                .query("set transaction isolation level repeatable read, read only")
                .execute()
                .compose(set -> work.apply(connection)));
    }

    /** As {@link #inTransaction}, however long it takes. */
    <T> Future<T> inLongTransaction(String operation, Function<SqlConnection, Future<T>> work) {
        return inTransaction(operation, longReads(), work);
    }

    private void look() {
        if (probing) {
            return;
        }
        probing = true;
        pool.query("select 1").execute().onComplete(answer -> {
            up = answer.succeeded();
            upAt = up ? System.nanoTime() : upAt;
            probing = false;
            if (System.nanoTime() - upAt > TimeUnit.SECONDS.toNanos(AWAY_S)) {
                closeLongReads();
            }
        });
    }
}
