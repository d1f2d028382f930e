package dev.holdfast.ledger;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a rebuild asks the books and writes into them where Redis knows more. Every step that writes fails with {@link Overtaken} where a
 * later rebuild has begun, and as PostgreSQL does. Safe for all threads.
 */
public final class ConclusionBook {

    /** As a lateral join of one row, so that it goes by the key whatever PostgreSQL takes for the size of the table. */
    private static final String KNOWN = """
            select r.*
            from unnest($2::text[], $3::timestamptz[]) as e(reservation_id, held_at)
            cross join lateral (
                select * from reservations
                where sale_id = $1 and held_at = e.held_at and reservation_id = e.reservation_id
                limit 1
            ) r
            """;

    private static final String SETTLED = """
            select reservation_id, bool_or(state = 'discarded') as discarded,
                   coalesce(max(seq) filter (where mended_entry is not null and epoch = $3), 0) as mended_seq
            from dead_letters
            where sale_id = $1 and reservation_id = any ($2)
            group by reservation_id
            having bool_or(state = 'discarded' or mended_entry is not null) and not bool_or(state = 'waiting')
            """;

    private static final String HELD_BY = """
            select r.customer_id, l.sku collate "C" as sku, sum(l.units::bigint)::bigint as units
            from unnest($3::text[]) as c(customer_id)
            cross join lateral (
                select * from reservations where customer_id = c.customer_id and sale_id = $1 and lane = $2 and state = 'held' offset 0
            ) r
            cross join lateral json_each_text(case when json_typeof(r.lines) = 'object' then r.lines else '{}' end) as l(sku, units)
            where l.units ~ '^[1-9][0-9]{0,8}$'
            group by r.customer_id, l.sku collate "C"
            """;

    private static final String BOUGHT_BY = """
            select p.customer_id, p.sku, p.units
            from purchases p
            where p.sale_id = $1 and p.lane = $2 and p.customer_id = any ($3)
            """;

    private static final String ADD_FINDINGS = """
            insert into rebuild_findings (sale_id, lane, epoch, kind, reservation_id, sku, customer_id, detail)
            select $1, $2, $3, f.kind, f.reservation_id, f.sku, f.customer_id, f.detail
            from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
                as f(kind, reservation_id, sku, customer_id, detail)
            """;

    private static final String COUNT = """
            update rebuilds set concluded = concluded + $4, discarded = discarded + $5
            where sale_id = $1 and lane = $2 and epoch = $3
            """;

    private static final String NOTHING_BUT_THE_SALE = """
            update lanes set state = 'recovering', state_reason = 'PostgreSQL did not know the sale' where sale_id = $1
            """;

    private final Postgres postgres;
    private final SaleBook sales;

    ConclusionBook(Postgres postgres, SaleBook sales) {
        this.postgres = postgres;
        this.sales = sales;
    }

    /** Those of these reservations that the books have, each at the moment that its id names. */
    public Future<Map<ReservationId, RecordedLife>> known(SaleId saleId, Collection<ReservationId> ids) {
        List<ReservationId> wanted = List.copyOf(ids);
        Tuple arguments = Tuple.of(
                saleId.value(),
                Columns.texts(wanted, ReservationId::value),
                Columns.times(wanted, ReservationId::heldAtMs));
        return postgres.query("find reservations of " + saleId, KNOWN, arguments)
                .map(rows -> {
                    Map<ReservationId, RecordedLife> known = new HashMap<>();
                    for (Row row : rows) {
                        RecordedLife life = ReservationRows.readable(row)
                                .map(readable -> new RecordedLife(readable, row.getLong("epoch"), row.getLong("seq")))
                                .orElseGet(() -> unreadable(row));
                        known.put(life.reservation().id(), life);
                    }
                    return known;
                });
    }

