package dev.holdfast.ledger;

import dev.holdfast.reservation.AppliedAdjustment;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What admins decided and an older PostgreSQL has forgotten, told from Redis: only what has a higher version there. Inside someone else's
 * transaction.
 */
final class SettingsRows {

    private static final String SALE = """
            update sales
            set opens_at = $3, closes_at = $4, longest_hold_ms = greatest(longest_hold_ms, max_hold_ms), hold_ms = $5, max_hold_ms = $6,
                per_customer_limit = $7, state = $8, state_reason = 'concluded from Redis: PostgreSQL was older', clock_offset_ms = $9,
                version = $2, applied_version = $2, updated_at = now()
            where sale_id = $1 and version < $2
            """;

    /** What Redis does not keep stays as it is, or is not there. */
    private static final String SKUS = """
            insert into skus as k (sale_id, sku, product_id, attributes, per_customer_limit, capacity, version, applied_version)
            select $1, r.sku, r.product_id, '{}', r.customer_limit, r.capacity, r.version, r.version
            from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
                as r(sku, product_id, customer_limit, capacity, version)
            order by r.sku
            on conflict (sale_id, sku) do update
            set product_id = excluded.product_id, per_customer_limit = excluded.per_customer_limit, version = excluded.version,
                applied_version = excluded.version, updated_at = now()
            where k.version < excluded.version
            returning sku, xmax = 0 as added, version
            """;

    /**
     * Each that Redis remembers, with its id: by that its request is known again. Where it does not remember the last one, that stands for all
     * that are missing.
     */
    private static final String ADJUSTMENTS = """
            insert into adjustments (adjustment_id, sale_id, sku, version, capacity_before, capacity_after, allow_below_held, reason,
                                     actor, key_name, request_id, idempotency_key, fingerprint, state, pending_reduction, recorded_at)
            select coalesce(r.adjustment_id, 'concluded-' || gen_random_uuid()), $1, r.sku, r.version,
                   coalesce(r.capacity_before, k.capacity), r.capacity, false,
                   'concluded from Redis: PostgreSQL was older', 'holdfast', '-', '-', 'concluded-' || gen_random_uuid(), '-',
                   'applied', r.pending, now()
            from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
                as r(sku, adjustment_id, version, capacity_before, capacity, pending)
            join adjusted_skus k on k.sale_id = $1 and k.sku = r.sku
            where k.capacity_version < r.version
            order by r.sku, r.version
            on conflict (adjustment_id) do nothing
            returning sku, version, capacity_before, capacity_after
            """;

    /** Redis has it in force, and PostgreSQL came back without the answer. */
    private static final String DONE = """
            update adjustments a
            set state = 'applied', pending_reduction = r.pending, recorded_at = now()
            from unnest($2::text[], $3::bigint[]) as r(adjustment_id, pending)
            where a.sale_id = $1 and a.adjustment_id = r.adjustment_id and a.state = 'pending'
            """;

    /** Redis has decided about a later one: this one was decided before, and what was decided is in Redis's capacity. */
    private static final String DECIDED_BEFORE = """
            update adjustments a
            set state = 'refused'
            from unnest($2::text[], $3::bigint[]) as r(sku, adjustment_no)
            where a.sale_id = $1 and a.sku = r.sku and a.state = 'pending' and a.adjustment_no < r.adjustment_no
            """;

    private SettingsRows() {}

    /** Answers what had to be changed. */
    static Future<List<RebuildFinding>> conclude(SqlConnection connection, LaneSettings redis) {
        Sale sale = redis.sale();
        List<StockedSku> skus = redis.skus();
        List<RebuildFinding> findings = new ArrayList<>();
        return connection
                .preparedQuery(SALE)
                .execute(values(sale))
                .onSuccess(updated -> {
                    if (updated.rowCount() > 0) {
                        findings.add(new RebuildFinding(
                                RebuildFinding.Kind.SALE_CONCLUDED,
                                null,
                                null,
                                null,
                                "policy, window and state are those of version " + sale.version() + " in Redis"));
                    }
                })
                .compose(concluded -> connection.preparedQuery(DONE).execute(done(sale, skus)))
                .compose(done -> connection.preparedQuery(DECIDED_BEFORE).execute(decided(sale, skus)))
                .compose(done -> connection.preparedQuery(SKUS).execute(rules(sale, skus)))
                .onSuccess(rows -> tellSkus(rows, findings))
                .compose(done -> connection.preparedQuery(ADJUSTMENTS).execute(capacities(sale, skus)))
                .onSuccess(rows -> tellAdjustments(rows, findings))
                .map(findings);
    }

