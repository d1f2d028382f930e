package dev.holdfast.comparison.design;

import dev.holdfast.comparison.design.HoldOutcome.Held;
import dev.holdfast.comparison.design.HoldOutcome.KeyReused;
import dev.holdfast.comparison.design.HoldOutcome.OutOfStock;
import dev.holdfast.comparison.design.HoldOutcome.Replayed;
import dev.holdfast.comparison.design.HoldOutcome.UnknownSku;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** The tables that all designs on PostgreSQL share. */
final class ReservationRows {

    private static final String UNIQUE_VIOLATION = "23505";

    /** With 48 there was no clear gain in a trial on two cores, and those that wait for one row were slower. */
    private static final int CONNECTIONS = Integer.getInteger("comparison.pool", 16);

    private static final String FIND = """
            select reservation_id, sale_id, sku, quantity, customer_id, held_at, expires_at,
                   case when state = 'held' and expires_at <= clock_timestamp() then 'expired' else state end as state
            from reservations where reservation_id = $1
            """;

    private static final String AVAILABLE = "select available from stock where sale_id = $1 and sku = $2";

    /** Counts move by what they are at that moment, so this is right beside any other change that does the same. */
    private static final String CONFIRM = """
            with ended as (
                update reservations set state = 'confirmed', ended_at = clock_timestamp()
                where reservation_id = $1 and sale_id = $2 and state = 'held' and expires_at > clock_timestamp()
                returning sale_id, sku, quantity)
            update stock s set held = held - quantity, sold = sold + quantity, version = version + 1
            from ended e where s.sale_id = e.sale_id and s.sku = e.sku
            """;

    private static final String DUE = """
            select distinct sale_id, sku from reservations
            where state = 'held' and expires_at <= clock_timestamp() limit 100
            """;

    private static final String EXPIRE = """
            with ended as (
                update reservations set state = 'expired', ended_at = clock_timestamp()
                where reservation_id in (
                    select reservation_id from reservations
                    where state = 'held' and expires_at <= clock_timestamp() and sale_id = $1 and sku = $2
                    limit 1000 for update skip locked)
                returning quantity),
            units as (select sum(quantity)::bigint as units, count(*) as holds from ended having count(*) > 0)
            update stock set available = available + units, held = held - units, version = version + 1
            from units where sale_id = $1 and sku = $2
            returning holds
            """;

    private final Pool pool;

    ReservationRows(Vertx vertx, String postgresUri) {
        pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(CONNECTIONS))
                .connectingTo(PgConnectOptions.fromUri(postgresUri).setCachePreparedStatements(true))
                .using(vertx)
                .build();
    }

    /** A SKU that has due holds. */
    record Due(String saleId, String sku) {}

    Future<RowSet<Row>> run(String sql, Tuple parameters) {
        return pool.preparedQuery(sql).execute(parameters);
    }

    Future<Optional<Reservation>> find(String id) {
        return run(FIND, Tuple.of(id)).map(rows -> first(rows).map(ReservationRows::reservation));
    }

    /** For designs whose other changes of counts are relative too. */
    Future<ConfirmOutcome> confirm(String saleId, String id) {
        return run(CONFIRM, Tuple.of(id, saleId)).compose(updated -> confirmed(saleId, id));
    }

    /** What a confirmation came to, told by the row it left. */
    Future<ConfirmOutcome> confirmed(String saleId, String id) {
        return find(id).map(found -> found.filter(
                        reservation -> reservation.saleId().equals(saleId))
                .map(ReservationRows::confirmOutcome)
                .orElseGet(ConfirmOutcome.Unknown::new));
    }

    private Future<List<Due>> due() {
        return run(DUE, Tuple.tuple())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Due(row.getString("sale_id"), row.getString("sku")))
                        .toList());
    }

    /** Ends due holds of one SKU; answers how many. */
    Future<Integer> expire(Due due) {
        return run(EXPIRE, Tuple.of(due.saleId(), due.sku()))
                .map(rows -> first(rows).map(row -> row.getInteger("holds")).orElse(0));
    }

    /** Ends due holds of all SKUs, one after the other, each by the given step; answers how many. */
    Future<Integer> expireAll(Function<Due, Future<Integer>> step) {
        return due().compose(skus -> {
            Future<Integer> ended = Future.succeededFuture(0);
            for (Due sku : skus) {
                ended = ended.compose(sum -> step.apply(sku).map(more -> sum + more));
            }
            return ended;
        });
    }

    /** Why a statement that should have held did not: a replay, or no stock. */
    Future<HoldOutcome> whyNotHeld(HoldRequest request, String id) {
        return find(id).compose(found -> found.isPresent()
                ? Future.succeededFuture(replay(request, found.get()))
                : run(AVAILABLE, Tuple.of(request.saleId(), request.sku())).map(ReservationRows::shortage));
    }

    /** A statement that met its own id under way in another request was undone as a whole, and is a replay. */
    Future<HoldOutcome> replayOf(Throwable failure, HoldRequest request, String id) {
        return failure instanceof PgException refused && UNIQUE_VIOLATION.equals(refused.getSqlState())
                ? whyNotHeld(request, id)
                : Future.failedFuture(failure);
    }

    Future<Void> close() {
        return pool.close();
    }

    static Optional<Row> first(RowSet<Row> rows) {
        var iterator = rows.iterator();
        return iterator.hasNext() ? Optional.of(iterator.next()) : Optional.empty();
    }

    static HoldOutcome held(HoldRequest request, String id, Row times) {
        return new Held(new Reservation(
                id,
                request.saleId(),
                request.sku(),
                request.quantity(),
                request.customerId(),
                "held",
                ms(times.getOffsetDateTime("held_at")),
                ms(times.getOffsetDateTime("expires_at"))));
    }

    static HoldOutcome replay(HoldRequest request, Reservation found) {
        return found.answers(request) ? new Replayed(found) : new KeyReused();
    }

    private static HoldOutcome shortage(RowSet<Row> rows) {
        return first(rows)
                .<HoldOutcome>map(row -> new OutOfStock(row.getLong("available")))
                .orElseGet(UnknownSku::new);
    }

    static ConfirmOutcome confirmOutcome(Reservation reservation) {
        return reservation.state().equals("confirmed")
                ? new ConfirmOutcome.Confirmed(reservation)
                : new ConfirmOutcome.TooLate(reservation);
    }

    private static Reservation reservation(Row row) {
        return new Reservation(
                row.getString("reservation_id"),
                row.getString("sale_id"),
                row.getString("sku"),
                row.getInteger("quantity"),
                row.getString("customer_id"),
                row.getString("state"),
                ms(row.getOffsetDateTime("held_at")),
                ms(row.getOffsetDateTime("expires_at")));
    }

    private static long ms(OffsetDateTime time) {
        return time.toInstant().toEpochMilli();
    }
}
