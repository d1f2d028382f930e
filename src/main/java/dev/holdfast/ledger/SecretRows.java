package dev.holdfast.ledger;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Under which secrets the nodes of this deployment make reservation ids, known by their digests. As long as a key is remembered, every node
 * has to find its reservation, so that a node must know each of them. Safe for all threads.
 */
public final class SecretRows {

    /**
     * A node does not know a secret under which others made ids.
     */
    public static final class UnknownSecret extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnknownSecret(String message) {
            super(message, null, false, false);
        }
    }

    /** Those under which keys may be remembered: a hold lasts as long as any sale lets it, and is remembered for some time after it. */
    private static final String REMEMBERED = """
            select s.digest, k.until
            from secrets s
            cross join lateral (
                select s.last_at + $1::bigint * interval '1 millisecond'
                     + coalesce((select max(v.max_hold_ms) from listed_sales v where v.lane_state <> 'retired'), 0)
                         * interval '1 millisecond' as until
            ) k
            where k.until > clock_timestamp()
            order by s.first_at
            """;

    /** Of nodes that start at once with other secrets, one sees the other. */
    private static final String TAKE_TURNS = """
            lock table secrets in share row exclusive mode
            """;

    private static final String USE = """
            insert into secrets (digest) values ($1) on conflict (digest) do update set last_at = clock_timestamp()
            """;

    private static final String STILL_USED = """
            update secrets set last_at = clock_timestamp() where digest = $1 and last_at < clock_timestamp() - interval '30 seconds'
            """;

    private static final String FORGET_OTHERS = """
            update secrets set last_at = '-infinity' where digest <> all ($1) and last_at > '-infinity'
            """;

    private final Postgres postgres;
    private final List<String> digests;
    private final Duration remembered;

    /**
     * @param digests of the secrets that this node knows; under the first it makes ids
     * @param remembered how long Redis keeps a reservation after its end
     */
    public SecretRows(Postgres postgres, List<String> digests, Duration remembered) {
        this.postgres = postgres;
        this.digests = List.copyOf(digests);
        this.remembered = remembered;
    }

    /** Fails with {@link UnknownSecret} where this node would not find what others made. Changes nothing. */
    public Future<Void> require() {
        return postgres.query("look at the secrets' digests", REMEMBERED, arguments())
                .compose(rows -> requireKnown(rows).mapEmpty());
    }

    /**
     * From now on this node makes ids under its first secret. Fails as {@link #require} does: then it must not.
     *
     * @return whether no node did so lately, while nodes did under other secrets: those have to hear of it before ids are made
     */
    public Future<Boolean> use() {
        return postgres.inTransaction(
                "use a secret",
                connection -> connection
                        .query(TAKE_TURNS)
                        .execute()
                        .compose(turn -> connection.preparedQuery(REMEMBERED).execute(arguments()))
                        .compose(SecretRows.this::requireKnown)
                        .compose(
                                known -> use(connection).map(!known.isEmpty() && !known.contains(digests.getFirst()))));
    }

    /** To be called every now and then while ids are made. */
    public Future<Void> stillUsed() {
        return postgres.query("note that a secret is used", STILL_USED, Tuple.of(digests.getFirst()))
                .mapEmpty();
    }

    /**
     * From now on keys that were made under other secrets than these are not found any more, and any node may do without those. Answers how many
     * other secrets that were.
     */
    static Future<Integer> forgetOthers(SqlConnection connection, List<String> digests) {
        return connection
                .preparedQuery(FORGET_OTHERS)
                .execute(Tuple.of(digests.toArray(String[]::new)))
                .map(SqlResult::rowCount);
    }

    private Future<Void> use(SqlConnection connection) {
        return connection
                .preparedQuery(USE)
                .execute(Tuple.of(digests.getFirst()))
                .mapEmpty();
    }

    private Tuple arguments() {
        return Tuple.of(remembered.toMillis());
    }

    private Future<List<String>> requireKnown(RowSet<Row> remembered) {
        List<String> used =
                remembered.stream().map(row -> row.getString("digest")).toList();
        for (Row row : remembered) {
            if (!digests.contains(row.getString("digest"))) {
                return Future.failedFuture(new UnknownSecret(told(row.getOffsetDateTime("until"))));
            }
        }
        return Future.succeededFuture(used);
    }

    private static String told(OffsetDateTime until) {
        return "HOLDFAST_SECRET: a secret is missing under which nodes of this deployment made reservations, and with which"
                + " their keys are found until " + until.truncatedTo(ChronoUnit.SECONDS)
                + ". While a secret is exchanged, every node is given both: HOLDFAST_SECRET=new,old.";
    }
}