    private static void tellSkus(RowSet<Row> rows, List<RebuildFinding> findings) {
        for (Row row : rows) {
            findings.add(RebuildFinding.of(
                    RebuildFinding.Kind.SKU_CONCLUDED,
                    new Sku(row.getString("sku")),
                    (row.getBoolean("added") ? "was not known; has" : "has") + " the rules of version "
                            + row.getLong("version") + " in Redis"));
        }
    }

    private static void tellAdjustments(RowSet<Row> rows, List<RebuildFinding> findings) {
        for (Row row : rows) {
            findings.add(RebuildFinding.of(
                    RebuildFinding.Kind.SKU_CONCLUDED,
                    new Sku(row.getString("sku")),
                    "its capacity is " + row.getLong("capacity_after") + ", version " + row.getLong("version")
                            + ", and was " + row.getLong("capacity_before") + " in the books"));
        }
    }

    private static Tuple values(Sale sale) {
        return Tuple.of(
                sale.id().value(),
                sale.version(),
                timeUnlessZero(sale.opensAtMs()),
                timeUnlessZero(sale.closesAtMs()),
                sale.holdMs(),
                sale.maxHoldMs(),
                sale.perCustomerLimit(),
                sale.state().word(),
                sale.clockOffsetMs());
    }

    private static Tuple rules(Sale sale, List<StockedSku> skus) {
        return Tuple.of(
                sale.id().value(),
                Columns.texts(skus, sku -> sku.rules().sku().value()),
                Columns.texts(skus, sku -> sku.rules().productId()),
                Columns.numbers(skus, sku -> sku.rules().perCustomerLimit()),
                Columns.numbers(skus, StockedSku::decidedCapacity),
                Columns.numbers(skus, sku -> sku.rules().version()));
    }

    /** An adjustment that is in Redis; id and before are null where Redis does not remember it. */
    private record InForce(
            Sku sku,
            @Nullable String id,
            long version,
            @Nullable Long before,
            long after,
            long pending) {}

    private static List<InForce> inForce(StockedSku sku) {
        Sku name = sku.count().sku();
        List<InForce> all = new ArrayList<>();
        sku.adjustments()
                .forEach(one ->
                        all.add(new InForce(name, one.id(), one.version(), one.before(), one.after(), one.pending())));
        long version = sku.count().version();
        if (all.isEmpty() || all.getLast().version() != version) {
            all.add(new InForce(name, null, version, null, sku.decidedCapacity(), sku.pendingUnits()));
        }
        return all;
    }

    private static Tuple capacities(Sale sale, List<StockedSku> skus) {
        List<InForce> all = skus.stream().flatMap(sku -> inForce(sku).stream()).toList();
        return Tuple.of(sale.id().value())
                .addValue(Columns.texts(all, one -> one.sku().value()))
                .addValue(Columns.texts(all, InForce::id))
                .addValue(Columns.numbers(all, InForce::version))
                .addValue(Columns.numbers(all, InForce::before))
                .addValue(Columns.numbers(all, InForce::after))
                .addValue(Columns.numbers(all, InForce::pending));
    }

    private static Tuple done(Sale sale, List<StockedSku> skus) {
        List<AppliedAdjustment> all =
                skus.stream().flatMap(sku -> sku.adjustments().stream()).toList();
        return Tuple.of(
                sale.id().value(),
                Columns.texts(all, AppliedAdjustment::id),
                Columns.numbers(all, AppliedAdjustment::pending));
    }

    private static Tuple decided(Sale sale, List<StockedSku> skus) {
        return Tuple.of(
                sale.id().value(),
                Columns.texts(skus, sku -> sku.rules().sku().value()),
                Columns.numbers(skus, StockedSku::adjustmentNo));
    }

    private static @Nullable Object timeUnlessZero(long ms) {
        return ms == 0 ? null : Columns.time(ms);
    }
}