    /** A rebuild does not change what it cannot read, so it is taken for something that nobody knows more of. */
    private static RecordedLife unreadable(Row row) {
        ReservationId id = new ReservationId(row.getString("reservation_id"));
        long heldAtMs = Columns.ms(row.getOffsetDateTime("held_at"));
        RestoredReservation stand = new RestoredReservation(
                id,
                new CustomerId("unreadable"),
                ReservationState.CONFIRMED,
                new Cart(List.of(new Line(new Sku("unreadable"), 1))),
                heldAtMs,
                Columns.ms(row.getOffsetDateTime("expires_at")),
                heldAtMs,
                row.getLong("revision"),
                "unreadable");
        return new RecordedLife(stand, row.getLong("epoch"), row.getLong("seq"));
    }

    /**
     * What a person has said already about a reservation's dead letters.
     *
     * @param discarded that one of them is not wanted
     * @param mendedSeq place of the last that was replayed with another entry, in the epoch that was asked for; 0 for none
     */
    public record SettledLetters(boolean discarded, long mendedSeq) {}

    /** Those of these reservations of which a person discarded or mended dead letters, and of which no other letter waits. */
    public Future<Map<ReservationId, SettledLetters>> settled(
            SaleId saleId, Collection<ReservationId> ids, long epoch) {
        if (ids.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        Tuple arguments = Tuple.of(saleId.value(), Columns.texts(List.copyOf(ids), ReservationId::value), epoch);
        return postgres.query("find settled dead letters of " + saleId, SETTLED, arguments)
                .map(rows -> {
                    Map<ReservationId, SettledLetters> settled = new HashMap<>();
                    for (Row row : rows) {
                        settled.put(
                                new ReservationId(row.getString("reservation_id")),
                                new SettledLetters(row.getBoolean("discarded"), row.getLong("mended_seq")));
                    }
                    return settled;
                });
    }

    /** Every SKU whose putting up is recorded, by name. */
    public Future<Map<Sku, StockedSku>> stock(Lane lane) {
        return postgres.inTransaction("count lane " + lane, connection -> new LaneSnapshot(connection, lane).stock())
                .map(all -> {
                    Map<Sku, StockedSku> bySku = new HashMap<>();
                    all.forEach(sku -> bySku.put(sku.count().sku(), sku));
                    return bySku;
                });
    }

    /** What these customers hold, by the books; customers who hold nothing are left out. */
    public Future<Map<CustomerId, Map<Sku, Long>>> heldBy(Lane lane, Collection<CustomerId> customers) {
        return unitsOf("find holds", HELD_BY, lane, customers);
    }

    /** What these customers bought, as far as {@link PurchaseBook} has summed it; customers who bought nothing are left out. */
    public Future<Map<CustomerId, Map<Sku, Long>>> boughtBy(Lane lane, Collection<CustomerId> customers) {
        return unitsOf("find purchases", BOUGHT_BY, lane, customers);
    }

    /**
     * Records entries that were concluded, in the life that the rebuild has for them.
     *
     * @param after how many it has already
     * @param entries what follows
     */
    public Future<Void> conclude(Rebuild rebuild, long after, List<LedgerEntry> entries) {
        Batch batch = new Batch(rebuild.concluding(), after, entries, rebuild.recorder());
        return postgres.inTransaction(
                        "conclude lane " + rebuild.concluding(),
                        connection -> LedgerBook.conclude(connection, batch)
                                .compose(audits ->
                                        connection.preparedQuery(COUNT).execute(counts(rebuild, entries.size(), 0))))
                .<Void>mapEmpty()
                .recover(failure -> Future.failedFuture(told(rebuild, failure)));
    }

    private static Throwable told(Rebuild rebuild, Throwable failure) {
        if (failure instanceof RaceLost) {
            return new Overtaken(rebuild);
        }
        return PgErrors.kindOf(failure) == PgErrors.Kind.STOCK_VIOLATION
                ? new IllegalStateException(
                        "Redis and the books together have more units than there are: " + PgErrors.told(failure),
                        failure)
                : failure;
    }

    /** Lists what a rebuild found. */
    public Future<Void> list(Rebuild rebuild, List<RebuildFinding> findings) {
        if (findings.isEmpty()) {
            return Future.succeededFuture();
        }
        Lane to = rebuild.to();
        return postgres.query(
                        "list findings of lane " + to,
                        ADD_FINDINGS,
                        Tuple.of(
                                to.saleId().value(),
                                to.number(),
                                to.epoch(),
                                Columns.texts(
                                        findings, finding -> finding.kind().word()),
                                Columns.texts(
                                        findings,
                                        finding -> finding.reservationId() == null
                                                ? null
                                                : finding.reservationId().value()),
                                Columns.texts(
                                        findings,
                                        finding -> finding.sku() == null
                                                ? null
                                                : finding.sku().value()),
                                Columns.texts(
                                        findings,
                                        finding -> finding.customerId() == null
                                                ? null
                                                : finding.customerId().value()),
                                Columns.texts(findings, finding -> DeadLetters.storable(finding.detail()))))
                .mapEmpty();
    }

    /** So many acknowledged reservations are ended by this rebuild; writes it down as an incident. */
    public Future<Void> tellDiscarded(Rebuild rebuild, long reservations, String detail) {
        return postgres.inTransaction(
                "note what lane " + rebuild.to() + " loses",
                connection -> connection
                        .preparedQuery(COUNT)
                        .execute(counts(rebuild, 0, reservations))
                        .compose(counted -> Incidents.add(
                                connection,
                                rebuild.to(),
                                incident(rebuild, IncidentKind.RESERVATIONS_DISCARDED, detail)
                                        .with(new JsonObject().put("reservations", reservations))))
                        .mapEmpty());
    }

    /** The books were brought up to Redis; writes it down as an incident. */
    public Future<Void> tellConcluded(Rebuild rebuild, String detail) {
        return postgres.inTransaction(
                "note what lane " + rebuild.to() + " was concluded from",
                connection -> Incidents.add(
                                connection, rebuild.to(), incident(rebuild, IncidentKind.BOOKS_CONCLUDED, detail))
                        .mapEmpty());
    }

    /** One for each rebuild. */
    private static NewIncident incident(Rebuild rebuild, IncidentKind kind, String detail) {
        return new NewIncident(kind, detail).about(Long.toString(rebuild.to().epoch()));
    }

    /** Brings the sale's settings, and its SKUs', up to what Redis has; answers what had to be changed. */
    public Future<List<RebuildFinding>> concludeSettings(LaneSettings redis) {
        return postgres.inTransaction(
                        "conclude the settings of " + redis.sale().id(),
                        connection -> SettingsRows.conclude(connection, redis))
                .compose(findings -> sales.refresh(redis.sale().id()).map(findings));
    }

    /** A sale that Redis has and PostgreSQL does not know; it waits to be rebuilt. Changes nothing where it is known. */
    public Future<Void> addSale(LaneSettings redis) {
        SaleId saleId = redis.sale().id();
        return postgres.inTransaction(
                        "add sale " + saleId,
                        connection -> SaleRows.insert(connection, redis.sale())
                                .compose(added -> added
                                        ? connection
                                                .preparedQuery(NOTHING_BUT_THE_SALE)
                                                .execute(Tuple.of(saleId.value()))
                                                .<Void>mapEmpty()
                                        : Future.succeededFuture()))
                .compose(added -> sales.refresh(saleId))
                .mapEmpty();
    }

    private Future<Map<CustomerId, Map<Sku, Long>>> unitsOf(
            String operation, String sql, Lane lane, Collection<CustomerId> customers) {
        String[] ids = customers.stream().map(CustomerId::value).distinct().toArray(String[]::new);
        return postgres.query(
                        operation + " on lane " + lane,
                        sql,
                        Tuple.of(lane.saleId().value(), lane.number(), ids))
                .map(ConclusionBook::units);
    }

    private static Map<CustomerId, Map<Sku, Long>> units(RowSet<Row> rows) {
        Map<CustomerId, Map<Sku, Long>> units = new HashMap<>();
        for (Row row : rows) {
            units.computeIfAbsent(new CustomerId(row.getString("customer_id")), first -> new HashMap<>())
                    .put(new Sku(row.getString("sku")), row.getLong("units"));
        }
        return units;
    }

    private static Tuple counts(Rebuild rebuild, long concluded, long discarded) {
        Lane to = rebuild.to();
        return Tuple.of(to.saleId().value(), to.number(), to.epoch(), concluded, discarded);
    }
}
