package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry.Audited;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every audit found, and the books' side of it. Safe for all threads. */
public final class AuditBook {

    private static final Logger LOG = LoggerFactory.getLogger(AuditBook.class);

    /** Counts and cursor are of one snapshot: the recorder moves both in one transaction. */
    private static final String SLICES = """
            select l.sale_id, l.lane, l.epoch, statement_timestamp() as read_at, l.recorded_seq, s.sku, s.capacity,
                   s.available, s.held, s.sold, s.version
            from unnest($1::text[], $2::int[], $3::bigint[], $4::text[]) as w(sale_id, lane, epoch, after)
            join lanes l on l.sale_id = w.sale_id and l.lane = w.lane and l.epoch = w.epoch
            left join lateral (
                select * from stock t
                where t.sale_id = l.sale_id and t.lane = l.lane and t.sku > w.after
                order by t.sku
                limit $5
            ) s on true
            order by l.sale_id, l.lane, s.sku
            """;

    private static final String SLICE_OF = """
            select l.sale_id, l.lane, l.epoch, statement_timestamp() as read_at, l.recorded_seq, s.sku, s.capacity,
                   s.available, s.held, s.sold, s.version
            from lanes l
            left join stock s on s.sale_id = l.sale_id and s.lane = l.lane and s.sku = any ($4)
            where l.sale_id = $1 and l.lane = $2 and l.epoch = $3
            order by s.sku
            """;

    private static final String LATEST = """
            select epoch, seq, balanced, items from audits
            where sale_id = $1 and lane = $2 and epoch = $3
            order by seq desc
            limit 1
            """;

    private static final String STOCK = """
            select sku, capacity, available, held, sold, version from stock where sale_id = $1 and lane = $2 order by sku
            """;

