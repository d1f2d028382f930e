package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL knows that could embarrass a sale, in two questions, however many SKUs it has. Safe for all threads. */
public final class PreflightBook {

    /**
     * About the sale as a whole.
     *
     * @param nowMs PostgreSQL's clock, ms since 1970
     * @param inForce whether Redis has the policy
     * @param laneReason why the lane stopped; null where it did not
     * @param recordedSeq last seq of the lane's ledger that is recorded
     * @param recording whether some node records the lane
     * @param pendingAdjustments that Redis has not decided yet
     */
    public record SaleFacts(
            long nowMs,
            boolean inForce,
            @Nullable String laneReason,
            long recordedSeq,
            boolean recording,
            long pendingAdjustments) {}

    /**
     * About its SKUs.
     *
     * @param units capacity of all
     * @param available units that may still be held, as far as it is recorded
     * @param empty have no capacity
     * @param limitAboveCapacity have a limit of their own that nobody can reach
     * @param unlimited have no limit of their own
     * @param unpriced have no price
     * @param notInForce have rules that Redis does not know
     */
    public record SkuFacts(
            long skus,
            long units,
            long available,
            Some empty,
            Some limitAboveCapacity,
            Some unlimited,
            Some unpriced,
            Some notInForce) {}

    /** So many SKUs, and the first ten of them by name. */
    public record Some(long count, List<String> first) {}

    private static final String SALE = """
            select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms,
                   s.applied_version >= s.version as in_force,
                   l.state_reason, l.recorded_seq,
                   exists (select from nodes n
                           where n.node_id = l.recorder and n.records_until >= clock_timestamp()) as recording,
                   (select count(*) from adjustments a where a.sale_id = s.sale_id and a.state = 'pending') as pending
            from sales s
            join lanes l on l.sale_id = s.sale_id and l.lane = 0
            where s.sale_id = $1
            """;

    /** A SKU that was never recorded has all its units still. */
    private static final String SKUS = """
            with k as (
                select a.sku, a.capacity, coalesce(s.available, a.capacity) as available,
                       a.capacity = 0 as empty,
                       a.per_customer_limit > a.capacity and a.capacity > 0 as limit_above_capacity,
                       a.per_customer_limit = 0 as unlimited,
                       a.price is null as unpriced,
                       a.applied_version < a.version as not_in_force
                from adjusted_skus a
                left join stock s on s.sale_id = a.sale_id and s.lane = 0 and s.sku = a.sku
                where a.sale_id = $1
            )
            select count(*) as skus, coalesce(sum(capacity), 0)::bigint as units,
                   coalesce(sum(available), 0)::bigint as available,
                   count(*) filter (where empty) as empty,
                   (array_agg(sku order by sku) filter (where empty))[1:10] as empty_first,
                   count(*) filter (where limit_above_capacity) as limit_above_capacity,
                   (array_agg(sku order by sku) filter (where limit_above_capacity))[1:10] as limit_above_capacity_first,
                   count(*) filter (where unlimited) as unlimited,
                   (array_agg(sku order by sku) filter (where unlimited))[1:10] as unlimited_first,
                   count(*) filter (where unpriced) as unpriced,
                   (array_agg(sku order by sku) filter (where unpriced))[1:10] as unpriced_first,
                   count(*) filter (where not_in_force) as not_in_force,
                   (array_agg(sku order by sku) filter (where not_in_force))[1:10] as not_in_force_first
            from k
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public PreflightBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Empty if there is no such sale. */
    public Future<Optional<SaleFacts>> sale(SaleId saleId) {
        return postgres.query("look over sale " + saleId, SALE, Tuple.of(saleId.value()))
                .map(rows -> SaleRows.first(rows).map(PreflightBook::saleFacts));
    }

    /** All zero where it has none. */
    public Future<SkuFacts> skus(SaleId saleId) {
        return postgres.query("look over SKUs of " + saleId, SKUS, Tuple.of(saleId.value()))
                .map(rows -> skuFacts(rows.iterator().next()));
    }

    private static SaleFacts saleFacts(Row row) {
        return new SaleFacts(
                row.getLong("now_ms"),
                row.getBoolean("in_force"),
                row.getString("state_reason"),
                row.getLong("recorded_seq"),
                row.getBoolean("recording"),
                row.getLong("pending"));
    }

    private static SkuFacts skuFacts(Row row) {
        return new SkuFacts(
                row.getLong("skus"),
                row.getLong("units"),
                row.getLong("available"),
                some(row, "empty"),
                some(row, "limit_above_capacity"),
                some(row, "unlimited"),
                some(row, "unpriced"),
                some(row, "not_in_force"));
    }

    private static Some some(Row row, String column) {
        String[] first = row.getArrayOfStrings(column + "_first");
        return new Some(row.getLong(column), first == null ? List.of() : List.of(first));
    }
}
