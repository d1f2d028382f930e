package dev.holdfast.ledger;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * Removes from PostgreSQL what is old, some at a time, one node at a time: each transaction renews the node's lease, whose row no other
 * can take meanwhile. Safe for all threads.
 */
public final class HousekeepingBook {

    /** How many days of the ledger and of reservations are made ahead: nobody need look after them for so long. */
    public static final int DAYS_AHEAD = 7;

    private static final String NOW = """
            select clock_timestamp() as now
            """;

    private static final String BEGIN = """
            update housekeeping
            set node = $1, lease_until = clock_timestamp() + interval '30 seconds'
            where (lease_until is null or lease_until < clock_timestamp())
              and (ran_at is null or ran_at <= clock_timestamp() - $2 * interval '1 millisecond')
            """;

    private static final String RENEW = """
            update housekeeping
            set lease_until = clock_timestamp() + interval '30 seconds'
            where node = $1
            """;

    private static final String END = """
            update housekeeping set node = null, lease_until = null, ran_at = clock_timestamp() where node = $1
            """;

    private static final String MAKE_LEDGER_DAYS = """
            select make_ledger_days($1, $2) as made
            """;

    private static final String MAKE_RESERVATION_DAYS = """
            select make_reservation_days($1, $2) as made
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public HousekeepingBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** By the clock that says when rows were recorded. */
    public Future<Instant> now() {
        return postgres.query("ask the time", NOW, Tuple.tuple())
                .map(rows -> rows.iterator().next().getOffsetDateTime("now").toInstant());
    }

    /** Whether the node may do it now: no other does, and it was not done for so long. */
    public Future<Boolean> begin(String node, Duration sinceLast) {
        return postgres.query("begin housekeeping", BEGIN, Tuple.of(node, sinceLast.toMillis()))
                .map(updated -> updated.rowCount() == 1);
    }

    /** All was done. */
    public Future<Void> end(String node) {
        return postgres.query("end housekeeping", END, Tuple.of(node)).mapEmpty();
    }

    /** Removes some of what was recorded before this; answers how many. Fails with {@link LeaseLost}. */
    public Future<Integer> remove(String node, OldRows kind, Instant before, int most) {
        Tuple arguments = Tuple.of(before.atOffset(ZoneOffset.UTC), most);
        return number(node, "remove old " + kind.word(), kind.sql(), arguments);
    }

    /** Makes the ledger's partitions of today and the days after; answers how many there were not yet. Fails with {@link LeaseLost}. */
    public Future<Integer> makeLedgerDays(String node, Instant now) {
        return makeDays(node, "make days of the ledger", MAKE_LEDGER_DAYS, now);
    }

    /** The same with the partitions of reservations. */
    public Future<Integer> makeReservationDays(String node, Instant now) {
        return makeDays(node, "make days of reservations", MAKE_RESERVATION_DAYS, now);
    }

    private Future<Integer> makeDays(String node, String operation, String sql, Instant now) {
        LocalDate today = OffsetDateTime.ofInstant(now, ZoneOffset.UTC).toLocalDate();
        return number(node, operation, sql, Tuple.of(today, 1 + DAYS_AHEAD));
    }

    private Future<Integer> number(String node, String operation, String sql, Tuple arguments) {
        return postgres.inTransaction(
                operation,
                connection -> renew(connection, node)
                        .compose(renewed -> connection.preparedQuery(sql).execute(arguments))
                        .map(rows -> rows.iterator().next().getInteger(0)));
    }

    private static Future<Void> renew(SqlConnection connection, String node) {
        return connection
                .preparedQuery(RENEW)
                .execute(Tuple.of(node))
                .compose(updated ->
                        updated.rowCount() == 1 ? Future.succeededFuture() : Future.failedFuture(new LeaseLost(node)));
    }

    /** Another node is at it. */
    public static final class LeaseLost extends RuntimeException {

        private static final long serialVersionUID = 1L;

        LeaseLost(String node) {
            super("housekeeping is not node " + node + "'s any more", null, false, false);
        }
    }
}
