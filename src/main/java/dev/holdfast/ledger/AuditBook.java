package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry.Audited;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every audit found. Safe for all threads. */
public final class AuditBook {

    private static final Logger LOG = LoggerFactory.getLogger(AuditBook.class);

    private static final String FIND = """
            select epoch, seq, balanced, items from audits where audit_id = $1
            """;

    private static final String LATEST = """
            select epoch, seq, balanced, items from audits
            where sale_id = $1 and lane = $2 and epoch = $3
            order by seq desc
            limit 1
            """;

    private static final String ADD = """
            insert into audits (audit_id, sale_id, lane, epoch, seq, at, balanced, drift_units, oversold_units, items)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public AuditBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Empty until the recorder has come to the audit's entry. */
    public Future<Optional<AuditReport>> find(String auditId) {
        return postgres.query("find audit " + auditId, FIND, Tuple.of(auditId))
                .map(rows -> SaleRows.first(rows).map(AuditBook::report));
    }

    /** What the lane's last audit found. */
    public Future<Optional<AuditReport>> latest(Lane lane) {
        return postgres.query(
                        "find last audit of lane " + lane,
                        LATEST,
                        Tuple.of(lane.saleId().value(), lane.number(), lane.epoch()))
                .map(rows -> SaleRows.first(rows).map(AuditBook::report));
    }

    /** Compares, inside the transaction that has folded everything before the audit and nothing after it. */
    static Future<AuditVerdict> compare(SqlConnection connection, Lane lane, Audited audited) {
        return StockRows.count(connection, lane)
                .map(postgres -> Comparison.of(audited.counts(), postgres))
                .compose(comparison -> add(connection, lane, audited, comparison));
    }

    private static Future<AuditVerdict> add(
            SqlConnection connection, Lane lane, Audited audited, Comparison comparison) {
        AuditVerdict verdict = new AuditVerdict(
                audited.auditId(), comparison.balanced(), comparison.driftUnits(), comparison.oversoldUnits());
        if (!verdict.balanced()) {
            LOG.error("lane {}: the books differ from Redis at seq {}: {}", lane, audited.seq(), verdict);
        }
        Tuple arguments = Tuple.of(
                audited.auditId(),
                lane.saleId().value(),
                lane.number(),
                lane.epoch(),
                audited.seq(),
                Columns.time(audited.atMs()),
                verdict.balanced(),
                verdict.driftUnits(),
                verdict.oversoldUnits(),
                json(comparison.items()));
        return connection
                .preparedQuery(ADD)
                .execute(arguments)
                .compose(added -> stopIfUnitsWereMadeUp(connection, lane, comparison))
                .map(verdict);
    }

    /** Units that only Redis has would be sold to somebody: better no sale. Units that only the books have cannot be. */
    private static Future<Boolean> stopIfUnitsWereMadeUp(SqlConnection connection, Lane lane, Comparison comparison) {
        long madeUp = comparison.madeUpUnits();
        return madeUp == 0
                ? Future.succeededFuture(false)
                : Incidents.stop(
                        connection,
                        lane,
                        new NewIncident(
                                        IncidentKind.BOOKS_DO_NOT_ADD_UP,
                                        "Redis offers " + madeUp + " units that the books do not have")
                                .of(madeUp));
    }

    private static AuditReport report(Row row) {
        List<AuditReport.Item> items = row.getJsonArray("items").stream()
                .map(item -> item((JsonObject) item))
                .toList();
        return new AuditReport(row.getBoolean("balanced"), row.getLong("epoch") + "-" + row.getLong("seq"), items);
    }

    private static JsonArray json(List<AuditReport.Item> items) {
        JsonArray array = new JsonArray();
        for (AuditReport.Item item : items) {
            array.add(new JsonObject()
                    .put("sku", item.sku().value())
                    .put("redis", json(item.redis()))
                    .put("postgres", json(item.postgres()))
                    .put("drift", item.drift()));
        }
        return array;
    }

    private static @Nullable JsonObject json(@Nullable StockCount count) {
        return count == null
                ? null
                : new JsonObject()
                        .put("capacity", count.capacity())
                        .put("available", count.available())
                        .put("held", count.held())
                        .put("sold", count.sold())
                        .put("version", count.version());
    }

    private static AuditReport.Item item(JsonObject json) {
        Sku sku = new Sku(json.getString("sku"));
        return new AuditReport.Item(
                sku,
                count(sku, json.getJsonObject("redis")),
                count(sku, json.getJsonObject("postgres")),
                json.getLong("drift"));
    }

    private static @Nullable StockCount count(Sku sku, @Nullable JsonObject json) {
        return json == null
                ? null
                : new StockCount(
                        sku,
                        json.getLong("capacity"),
                        json.getLong("available"),
                        json.getLong("held"),
                        json.getLong("sold"),
                        json.getLong("version"));
    }
}
