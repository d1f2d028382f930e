package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.StoredAdjustment.State;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The adjustments of capacities: written down before Redis hears of them, settled by what it answers. Safe for all threads. Fails as
 * {@link Postgres} does.
 */
public final class AdjustmentBook {

    /** As Lua and the API have it. */
    private static final long MOST_UNITS = 1_000_000_000;

    /** Who changes a SKU waits for whoever is at it; in one order, so that two never wait for each other. */
    private static final String LOCK_SKUS = """
            select 1 from skus where sale_id = $1 and sku = any ($2) order by sku for update
            """;

    private static final String OPEN_ALL = """
            insert into adjustments (adjustment_id, sale_id, sku, version, capacity_before, capacity_after, allow_below_held, reason,
                                     actor, key_name, request_id, idempotency_key, fingerprint)
            select w.adjustment_id, $1, k.sku, k.capacity_version + 1, k.capacity, w.capacity, false, $4, $5, $6, $7,
                   'import-' || $8 || '-' || k.sku, 'of a file'
            from unnest($2::text[], $3::bigint[], $9::text[]) as w(sku, capacity, adjustment_id)
            join adjusted_skus k on k.sale_id = $1 and k.sku = w.sku
            where not exists (select from adjustments p where p.sale_id = $1 and p.sku = w.sku and p.state = 'pending')
            returning *
            """;

    /** Keys begin with those of the import's attempts: '.' comes right after '-'. */
    private static final String OF_IMPORT = """
            select *
            from adjustments
            where sale_id = $1 and idempotency_key > 'import-' || $2 || '-' and idempotency_key < 'import-' || $2 || '.'
              and state <> 'refused'
            """;

    private static final String CAPACITY = """
            select capacity, capacity_version from adjusted_skus where sale_id = $1 and sku = $2
            """;

    /** What was concluded from Redis has no key: it is known by the beginning of its id. '/' comes right after '.'. */
    private static final String OF_KEY = """
            select * from adjustments
            where sale_id = $1 and state <> 'refused'
              and (idempotency_key = $2 or adjustment_id > $3 || '.' and adjustment_id < $3 || '/')
            order by idempotency_key = $2 desc, adjustment_no
            limit 1
            """;

    /** Keys begin as {@link SettingsRows} makes them. */
    private static final String CONCLUDED = """
            select sku, adjustment_id from adjustments
            where sale_id = $1 and idempotency_key > 'concluded-' and idempotency_key < 'concluded.' and state <> 'refused'
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
            with locked as materialized (
                select adjustment_no, adjustment_id
                from adjustments
                where adjustment_id = any ($1) and state = 'pending'
                order by adjustment_no
                for update
            )
            update adjustments a
            set state = 'applied', pending_reduction = r.pending
            from locked l
            join unnest($1::text[], $2::bigint[]) as r(adjustment_id, pending) using (adjustment_id)
            where a.adjustment_no = l.adjustment_no
            """;

    private static final String REFUSED = """
            update adjustments set state = 'refused' where adjustment_id = $1 and state = 'pending' returning *
            """;

    /** What Redis had then is what decides: what it appends later cannot be the entry of what it had decided. */
    private static final String SENT_AGAIN = """
            update adjustments
            set sent_again = sent_again + 1, decided_epoch = $2,
                decided_seq = case when decided_epoch = $2 then decided_seq else $3 end
            where adjustment_id = $1 and recorded_at is null and state <> 'refused'
            """;

