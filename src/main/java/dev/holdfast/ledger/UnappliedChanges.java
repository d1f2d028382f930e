package dev.holdfast.ledger;

import dev.holdfast.ledger.KnownSales.Known;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SkuRules;
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

/** Finds what a crash left between PostgreSQL and Redis. */
public final class UnappliedChanges {

    private static final int MOST_SALES = 100;

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

    private static final String SALES_OF_SKUS = """
            select * from listed_sales where sale_id = any ($1)
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public UnappliedChanges(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Some, oldest first, sales before SKUs: a SKU needs its lane. */
    public Future<List<Unapplied>> find() {
        return postgres.query("find unapplied sales", SALES, Tuple.of(MOST_SALES))
                .compose(rows -> {
                    List<Unapplied> found = new ArrayList<>();
                    rows.forEach(
                            row -> found.add(new Unapplied(SaleRows.known(row).listed(), List.of())));
                    return found.size() == MOST_SALES ? Future.succeededFuture(found) : withSkus(found);
                });
    }

    private Future<List<Unapplied>> withSkus(List<Unapplied> sales) {
        return postgres.query("find unapplied SKUs", SKUS, Tuple.of(MOST_SKUS))
                .compose(skus -> skus.size() == 0
                        ? Future.succeededFuture(sales)
                        : salesOf(skus).map(listed -> joined(sales, skus, listed)));
    }

    private Future<Map<SaleId, ListedSale>> salesOf(RowSet<Row> skus) {
        Set<String> ids = new HashSet<>();
        skus.forEach(row -> ids.add(row.getString("sale_id")));
        return postgres.query("find sales of unapplied SKUs", SALES_OF_SKUS, Tuple.of(ids.toArray(String[]::new)))
                .map(rows -> {
                    Map<SaleId, ListedSale> listed = new HashMap<>();
                    for (Row row : rows) {
                        Known known = SaleRows.known(row);
                        listed.put(known.listed().sale().id(), known.listed());
                    }
                    return listed;
                });
    }

    private static List<Unapplied> joined(List<Unapplied> sales, RowSet<Row> skus, Map<SaleId, ListedSale> listed) {
        Map<ListedSale, List<SkuRules>> bySale = new LinkedHashMap<>();
        for (Row row : skus) {
            ListedSale sale = listed.get(new SaleId(row.getString("sale_id")));
            if (sale != null) {
                bySale.computeIfAbsent(sale, none -> new ArrayList<>()).add(SkuRows.rules(row));
            }
        }
        List<Unapplied> all = new ArrayList<>(sales);
        bySale.forEach((sale, rules) -> all.add(new Unapplied(sale, rules)));
        return all;
    }
}
