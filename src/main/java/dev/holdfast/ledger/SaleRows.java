package dev.holdfast.ledger;

import dev.holdfast.ledger.KnownSales.Known;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Sales and their lanes as rows, inside someone else's transaction. */
final class SaleRows {

    private static final String LOCK = """
            select * from sales where sale_id = $1 for update
            """;

    /** Two admins may create the same sale at once: the second sees the first's row instead of an error. */
    private static final String INSERT = """
            insert into sales (sale_id, name, opens_at, closes_at, hold_ms, max_hold_ms, per_customer_limit, currency,
                               rehearsal, state, state_reason, clock_offset_ms, version, reclaim_ms)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            on conflict (sale_id) do nothing
            """;

    private static final String INSERT_LANE = """
            insert into lanes (sale_id, lane, epoch, state) values ($1, 0, nextval('lane_epoch'), 'preparing')
            """;

    private static final String UPDATE = """
            update sales
            set name = $2, opens_at = $3, closes_at = $4, hold_ms = $5, max_hold_ms = $6, per_customer_limit = $7,
                longest_hold_ms = greatest(longest_hold_ms, max_hold_ms), currency = $8, rehearsal = $9, state = $10,
                state_reason = $11, clock_offset_ms = $12, version = $13, reclaim_ms = $14, updated_at = now()
            where sale_id = $1
            """;

    private static final String LISTED = """
            select * from listed_sales where sale_id = $1
            """;

    private SaleRows() {}

    /** Nobody else changes the sale until the transaction is over. */
    static Future<Optional<Sale>> lock(SqlConnection connection, SaleId saleId) {
        return connection
                .preparedQuery(LOCK)
                .execute(Tuple.of(saleId.value()))
                .map(rows -> first(rows).map(SaleRows::sale));
    }

    /** False where another transaction was faster. */
    static Future<Boolean> insert(SqlConnection connection, Sale sale) {
        return connection
                .preparedQuery(INSERT)
                .execute(values(sale))
                .compose(inserted -> inserted.rowCount() == 0
                        ? Future.succeededFuture(false)
                        : connection
                                .preparedQuery(INSERT_LANE)
                                .execute(Tuple.of(sale.id().value()))
                                .compose(made -> PurchaseBook.begin(connection, sale.id()))
                                .map(true));
    }

    static Future<Void> update(SqlConnection connection, Sale sale) {
        return connection.preparedQuery(UPDATE).execute(values(sale)).mapEmpty();
    }

    static Future<Known> listed(SqlConnection connection, SaleId saleId) {
        return connection
                .preparedQuery(LISTED)
                .execute(Tuple.of(saleId.value()))
                .map(rows -> known(rows.iterator().next()));
    }

    static Optional<Row> first(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).findFirst();
    }

    /** From a row of listed_sales. */
    static Known known(Row row) {
        Sale sale = sale(row);
        Lane lane = new Lane(sale.id(), row.getInteger("lane"), row.getLong("epoch"));
        ListedSale.LaneState laneState =
                ListedSale.LaneState.valueOf(row.getString("lane_state").toUpperCase(Locale.ROOT));
        return new Known(
                new ListedSale(
                        sale,
                        lane,
                        laneState,
                        row.getBoolean("restoring_ended"),
                        receiptsFirstUntil(row.getLong("receipts_first_ms"))),
                row.getLong("stamp"));
    }

    private static long receiptsFirstUntil(long leftMs) {
        return leftMs == 0 ? 0 : System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(leftMs);
    }

    static Sale sale(Row row) {
        return new Sale(
                new SaleId(row.getString("sale_id")),
                row.getString("name"),
                msOrZero(row.getOffsetDateTime("opens_at")),
                msOrZero(row.getOffsetDateTime("closes_at")),
                row.getLong("hold_ms"),
                row.getLong("max_hold_ms"),
                row.getLong("per_customer_limit"),
                row.getLong("reclaim_ms"),
                row.getString("currency"),
                row.getBoolean("rehearsal"),
                Sale.Switch.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("state_reason"),
                row.getLong("clock_offset_ms"),
                row.getLong("version"));
    }

    /** As the audit trail shows it. */
    static JsonObject json(Sale sale) {
        return new JsonObject()
                .put("name", sale.name())
                .put("opensAt", instantUnlessZero(sale.opensAtMs()))
                .put("closesAt", instantUnlessZero(sale.closesAtMs()))
                .put("holdSeconds", sale.holdMs() / 1000)
                .put("maxHoldSeconds", sale.maxHoldMs() / 1000)
                .put("perCustomerLimit", sale.perCustomerLimit() == 0 ? null : sale.perCustomerLimit())
                .put("reclaimSeconds", sale.reclaimMs() / 1000)
                .put("currency", sale.currency())
                .put("rehearsal", sale.rehearsal())
                .put("state", sale.state().word())
                .put("clockOffsetSeconds", sale.clockOffsetMs() / 1000)
                .put("version", sale.version());
    }

    static Sale withVersion(Sale sale, long version) {
        return new Sale(
                sale.id(),
                sale.name(),
                sale.opensAtMs(),
                sale.closesAtMs(),
                sale.holdMs(),
                sale.maxHoldMs(),
                sale.perCustomerLimit(),
                sale.reclaimMs(),
                sale.currency(),
                sale.rehearsal(),
                sale.state(),
                sale.stateReason(),
                sale.clockOffsetMs(),
                version);
    }

    private static Tuple values(Sale sale) {
        return Tuple.from(new @Nullable Object[] {
            sale.id().value(),
            sale.name(),
            timeUnlessZero(sale.opensAtMs()),
            timeUnlessZero(sale.closesAtMs()),
            sale.holdMs(),
            sale.maxHoldMs(),
            sale.perCustomerLimit(),
            sale.currency(),
            sale.rehearsal(),
            sale.state().word(),
            sale.stateReason(),
            sale.clockOffsetMs(),
            sale.version(),
            sale.reclaimMs()
        });
    }

    private static @Nullable OffsetDateTime timeUnlessZero(long ms) {
        return ms == 0 ? null : Columns.time(ms);
    }

    private static @Nullable String instantUnlessZero(long ms) {
        return ms == 0 ? null : Instant.ofEpochMilli(ms).toString();
    }

    private static long msOrZero(@Nullable OffsetDateTime time) {
        return time == null ? 0 : Columns.ms(time);
    }
}
