package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Imports under an Idempotency-Key: who is at them, how far, and what came of them. Whoever is at one has a lease, by PostgreSQL's clock,
 * and renews it; where a node ends, the next who asks takes its import over. Safe for all threads. Fails as {@link Postgres} does.
 */
public final class ImportBook {

    /** How long an import stays that of a node which does not renew it; as in the statements below. */
    public static final Duration LEASE = Duration.ofSeconds(15);

    private static final String FIND = """
            select *, lease_until < clock_timestamp() as is_free
            from imports
            where sale_id = $1 and idempotency_key = $2
            """;

    /** A row where nobody else was faster. */
    private static final String CLAIM = """
            insert into imports as i (sale_id, idempotency_key, fingerprint, lease_until)
            values ($1, $2, $3, clock_timestamp() + interval '15 seconds')
            on conflict (sale_id, idempotency_key) do update
            set attempt = i.attempt + 1, lease_until = excluded.lease_until
            where i.fingerprint = excluded.fingerprint and i.state <> 'done' and i.lease_until < clock_timestamp()
            returning *
            """;

    private static final String RENEW = """
            update imports
            set lease_until = clock_timestamp() + interval '15 seconds', rows_done = $3, rows = $4
            where import_id = $1 and attempt = $2 and state <> 'done'
            """;

    private static final String STORE = """
            update imports set state = 'stored', report = $3 where import_id = $1 and attempt = $2 and state = 'running'
            """;

    private static final String END = """
            update imports
            set state = 'done', report = coalesce(report, $3), rows_done = rows, ended_at = clock_timestamp()
            where import_id = $1 and attempt = $2 and state <> 'done'
            """;

    /** What changed nothing is as if it had never been asked for: its key is free for any file. */
    private static final String FORGET = """
            delete from imports i
            where import_id = $1 and attempt = $2 and state = 'running'
              and not exists (select from adjustments a
                              where a.sale_id = i.sale_id and a.state <> 'refused'
                                and a.idempotency_key > 'import-' || i.import_id || '-'
                                and a.idempotency_key < 'import-' || i.import_id || '.')
            """;

    /** What did something is to be ended by whoever asks next. */
    private static final String FREE = """
            update imports set lease_until = clock_timestamp() where import_id = $1 and attempt = $2 and state <> 'done'
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public ImportBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** How the import stands; claims it where nobody is at it and it has not been answered. */
    public Future<ImportStanding> claim(SaleId saleId, String idempotencyKey, String fingerprint) {
        return find(saleId, idempotencyKey)
                .compose(found -> found.isPresent() && !mayBeClaimed(found.get(), fingerprint)
                        ? Future.succeededFuture(standing(found.get(), fingerprint))
                        : claimNow(saleId, idempotencyKey, fingerprint));
    }

    /** Keeps the import for another {@link #LEASE}, and tells how far it is. */
    public Future<Void> renew(ImportClaim claim, int rowsDone, int rows) {
        return postgres.query("renew " + claim, RENEW, Tuple.of(claim.importId(), claim.attempt(), rowsDone, rows))
                .mapEmpty();
    }

    /**
     * It is answered.
     *
     * @param report null where it was stored before
     */
    public Future<Void> end(ImportClaim claim, @Nullable String report) {
        return postgres.query("end " + claim, END, Tuple.of(claim.importId(), claim.attempt(), report))
                .mapEmpty();
    }

    /** It was not done by this attempt: the next who asks for it makes another one at once. */
    public Future<Void> giveUp(ImportClaim claim) {
        Tuple arguments = Tuple.of(claim.importId(), claim.attempt());
        return postgres.query("forget " + claim, FORGET, arguments)
                .compose(forgotten -> forgotten.rowCount() == 1
                        ? Future.succeededFuture()
                        : postgres.query("free " + claim, FREE, arguments).mapEmpty());
    }

    /** Inside the transaction that changes what the report tells of. Fails with {@link ImportLost}. */
    static Future<Void> store(SqlConnection connection, ImportClaim claim, String report) {
        return connection
                .preparedQuery(STORE)
                .execute(Tuple.of(claim.importId(), claim.attempt(), report))
                .compose(stored ->
                        stored.rowCount() == 1 ? Future.succeededFuture() : Future.failedFuture(new ImportLost(claim)));
    }

    private Future<Optional<Row>> find(SaleId saleId, String idempotencyKey) {
        return postgres.query("find an import of " + saleId, FIND, Tuple.of(saleId.value(), idempotencyKey))
                .map(SaleRows::first);
    }

    private static boolean mayBeClaimed(Row found, String fingerprint) {
        return isOf(found, fingerprint) && !found.getString("state").equals("done") && found.getBoolean("is_free");
    }

    private Future<ImportStanding> claimNow(SaleId saleId, String idempotencyKey, String fingerprint) {
        return postgres.query(
                        "claim an import of " + saleId, CLAIM, Tuple.of(saleId.value(), idempotencyKey, fingerprint))
                .map(SaleRows::first)
                .compose(claimed -> claimed.isPresent()
                        ? Future.succeededFuture(claimed(claimed.get()))
                        : find(saleId, idempotencyKey)
                                .map(found -> found.map(row -> standing(row, fingerprint))
                                        .orElseGet(() -> new ImportStanding.Running(0, 0))));
    }

    private static ImportStanding claimed(Row row) {
        ImportClaim claim = new ImportClaim(
                new SaleId(row.getString("sale_id")),
                row.getString("idempotency_key"),
                row.getUUID("import_id"),
                row.getInteger("attempt"));
        String report = row.getString("report");
        return report == null ? new ImportStanding.Claimed(claim) : new ImportStanding.ClaimedStored(claim, report);
    }

    private static ImportStanding standing(Row row, String fingerprint) {
        if (!isOf(row, fingerprint)) {
            return new ImportStanding.OtherFile();
        }
        return row.getString("state").equals("done")
                ? new ImportStanding.Done(row.getString("report"))
                : new ImportStanding.Running(row.getInteger("rows_done"), row.getInteger("rows"));
    }

    private static boolean isOf(Row row, String fingerprint) {
        return row.getString("fingerprint").equals(fingerprint);
    }
}