    private static final String MISSING = """
            with locked as materialized (
                select a.adjustment_no, l.epoch
                from adjustments a
                join lanes l on l.sale_id = a.sale_id and l.lane = 0 and l.state = 'open'
                where a.recorded_at is null and a.state <> 'refused'
                  and a.decided_epoch = l.epoch and a.decided_seq <= l.recorded_seq
                  and a.missing_epoch is distinct from l.epoch
                order by a.adjustment_no
                limit 100
                for update of a skip locked
            )
            update adjustments a
            set missing_epoch = l.epoch
            from locked l
            where a.adjustment_no = l.adjustment_no
            returning a.*, l.epoch
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

    /**
     * Writes down that each of these SKUs is to have so many units, with the action for each, in one transaction. Those of which another
     * adjustment is under way, or which are not there, are left out. The action must have a reason.
     *
     * @param importing what it adjusts once it adjusts never again
     */
    public Future<List<Adjustment>> openAll(
            AdminAction action, SaleId saleId, Map<Sku, Long> capacities, ImportAttempt importing) {
        Author author = action.author();
        List<Sku> skus = List.copyOf(capacities.keySet());
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            saleId.value(),
            Columns.texts(skus, Sku::value),
            Columns.numbers(skus, capacities::get),
            action.reason(),
            author.actor(),
            author.keyName(),
            author.requestId(),
            importing.name(),
            Columns.texts(skus, sku -> AdjustmentIds.ofImport(saleId, importing.idempotencyKey(), sku))
        });
        return postgres.inTransaction(
                "adjust " + skus.size() + " SKUs of " + saleId,
                connection -> connection
                        .preparedQuery(LOCK_SKUS)
                        .execute(Tuple.of(saleId.value(), (Object) Columns.texts(skus, Sku::value)))
                        .compose(locked -> connection.preparedQuery(OPEN_ALL).execute(arguments))
                        .compose(rows -> {
                            List<Adjustment> opened = StreamSupport.stream(rows.spliterator(), false)
                                    .map(AdjustmentRows::adjustment)
                                    .toList();
                            return AdminActions.addMany(
                                            connection,
                                            action,
                                            saleId,
                                            opened.stream()
                                                    .map(AdjustmentBook::subject)
                                                    .toList())
                                    .map(opened);
                        }));
    }

    /** What the import has adjusted so far, whichever attempt at it did; by whether it is in force or still to be decided. */
    public Future<Map<Boolean, List<Adjustment>>> ofImport(SaleId saleId, String importId) {
        return postgres.query("find adjustments of import " + importId, OF_IMPORT, Tuple.of(saleId.value(), importId))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .collect(Collectors.partitioningBy(
                                row -> row.getString("state").equals("applied"),
                                Collectors.mapping(AdjustmentRows::adjustment, Collectors.toList()))));
    }

    /** SKUs that an import under this key has adjusted before PostgreSQL came back older: Redis still knew that. */
    public Future<Set<Sku>> concludedOfImport(SaleId saleId, String idempotencyKey) {
        return postgres.query("find lost adjustments of an import of " + saleId, CONCLUDED, Tuple.of(saleId.value()))
                .map(rows -> {
                    Set<Sku> adjusted = new HashSet<>();
                    for (Row row : rows) {
                        Sku sku = new Sku(row.getString("sku"));
                        String begin = AdjustmentIds.beginOfImport(saleId, idempotencyKey, sku);
                        if (row.getString("adjustment_id").startsWith(begin + '.')) {
                            adjusted.add(sku);
                        }
                    }
                    return adjusted;
                });
    }

    /** Redis has them in force, each with so many units that go as holds end. */
    public Future<Void> applied(Map<Adjustment, Long> pendingReductions) {
        List<Adjustment> applied = List.copyOf(pendingReductions.keySet());
        Tuple arguments = Tuple.from(
                List.of(Columns.texts(applied, Adjustment::id), Columns.numbers(applied, pendingReductions::get)));
        return postgres.query("mark " + applied.size() + " adjustments", APPLIED, arguments)
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

    /**
     * Redis was sent it again, and has decided about it.
     *
     * @param lastSeq the last entry of the lane's ledger after that: the adjustment's own is not after it
     */
    public Future<Void> sentAgain(Lane lane, Adjustment adjustment, long lastSeq) {
        return postgres.query(
                        "count adjustment " + adjustment.id(),
                        SENT_AGAIN,
                        Tuple.of(adjustment.id(), lane.epoch(), lastSeq))
                .mapEmpty();
    }

    /**
     * Finds adjustments whose entry can come no more: Redis had decided about them, and all that its ledger had then is recorded. They are
     * not sent again in this epoch, and each has an incident. Answers how many there were.
     */
    public Future<Integer> reportMissing() {
        return postgres.inTransaction(
                "find adjustments whose entry is missing",
                connection -> connection
                        .preparedQuery(MISSING)
                        .execute(Tuple.tuple())
                        .compose(rows -> Future.all(StreamSupport.stream(rows.spliterator(), false)
                                        .map(row -> reportMissing(connection, row))
                                        .toList())
                                .map(rows.rowCount())));
    }

    private static Future<Long> reportMissing(SqlConnection connection, Row row) {
        Adjustment adjustment = AdjustmentRows.adjustment(row);
        Lane lane = new Lane(new SaleId(row.getString("sale_id")), 0, row.getLong("epoch"));
        NewIncident incident = new NewIncident(
                        IncidentKind.ADJUSTMENT_NOT_RECORDED,
                        "adjustment " + adjustment.id() + " of " + adjustment.sku() + " was sent "
                                + row.getLong("sent_again")
                                + " times: Redis has decided about it, and its entry is not in the ledger")
                .about(adjustment.sku().value())
                .of(Math.abs(adjustment.after() - adjustment.before()))
                .with(new JsonObject()
                        .put("adjustmentId", adjustment.id())
                        .put("before", adjustment.before())
                        .put("after", adjustment.after())
                        .put("state", row.getString("state"))
                        .put("sent", row.getLong("sent_again")));
        return Incidents.add(connection, lane, incident);
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

    /** All is asked together: one connection works in the order of sending, so what follows the lock is read under it. */
    private static Future<AdjustmentOpening> open(SqlConnection connection, Asked asked) {
        Tuple skuOfSale = Tuple.of(asked.saleId.value(), asked.sku.value());
        Future<?> locked = connection.preparedQuery(LOCK_SKUS).execute(Tuple.of(asked.saleId.value(), (Object)
                new String[] {asked.sku.value()}));
        Future<RowSet<Row>> known = connection
                .preparedQuery(OF_KEY)
                .execute(Tuple.of(asked.saleId.value(), asked.request.idempotencyKey(), asked.idBegin()));
        Future<RowSet<Row>> pending = connection.preparedQuery(PENDING).execute(skuOfSale);
        Future<RowSet<Row>> capacity = connection.preparedQuery(CAPACITY).execute(skuOfSale);
        return Future.all(locked, known, pending, capacity).compose(all -> {
            requireNewKey(known.result(), asked);
            requireNoneUnderWay(pending.result());
            return insert(connection, asked, capacity.result());
        });
    }

    private static void requireNewKey(RowSet<Row> known, Asked asked) {
        for (Row row : known) {
            throw new Answered(
                    asked.isIn(row) ? new AdjustmentOpening.Known(stored(row)) : new AdjustmentOpening.KeyReused());
        }
    }

    private static void requireNoneUnderWay(RowSet<Row> pending) {
        for (Row row : pending) {
            throw new Answered(new AdjustmentOpening.Waiting(AdjustmentRows.adjustment(row)));
        }
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
                                before(AdjustmentRows.adjustment(inserted)),
                                after(AdjustmentRows.adjustment(inserted)).put("reference", asked.request.reference()))
                        .map(new AdjustmentOpening.Opened(AdjustmentRows.adjustment(inserted))));
    }

    private static AdminActions.Subject subject(Adjustment adjustment) {
        return new AdminActions.Subject(
                Kind.STOCK_ADJUSTED, adjustment.sku().value(), before(adjustment), after(adjustment));
    }

    private static JsonObject before(Adjustment adjustment) {
        return new JsonObject().put("capacity", adjustment.before()).put("version", adjustment.version() - 1);
    }

    private static JsonObject after(Adjustment adjustment) {
        return new JsonObject()
                .put("capacity", adjustment.after())
                .put("version", adjustment.version())
                .put("adjustmentId", adjustment.id());
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

        String idBegin() {
            return AdjustmentIds.begin(saleId, request.idempotencyKey());
        }

        /** Whether the row was made for a request like this one. */
        boolean isIn(Row row) {
            return row.getString("fingerprint").equals(fingerprint())
                    || AdjustmentIds.isOf(row.getString("adjustment_id"), idBegin(), fingerprint());
        }

        Tuple values(long version, long before, long after) {
            Author author = action.author();
            return Tuple.from(new @Nullable Object[] {
                AdjustmentIds.of(idBegin(), fingerprint()),
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
