package dev.holdfast.ledger;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second, on a connection of its own, whether PostgreSQL takes writes. Where its address has come to lead to another server,
 * it has all pools connect anew: their old connections may go on working and lead to one that only reads, or that says nothing any more.
 * While no server that takes writes is found, they are left as they are, so that what can still be read is read. Safe for all threads.
 */
final class ServerWatch {

    /** What speaks against the connections that the pools have; the later the worse. */
    private enum Doubt {
        NONE,
        /** Some connection was ended. New ones are made by themselves; whether all lead elsewhere now is to be found out. */
        BROKEN,
        /** A connection leads to a server that only reads. */
        READS_ONLY,
        /** A connection says nothing. */
        SILENT
    }

    /** What a look tells. */
    private record Seen(
            String server, boolean readsOnly, @Nullable String missingTables) {}

    private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);

    private static final int LOOK_MS = 1_000;

    /** Before anybody can miss the tables that a first start makes. */
    private static final int LOOKS_OF_A_FIRST_START = 10;

    /** A statement that reads and writes one row takes this long only where nobody is there any more. */
    static final int SILENT_MS = 5_000;

    /** What a server refused to write is what the node says for so long: longer than the recorder waits between two tries. */
    private static final long TROUBLE_NANOS = Duration.ofSeconds(5).toNanos();

    /** Longer than any statement may take. */
    private static final Duration GRACE = Duration.ofSeconds(11);

    /** Work that hangs on a silent connection has waited long enough: this is for a server that only stood still. */
    private static final Duration GRACE_OF_SILENT = Duration.ofSeconds(2);

    /** Without one of these nothing can be recorded. */
    private static final String[] NEEDED = {
        "sales",
        "skus",
        "lanes",
        "stock",
        "reservations",
        "ledger_batches",
        "dead_letters",
        "incidents",
        "adjustments",
        "audits",
        "events",
        "admin_actions",
        "listed_sales",
        "adjusted_skus",
        "nodes"
    };

    /** A server's start names it: another server, or the same one started anew, has another. */
    private static final String WHO = """
            pg_postmaster_start_time()::text || ' ' || coalesce(inet_server_addr()::text, '') || ' ' || coalesce(inet_server_port(), 0)
            """.strip();

    /** Another node's row that is old is of a node that is gone. A rebuild has to see for a while that it died: {@link RebuildBook#memory}. */
    private static final String WRITE = """
            with seen as (
                insert into nodes (node_id) values ($1)
                on conflict (node_id) do update set seen_at = clock_timestamp()
                returning 1
            ),
            gone as (
                delete from nodes where seen_at < clock_timestamp() - interval '1 day' and node_id <> $1
            )
            select %s as server, false as reads_only,
                   (select string_agg(name, ', ') from unnest($2::text[]) name where to_regclass(name) is null) as missing
            from seen
            """.formatted(WHO);

    private static final String READ = """
            select %s as server, current_setting('transaction_read_only')::boolean as reads_only,
                   (select string_agg(name, ', ') from unnest($1::text[]) name where to_regclass(name) is null) as missing
            """.formatted(WHO);

    private static final String LEAVE = """
            delete from nodes where node_id = $1
            """;

    private final Vertx vertx;
    private final Context home;
    private final Supplier<Pool> open;
    private final @Nullable String nodeId;
    private final List<RenewedPool> pools = new CopyOnWriteArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicReference<Doubt> doubt = new AtomicReference<>(Doubt.NONE);
    private final long timer;
    private @Nullable Pool connection;
    private @Nullable String lastServer;
    private final List<Promise<Void>> waiting = new ArrayList<>();
    private boolean looking;
    private boolean stopped;
    private volatile boolean up;
    private int failedLooks;
    private volatile @Nullable String problem = "PostgreSQL was not asked yet";
    private volatile @Nullable String trouble;
    private volatile long troubleAt;

    /**
     * Looks from now on.
     *
     * @param open opens a pool of one connection
     * @param nodeId whose row in the table of nodes is written; null for none: then it only looks whether writing is allowed
     */
    ServerWatch(Vertx vertx, Supplier<Pool> open, @Nullable String nodeId) {
        this.vertx = vertx;
        this.home = ((VertxInternal) vertx).createEventLoopContext();
        this.open = open;
        this.nodeId = nodeId;
        this.timer = vertx.setPeriodic(0, LOOK_MS, tick -> home.runOnContext(on -> look()));
    }

    /** Has this pool connect anew, too, when the others do. */
    void keepFresh(RenewedPool pool) {
        pools.add(pool);
    }

    /** Calls this, too, when pools connect anew. */
    void onRenewal(Runnable listener) {
        listeners.add(listener);
    }

    /** Whether PostgreSQL answered when last asked, at most a second or so ago. */
    boolean up() {
        return up;
    }

    /** Whether it has said nothing for {@link #SILENT_MS}, on whichever connection, and nothing since. */
    boolean silent() {
        return !up && doubt.get() == Doubt.SILENT;
    }

    /** Why PostgreSQL does not take what is to be recorded, as the last look and what was tried in the last seconds tell; null where it does. */
    @Nullable
    String writeProblem() {
        String seen = problem;
        if (seen != null) {
            return seen;
        }
        String met = trouble;
        return met != null && System.nanoTime() - troubleAt < TROUBLE_NANOS ? met : null;
    }

    /** A statement failed, on whichever connection. */
    void noticed(Throwable failure) {
        if (PgErrors.keepsFromWriting(failure)) {
            troubleAt = System.nanoTime();
            trouble = PgErrors.readsOnly(failure) ? PgErrors.READS_ONLY : "PostgreSQL: " + PgErrors.told(failure);
        }
        Doubt found = PgErrors.readsOnly(failure)
                ? Doubt.READS_ONLY
                : PgErrors.endedTheConnection(failure) ? Doubt.BROKEN : Doubt.NONE;
        if (found != Doubt.NONE && raise(found)) {
            home.runOnContext(on -> look());
        }
    }

    /** Looks now, and not only when the second is over; completes with what was seen, whatever that is. */
    Future<Void> lookNow() {
        Promise<Void> seen = Promise.promise();
        home.runOnContext(on -> {
            waiting.add(seen);
            look();
        });
        return seen.future();
    }

    /** Looks no longer; the node's row is gone, where PostgreSQL is there. */
    Future<Void> stop() {
        vertx.cancelTimer(timer);
        return Future.future(done -> home.runOnContext(on -> {
            stopped = true;
            up = false;
            problem = "closed";
            leave().onComplete(left -> {
                Pool last = connection;
                (last == null ? Future.<Void>succeededFuture() : last.close()).onComplete(done);
            });
        }));
    }

    private Future<Void> leave() {
        Pool last = connection;
        return nodeId == null || last == null || doubt.get() != Doubt.NONE
                ? Future.succeededFuture()
                : last.preparedQuery(LEAVE)
                        .execute(Tuple.of(nodeId))
                        .timeout(LOOK_MS, TimeUnit.MILLISECONDS)
                        .transform(left -> Future.succeededFuture());
    }

    /** True where nobody doubted as much. */
    @CanIgnoreReturnValue
    private boolean raise(Doubt found) {
        return doubt.getAndUpdate(now -> now.compareTo(found) < 0 ? found : now).compareTo(found) < 0;
    }

    /** While there is a doubt, by a new connection: it goes where the address leads now. */
    private void look() {
        if (looking || stopped) {
            return;
        }
        looking = true;
        List<Promise<Void>> waitingForThis = List.copyOf(waiting);
        waiting.clear();
        Doubt before = doubt.get();
        Pool old = connection;
        if (old == null || before != Doubt.NONE) {
            connection = open.get();
            if (old != null) {
                old.close().onFailure(failure -> LOG.debug("old connection not closed: {}", failure.toString()));
            }
        }
        ask(Objects.requireNonNull(connection))
                .timeout(SILENT_MS, TimeUnit.MILLISECONDS)
                .onComplete(seen -> home.runOnContext(on -> {
                    looking = false;
                    if (!stopped) {
                        note(before, seen);
                    }
                    waitingForThis.forEach(Promise::tryComplete);
                    if (!waiting.isEmpty()) {
                        look();
                    }
                }));
    }

    private Future<Seen> ask(Pool pool) {
        Future<Row> row = nodeId == null
                ? pool.preparedQuery(READ)
                        .execute(Tuple.of((Object) NEEDED))
                        .map(rows -> rows.iterator().next())
                : pool.preparedQuery(WRITE)
                        .execute(Tuple.of(nodeId, (Object) NEEDED))
                        .map(rows -> rows.iterator().next());
        return row.map(found ->
                new Seen(found.getString("server"), found.getBoolean("reads_only"), found.getString("missing")));
    }

    private void note(Doubt before, AsyncResult<Seen> looked) {
        if (looked.failed()) {
            failed(looked.cause());
            return;
        }
        Seen seen = looked.result();
        up = true;
        if (seen.readsOnly()) {
            tell(PgErrors.READS_ONLY);
            raise(Doubt.READS_ONLY);
            return;
        }
        tell(seen.missingTables() == null ? null : "PostgreSQL lacks " + seen.missingTables());
        // What was doubted while the look was under way is for the next one.
        doubt.compareAndSet(before, Doubt.NONE);
        boolean elsewhere = lastServer != null && !seen.server().equals(lastServer);
        lastServer = seen.server();
        if (elsewhere || before.compareTo(Doubt.READS_ONLY) >= 0) {
            LOG.warn(
                    "PostgreSQL at its address takes writes, and old connections may lead elsewhere: all connect anew");
            // Of another server, or of connections that are gone now.
            trouble = null;
            Duration grace = before == Doubt.SILENT ? GRACE_OF_SILENT : GRACE;
            pools.forEach(pool -> pool.renew(grace));
            listeners.forEach(Runnable::run);
        }
    }

    private void failed(Throwable failure) {
        up = failure instanceof PgException error && !PgErrors.isGone(error);
        if (failure instanceof TimeoutException) {
            tell("PostgreSQL does not answer");
            raise(Doubt.SILENT);
        } else if (PgErrors.readsOnly(failure)) {
            tell(PgErrors.READS_ONLY);
            raise(Doubt.READS_ONLY);
        } else {
            tell("PostgreSQL: " + PgErrors.told(failure));
            raise(Doubt.BROKEN);
        }
    }

    /** Loud from the second time on, and later at a first start: there the tables are yet to be made. */
    private void tell(@Nullable String now) {
        problem = now;
        int loudFrom = lastServer == null ? LOOKS_OF_A_FIRST_START : 2;
        if (now != null) {
            failedLooks++;
            if (failedLooks == loudFrom) {
                LOG.warn("nothing can be recorded: {}", now);
            }
        } else {
            if (failedLooks >= loudFrom) {
                LOG.info("PostgreSQL takes what is to be recorded again");
            }
            failedLooks = 0;
        }
    }
}
