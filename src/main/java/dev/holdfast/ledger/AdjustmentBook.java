package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.StoredAdjustment.State;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The adjustments of capacities: written down before Redis hears of them, settled by what it answers. Safe for all threads. Fails as
 * {@link Postgres} does.
 */
public final class AdjustmentBook {

    /** As Lua and the API have it. */
    private static final long MOST_UNITS = 1_000_000_000;

    /** Who changes a SKU waits for whoever is at it. */
    private static final String LOCK_SKU = """
            select 1 from skus where sale_id = $1 and sku = $2 for update
            """;

    private static final String CAPACITY = """
            select capacity, capacity_version from adjusted_skus where sale_id = $1 and sku = $2
            """;

    private static final String OF_KEY = """
            select * from adjustments where sale_id = $1 and idempotency_key = $2 and state <> 'refused'
            """;

    private static final String PENDING = """
            select * from adjustments where sale_id = $1 and sku = $2 and state = 'pending'
            """;

    private static final String OPEN = """
            insert into adjustments (adjustment_id, sale_id, sku, version, capacity_before, capacity_after, allow_below_held, reason,
                                     reference, actor, key_name, request_id, idempotency_key, fingerprint)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            on conflict (sale_id, idempotency_key) where state <> 'refused' do nothing
            returning *
            """;

    /** Unless its ledger entry was faster. */
    private static final String APPLIED = """
            update adjustments set state = 'applied', pending_reduction = $2 where adjustment_id = $1 and state = 'pending'
            """;

    private static final String REFUSED = """
            update adjustments set state = 'refused' where adjustment_id = $1 and state = 'pending' returning *
            """;

    private static final String ONE = """
            select * from adjustments where adjustment_id = $1
            """;

