package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Sets counts that somebody changed, while a rebuild has the lane for itself. Each step fails with {@link Overtaken} where a later rebuild
 * has begun, and as PostgreSQL does. Safe for all threads.
 */
public final class CountBook {

    private static final String OURS = """
            select from lanes where sale_id = $1 and lane = $2 and state = 'rebuilding' and recorder = $3 for no key update
            """;

    private static final String SET = """
            update stock s
            set capacity = m.capacity, available = m.available, held = m.held, sold = m.sold, pending = m.pending, holds = m.holds,
                sales = m.sales, updated_at = now()
            from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
                as m(sku, capacity, available, held, sold, pending, holds, sales)
            where s.sale_id = $1 and s.lane = $2 and s.sku = m.sku
            """;

    /** With the capacity that admins decided on last, and nothing of it used. */
    private static final String ADD = """
            insert into stock (sale_id, lane, sku, capacity, available, held, sold, version, adjustment_no, low_threshold)
            select k.sale_id, $2, k.sku, k.capacity, k.capacity, 0, 0, k.capacity_version,
                   coalesce((select max(a.adjustment_no) from adjustments a
                             where a.sale_id = k.sale_id and a.sku = k.sku and a.state = 'applied'), 0),
                   k.low_stock_threshold
            from adjusted_skus k
            where k.sale_id = $1 and k.sku = any ($3)
            on conflict do nothing
            """;

    private static final String WITHOUT_SKU = """
            select s.sku from stock s
            where s.sale_id = $1 and s.lane = $2 and not exists (select from skus k where k.sale_id = s.sale_id and k.sku = s.sku)
            order by s.sku
            """;

    /** Nobody has changed their capacity: adjustments keep the row. */
    private static final String ADD_SKUS = """
            insert into skus (sale_id, sku, product_id, attributes, per_customer_limit, capacity, version, applied_version)
            select s.sale_id, s.sku, r.product_id, '{}', coalesce(r.customer_limit, 0), s.capacity - s.pending,
                   greatest(r.version, 1), greatest(r.version, 1)
            from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[]) as r(sku, product_id, customer_limit, version)
            join stock s on s.sale_id = $1 and s.lane = $2 and s.sku = r.sku
            on conflict do nothing
            """;

    private static final String TAKE_OUT = """
            delete from reservations where sale_id = $1 and lane = $2 and state = 'held' and reservation_id = any ($3)
            """;

    /** Of one SKU, as of one moment. Reads all reservations of the sale. */
    private static final String DOUBTED = """
            select s.held, s.sold, s.capacity - s.pending as capacity, s.version, r.held as reserved_held,
                   r.sold + coalesce((select sum(p.units) from past_reservations p
                                      where p.sale_id = $1 and p.sku = $3 and p.state = 'confirmed'), 0)::bigint as reserved_sold,
                   k.capacity as decided, k.capacity_version
            from stock s
            join adjusted_skus k using (sale_id, sku)
            cross join (select coalesce(sum(units) filter (where state = 'held'), 0)::bigint as held,
                               coalesce(sum(units) filter (where state = 'confirmed'), 0)::bigint as sold
                        from (select state, case when lines ->> $3 ~ '^[1-9][0-9]{0,8}$' then (lines ->> $3)::bigint else 0 end as units
                              from reservations
                              where sale_id = $1 and lane = $2 and state in ('held', 'confirmed') and json_typeof(lines) = 'object') u) r
            where s.sale_id = $1 and s.lane = $2 and s.sku = $3
            """;

    private final Postgres postgres;

    CountBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Sets these counts, and tells of it and of all else that was mended: {@code detail} is for people. */
    public Future<Void> set(Rebuild rebuild, List<MendedCount> counts, String detail) {
        Lane lane = rebuild.to();
        Tuple arguments = of(lane).addArrayOfString(
                        Columns.texts(counts, count -> count.sku().value()))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::capacity))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::available))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::held))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::sold))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::pending))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::holds))
                .addArrayOfLong(Columns.numbers(counts, MendedCount::sales));
        NewIncident incident = new NewIncident(IncidentKind.BOOKS_MENDED, detail).about(Long.toString(lane.epoch()));
        return postgres.inTransaction(
                "mend counts of lane " + lane,
                connection -> requireOurs(connection, rebuild)
                        .compose(ours -> connection.preparedQuery(SET).execute(arguments))
                        .compose(set -> Incidents.add(connection, lane, incident))
                        .mapEmpty());
    }

    /**
     * What is wrong with the counts of a SKU by what its reservations and its admins' adjustments come to, for people; empty where nothing is.
     * Takes seconds where a sale has a million reservations.
     */
    public Future<Optional<String>> doubt(Lane lane, Sku sku) {
        return postgres.query("check counts of " + sku + " of lane " + lane, DOUBTED, of(lane).addString(sku.value()))
                .map(rows -> rows.size() == 0
                        ? Optional.of("it has none")
                        : doubt(rows.iterator().next()));
    }

    private static Optional<String> doubt(Row row) {
        List<String> wrong = new ArrayList<>();
        compare(wrong, "held", row.getLong("held"), "reservations have", row.getLong("reserved_held"));
        compare(wrong, "sold", row.getLong("sold"), "reservations have", row.getLong("reserved_sold"));
        if (row.getLong("version").equals(row.getLong("capacity_version"))) {
            compare(wrong, "of capacity", row.getLong("capacity"), "admins decided on", row.getLong("decided"));
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", wrong));
    }

    private static void compare(List<String> wrong, String what, long counted, String witness, long right) {
        if (counted != right) {
            wrong.add("it has " + counted + ' ' + what + " where " + witness + ' ' + right);
        }
    }

    /** Counts for those of these SKUs that have none, though there are reservations of them; answers how many were added. */
    public Future<Integer> add(Rebuild rebuild, Collection<Sku> skus) {
        Lane lane = rebuild.to();
        Tuple arguments =
                of(lane).addArrayOfString(skus.stream().map(Sku::value).toArray(String[]::new));
        return postgres.inTransaction(
                "put back counts of lane " + lane,
                connection -> requireOurs(connection, rebuild)
                        .compose(ours -> connection.preparedQuery(ADD).execute(arguments))
                        .map(added -> added.rowCount()));
    }

    /** SKUs that have counts and are not known otherwise, because their rows were deleted. */
    public Future<List<Sku>> withoutSku(Rebuild rebuild) {
        return postgres.query("look for SKUs of lane " + rebuild.to(), WITHOUT_SKU, of(rebuild.to()))
                .map(rows -> {
                    List<Sku> skus = new ArrayList<>();
                    rows.forEach(row -> skus.add(new Sku(row.getString("sku"))));
                    return skus;
                });
    }

    /** Makes these known again, with the capacity of their counts. */
    public Future<Void> addSkus(Rebuild rebuild, List<SkuRules> rules) {
        Lane lane = rebuild.to();
        Tuple arguments = of(lane).addArrayOfString(
                        Columns.texts(rules, sku -> sku.sku().value()))
                .addArrayOfString(Columns.texts(rules, SkuRules::productId))
                .addArrayOfLong(Columns.numbers(rules, SkuRules::perCustomerLimit))
                .addArrayOfLong(Columns.numbers(rules, SkuRules::version));
        return postgres.inTransaction(
                "put back SKUs of lane " + lane,
                connection -> requireOurs(connection, rebuild)
                        .compose(ours -> connection.preparedQuery(ADD_SKUS).execute(arguments))
                        .mapEmpty());
    }

    /** Takes rows out that say that something is held and are no reservation: nobody could ever end them. */
    public Future<Void> takeOut(Rebuild rebuild, List<String> reservationIds) {
        Lane lane = rebuild.to();
        Tuple arguments = of(lane).addArrayOfString(reservationIds.toArray(String[]::new));
        return postgres.inTransaction(
                "take rows out of lane " + lane,
                connection -> requireOurs(connection, rebuild)
                        .compose(ours -> connection.preparedQuery(TAKE_OUT).execute(arguments))
                        .mapEmpty());
    }

    private static Future<Void> requireOurs(SqlConnection connection, Rebuild rebuild) {
        return connection
                .preparedQuery(OURS)
                .execute(of(rebuild.to()).addString(rebuild.recorder()))
                .compose(found ->
                        found.size() == 1 ? Future.succeededFuture() : Future.failedFuture(new Overtaken(rebuild)));
    }

    private static Tuple of(Lane lane) {
        return Tuple.of(lane.saleId().value(), lane.number());
    }
}