    /** Where somebody else has audited the lane at the same place, the newer word counts. */
    private static final String ADD = """
            insert into audits (audit_id, sale_id, lane, epoch, seq, at, balanced, drift_units, oversold_units, items,
                                first_seq, skus, capacity, available, held, sold)
            values ($1, $2, $3, $4, $5, now(), $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            on conflict (sale_id, lane, epoch, seq) do update
            set audit_id = excluded.audit_id, at = excluded.at, balanced = excluded.balanced, drift_units = excluded.drift_units,
                oversold_units = excluded.oversold_units, items = excluded.items, first_seq = excluded.first_seq,
                skus = excluded.skus, capacity = excluded.capacity, available = excluded.available, held = excluded.held,
                sold = excluded.sold, recorded_at = now()
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public AuditBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Where an audit of a lane has come to; the empty text is before all. */
    public record SliceAfter(Lane lane, String sku) {}

    /**
     * The next SKUs of each of these lanes, {@code most} of each, by name; none at its end. A lane that is not there in this epoch has no
     * slice.
     */
    public Future<List<RecordedSlice>> slices(List<SliceAfter> wanted, int most) {
        Tuple arguments = Tuple.of(
                Columns.texts(wanted, after -> after.lane().saleId().value()),
                wanted.stream().map(after -> after.lane().number()).toArray(Integer[]::new),
                Columns.numbers(wanted, after -> after.lane().epoch()),
                Columns.texts(wanted, SliceAfter::sku),
                most);
        return postgres.query("count the stock of " + wanted.size() + " lanes", SLICES, arguments)
                .map(AuditBook::slices);
    }

    /** These SKUs alone, as far as the books have them; empty where the lane is not there in this epoch. */
    public Future<Optional<RecordedSlice>> slice(Lane lane, List<Sku> skus) {
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), Columns.texts(skus, Sku::value));
        return postgres.query("count " + skus.size() + " SKUs of lane " + lane, SLICE_OF, arguments)
                .map(rows -> slices(rows).stream().findFirst());
    }

    /** Writes down what an audit found: its sums, and what differed. */
    public Future<Void> add(AuditPass pass) {
        Lane lane = pass.lane();
        AuditVerdict verdict = pass.verdict();
        if (!verdict.balanced()) {
            LOG.error("lane {}: the books differ from Redis at seq {}: {}", lane, pass.lastSeq(), verdict);
        }
        List<AuditReport.Item> items =
                pass.differences().stream().map(CountDifference::item).toList();
        Tuple arguments = Tuple.from(new Object[] {
            pass.auditId(),
            lane.saleId().value(),
            lane.number(),
            lane.epoch(),
            pass.lastSeq(),
            verdict.balanced(),
            verdict.driftUnits(),
            verdict.oversoldUnits(),
            json(items),
            pass.firstSeq(),
            pass.skus(),
            pass.capacity(),
            pass.available(),
            pass.held(),
            pass.sold()
        });
        return postgres.query("write down audit " + pass.auditId(), ADD, arguments)
                .mapEmpty();
    }

    /** What the last audit of a lane on which nothing happens any more found, with all SKUs: those that did not differ are as they are. */
    public Future<Optional<AuditReport>> latest(Lane lane) {
        return postgres.query(
                        "find last audit of lane " + lane,
                        LATEST,
                        Tuple.of(lane.saleId().value(), lane.number(), lane.epoch()))
                .map(SaleRows::first)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : whole(lane, found.get()).map(Optional::of));
    }

    private Future<AuditReport> whole(Lane lane, Row audit) {
        return postgres.query(
                        "count the stock of lane " + lane,
                        STOCK,
                        Tuple.of(lane.saleId().value(), lane.number()))
                .map(StockRows::counts)
                .map(counts -> {
                    Map<Sku, AuditReport.Item> items = new TreeMap<>(Comparator.comparing(Sku::value));
                    counts.forEach(count -> items.put(count.sku(), new AuditReport.Item(count.sku(), count, count, 0)));
                    for (Object item : audit.getJsonArray("items")) {
                        AuditReport.Item differing = item((JsonObject) item);
                        items.put(differing.sku(), differing);
                    }
                    return new AuditReport(
                            audit.getBoolean("balanced"),
                            audit.getLong("epoch") + "-" + audit.getLong("seq"),
                            List.copyOf(items.values()));
                });
    }

    /** Compares, inside the transaction that has folded everything before an audit that stands in the ledger, and nothing after it. */
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
        List<StockCount> counts = audited.counts();
        Tuple arguments = Tuple.from(new Object[] {
            audited.auditId(),
            lane.saleId().value(),
            lane.number(),
            lane.epoch(),
            audited.seq(),
            verdict.balanced(),
            verdict.driftUnits(),
            verdict.oversoldUnits(),
            json(comparison.differences()),
            audited.seq(),
            (long) counts.size(),
            counts.stream().mapToLong(StockCount::capacity).sum(),
            counts.stream().mapToLong(StockCount::available).sum(),
            counts.stream().mapToLong(StockCount::held).sum(),
            counts.stream().mapToLong(StockCount::sold).sum()
        });
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

    /** In the order of the rows: lanes one after the other. */
    private static List<RecordedSlice> slices(RowSet<Row> rows) {
        Map<Lane, RecordedSlice> slices = new LinkedHashMap<>();
        for (Row row : rows) {
            Lane lane = new Lane(new SaleId(row.getString("sale_id")), row.getInteger("lane"), row.getLong("epoch"));
            RecordedSlice slice = slices.computeIfAbsent(
                    lane,
                    first -> new RecordedSlice(
                            first, row.getOffsetDateTime("read_at"), row.getLong("recorded_seq"), new ArrayList<>()));
            if (row.getString("sku") != null) {
                slice.counts().add(StockRows.count(row));
            }
        }
        return slices.values().stream()
                .map(slice -> new RecordedSlice(
                        slice.lane(), slice.readAt(), slice.recordedSeq(), List.copyOf(slice.counts())))
                .toList();
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
