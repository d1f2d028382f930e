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
import java.util.List;
import java.util.Map;

/** Finds what a crash left between PostgreSQL and Redis. */
public final class UnappliedChanges {

    private static final int MOST = 100;

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
            order by k.updated_at
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

    /** At most 100, oldest first, sales before SKUs: a SKU needs its lane. */
    public Future<List<Unapplied>> find() {
        return postgres.query("find unapplied sales", SALES, Tuple.of(MOST)).compose(rows -> {
            List<Unapplied> found = new ArrayList<>();
            rows.forEach(row -> found.add(new Unapplied(SaleRows.known(row).listed(), null)));
            return found.size() == MOST ? Future.succeededFuture(found) : withSkus(found);
        });
    }

    private Future<List<Unapplied>> withSkus(List<Unapplied> sales) {
        return postgres.query("find unapplied SKUs", SKUS, Tuple.of(MOST - sales.size()))
                .compose(skus -> skus.size() == 0
                        ? Future.succeededFuture(sales)
                        : salesOf(skus).map(listed -> joined(sales, skus, listed)));
    }

    private Future<Map<SaleId, ListedSale>> salesOf(RowSet<Row> skus) {
        List<String> ids = new ArrayList<>();
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
        List<Unapplied> all = new ArrayList<>(sales);
        for (Row row : skus) {
            ListedSale sale = listed.get(new SaleId(row.getString("sale_id")));
            if (sale != null) {
                all.add(new Unapplied(sale, SkuRows.rules(row)));
            }
        }
        return all;
    }
}
