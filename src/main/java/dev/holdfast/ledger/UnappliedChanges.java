package dev.holdfast.ledger;

import dev.holdfast.ledger.KnownSales.Known;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Finds what a crash left between PostgreSQL and Redis. */
public final class UnappliedChanges {

    private static final int MOST = 100;

    /** An import that a crash cut off is sent again in a few steps. */
    private static final int MOST_SKUS = 1_000;

    /** A lane that is recovering or frozen takes no changes: they wait without standing in the way of others. */
    private static final String SALES = """
            select * from listed_sales
            where lane_state = 'preparing' or (lane_state = 'open' and applied_version < version)
            order by updated_at
            limit $1
            """;

    private static final String SKUS = """
            select k.*
            from adjusted_skus k
            join lanes l on l.sale_id = k.sale_id and l.lane = 0 and l.state in ('preparing', 'open')
            where k.applied_version < k.version
            order by k.updated_at, k.sale_id, k.sku
            limit $1
            """;

    /**
     * One that was told to be applied and is not in the ledger after a second may have gone with Redis's history: then what was told
     * must become true, whatever is held by now. One that Redis has decided about, and whose entry cannot come any more, is a
     * person's: {@link AdjustmentBook#reportMissing}.
     */
    private static final String ADJUSTMENTS = """
            select a.adjustment_no, a.adjustment_id, a.sale_id, a.sku, a.version, a.capacity_before, a.capacity_after,
                   a.allow_below_held or a.state = 'applied' as allow_below_held
            from adjustments a
            join lanes l on l.sale_id = a.sale_id and l.lane = 0 and l.state = 'open'
            where a.recorded_at is null and a.state <> 'refused' and a.created_at < now() - interval '1 second'
              and a.missing_epoch is distinct from l.epoch
            order by a.adjustment_no
            limit $1
            """;

    private static final String SALES_OF = """
            select * from listed_sales where sale_id = any ($1)
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public UnappliedChanges(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Some: sales before SKUs before adjustments, because each needs the one before it; of each kind the oldest. */
    public Future<List<Unapplied>> find() {
        return postgres.query("find unapplied sales", SALES, Tuple.of(MOST))
                .map(rows -> {
                    List<Unapplied> found = new ArrayList<>();
                    rows.forEach(row ->
                            found.add(new Unapplied.Policy(SaleRows.known(row).listed())));
                    return found;
                })
                .compose(found -> and(
                        found,
                        "SKUs",
                        SKUS,
                        MOST_SKUS,
                        (listed, rows) -> Stream.of(new Unapplied.Rules(
                                listed, rows.stream().map(SkuRows::rules).toList()))))
                .compose(found -> and(
                        found,
                        "adjustments",
                        ADJUSTMENTS,
                        MOST,
                        (listed, rows) -> rows.stream()
                                .map(row -> new Unapplied.Adjusting(listed, AdjustmentRows.adjustment(row)))));
    }

    private Future<List<Unapplied>> and(
            List<Unapplied> found,
            String what,
            String sql,
            int most,
            BiFunction<ListedSale, List<Row>, Stream<? extends Unapplied>> unapplied) {
        if (found.size() >= MOST) {
            return Future.succeededFuture(found);
        }
        return postgres.query("find unapplied " + what, sql, Tuple.of(most))
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(found)
                        : salesOf(rows).map(listed -> joined(found, rows, listed, unapplied)));
    }

    private Future<Map<SaleId, ListedSale>> salesOf(RowSet<Row> rows) {
        Set<String> ids = new HashSet<>();
        rows.forEach(row -> ids.add(row.getString("sale_id")));
        return postgres.query("find sales of what is unapplied", SALES_OF, Tuple.of(ids.toArray(String[]::new)))
                .map(sales -> {
                    Map<SaleId, ListedSale> listed = new HashMap<>();
                    for (Row row : sales) {
                        Known known = SaleRows.known(row);
                        listed.put(known.listed().sale().id(), known.listed());
                    }
                    return listed;
                });
    }

    private static List<Unapplied> joined(
            List<Unapplied> found,
            RowSet<Row> rows,
            Map<SaleId, ListedSale> sales,
            BiFunction<ListedSale, List<Row>, Stream<? extends Unapplied>> unapplied) {
        Map<ListedSale, List<Row>> bySale = new LinkedHashMap<>();
        for (Row row : rows) {
            ListedSale listed = sales.get(new SaleId(row.getString("sale_id")));
            if (listed != null) {
                bySale.computeIfAbsent(listed, none -> new ArrayList<>()).add(row);
            }
        }
        List<Unapplied> all = new ArrayList<>(found);
        bySale.forEach((listed, its) -> unapplied.apply(listed, its).forEach(all::add));
        return all;
    }
}