    /** One row of nulls where the SKU was never adjusted, none where there is no such SKU. */
    private static final String PAGE = """
            select a.*
            from skus k
            left join adjustments a on a.sale_id = k.sale_id and a.sku = k.sku and a.adjustment_no < $3
            where k.sale_id = $1 and k.sku = $2
            order by a.adjustment_no desc
            limit $4
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public AdjustmentBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Writes down what is to be changed, with the action, unless something speaks against it. The action must have a reason. */
    public Future<AdjustmentOpening> open(AdminAction action, SaleId saleId, Sku sku, AdjustmentRequest request) {
        Asked asked = new Asked(action, saleId, sku, request);
        return postgres.<AdjustmentOpening>inTransaction(
                        "adjust SKU " + sku + " of " + saleId, connection -> open(connection, asked))
                .recover(failure -> failure instanceof Answered answered
                        ? Future.succeededFuture(answered.opening)
                        : Future.failedFuture(failure));
    }

    /** Redis has it in force. */
    public Future<Void> applied(Adjustment adjustment, long pendingReduction) {
        return postgres.query(
                        "mark adjustment " + adjustment.id(), APPLIED, Tuple.of(adjustment.id(), pendingReduction))
                .mapEmpty();
    }

    /** Redis refused it: the trail says so, and its key may be used again. */
    public Future<Void> refused(Adjustment adjustment, String why) {
        return postgres.inTransaction(
                "refuse adjustment " + adjustment.id(),
                connection -> connection
                        .preparedQuery(REFUSED)
                        .execute(Tuple.of(adjustment.id()))
                        .compose(rows -> SaleRows.first(rows)
                                .map(row -> noteRefusal(connection, row, why))
                                .orElseGet(Future::succeededFuture)));
    }

    /** As it stands now. */
    public Future<Optional<StoredAdjustment>> find(String adjustmentId) {
        return postgres.query("find adjustment " + adjustmentId, ONE, Tuple.of(adjustmentId))
                .map(rows -> SaleRows.first(rows).map(AdjustmentBook::stored));
    }

    /** Newest first: at most {@code limit} before this number, refused ones too. Empty optional where there is no such SKU. */
    public Future<Optional<List<StoredAdjustment>>> list(SaleId saleId, Sku sku, long beforeNumber, int limit) {
        return postgres.query(
                        "list adjustments of " + sku + " of " + saleId,
                        PAGE,
                        Tuple.of(saleId.value(), sku.value(), beforeNumber, limit))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(StreamSupport.stream(rows.spliterator(), false)
                                .filter(row -> row.getLong("adjustment_no") != null)
                                .map(AdjustmentBook::stored)
                                .toList()));
    }

    /** Each step lets the next one go on, or fails with the answer. */
    private static Future<AdjustmentOpening> open(SqlConnection connection, Asked asked) {
        Tuple skuOfSale = Tuple.of(asked.saleId.value(), asked.sku.value());
        return connection
                .preparedQuery(LOCK_SKU)
                .execute(skuOfSale)
                .compose(locked -> connection
                        .preparedQuery(OF_KEY)
                        .execute(Tuple.of(asked.saleId.value(), asked.request.idempotencyKey())))
                .map(known -> requireNewKey(known, asked))
                .compose(isNew -> connection.preparedQuery(PENDING).execute(skuOfSale))
                .map(AdjustmentBook::requireNoneUnderWay)
                .compose(none -> connection.preparedQuery(CAPACITY).execute(skuOfSale))
                .compose(capacity -> insert(connection, asked, capacity));
    }

    private static boolean requireNewKey(RowSet<Row> known, Asked asked) {
        for (Row row : known) {
            throw new Answered(
                    row.getString("fingerprint").equals(asked.fingerprint())
                            ? new AdjustmentOpening.Known(stored(row))
                            : new AdjustmentOpening.KeyReused());
        }
        return true;
    }

    private static boolean requireNoneUnderWay(RowSet<Row> pending) {
        for (Row row : pending) {
            throw new Answered(new AdjustmentOpening.Waiting(AdjustmentRows.adjustment(row)));
        }
        return true;
    }

    private static Future<AdjustmentOpening> insert(SqlConnection connection, Asked asked, RowSet<Row> found) {
        Row row = SaleRows.first(found).orElseThrow(() -> new Answered(new AdjustmentOpening.NoSuchSku()));
        long before = row.getLong("capacity");
        long version = row.getLong("capacity_version");
        Long expected = asked.request.expectedVersion();
        if (expected != null && expected != version) {
            throw new Answered(new AdjustmentOpening.OtherVersion(before, version));
        }
        long after = asked.request.after(before);
        if (after < 0 || after > MOST_UNITS) {
            throw new Answered(new AdjustmentOpening.OutOfRange(after));
        }
        return connection
                .preparedQuery(OPEN)
                .execute(asked.values(version + 1, before, after))
                // Another SKU of the sale is adjusted under this key at this moment.
                .map(rows -> SaleRows.first(rows).orElseThrow(() -> new Answered(new AdjustmentOpening.KeyReused())))
                .compose(inserted -> AdminActions.add(
                                connection,
                                asked.action,
                                asked.saleId,
                                asked.sku.value(),
                                new JsonObject().put("capacity", before).put("version", version),
                                new JsonObject()
                                        .put("capacity", after)
                                        .put("version", version + 1)
                                        .put("adjustmentId", inserted.getString("adjustment_id"))
                                        .put("reference", asked.request.reference()))
                        .map(new AdjustmentOpening.Opened(AdjustmentRows.adjustment(inserted))));
    }

    private static Future<Void> noteRefusal(SqlConnection connection, Row row, String why) {
        StoredAdjustment stored = stored(row);
        return AdminActions.add(
                connection,
                new AdminAction(stored.author(), Kind.STOCK_ADJUSTMENT_REFUSED, stored.reason()),
                new SaleId(row.getString("sale_id")),
                stored.adjustment().sku().value(),
                new JsonObject()
                        .put("capacity", stored.adjustment().after())
                        .put("adjustmentId", stored.adjustment().id()),
                new JsonObject().put("capacity", stored.adjustment().before()).put("refusal", why));
    }

    private static StoredAdjustment stored(Row row) {
        return new StoredAdjustment(
                AdjustmentRows.adjustment(row),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getLong("pending_reduction"),
                row.getString("reason"),
                row.getString("reference"),
                new Author(row.getString("actor"), row.getString("key_name"), row.getString("request_id")),
                Columns.ms(row.getOffsetDateTime("created_at")));
    }

    private record Asked(AdminAction action, SaleId saleId, Sku sku, AdjustmentRequest request) {

        String reason() {
            return Objects.requireNonNull(action.reason(), "an adjustment has a reason");
        }

        String fingerprint() {
            return request.fingerprint(sku.value(), reason());
        }

        Tuple values(long version, long before, long after) {
            Author author = action.author();
            return Tuple.from(new @Nullable Object[] {
                UUID.randomUUID().toString(),
                saleId.value(),
                sku.value(),
                version,
                before,
                after,
                request.allowBelowHeld(),
                reason(),
                request.reference(),
                author.actor(),
                author.keyName(),
                author.requestId(),
                request.idempotencyKey(),
                fingerprint()
            });
        }
    }

    /** Carries an answer out of the transaction, which has changed nothing. */
    private static final class Answered extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient AdjustmentOpening opening;

        Answered(AdjustmentOpening opening) {
            super(opening.toString(), null, false, false);
            this.opening = opening;
        }
    }
}
