package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.RecordedSkus;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Asks the table of counts. That it does not have a SKU is believed for a second, because callers may ask for anything. Safe for all threads. */
public final class RecordedSkuRows implements RecordedSkus {

    private static final long ABSENT_FOR_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** All of it may go when it gets too much: it is worth a second at most. */
    private static final int MOST_ABSENT = 10_000;

    private static final String AMONG = """
            select sku from stock where sale_id = $1 and lane = $2 and sku = any ($3)
            """;

    private static final String ANY = """
            select sku from stock where sale_id = $1 and lane = $2 limit 1
            """;

    private record Absent(Lane lane, Sku sku) {}

    private final Postgres postgres;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<Absent, Long> absentSince = new ConcurrentHashMap<>();

    /** On a pool that may be slow without keeping the recorder waiting. */
    public RecordedSkuRows(Postgres postgres) {
        this(postgres, System::nanoTime);
    }

    RecordedSkuRows(Postgres postgres, LongSupplier nanoTime) {
        this.postgres = postgres;
        this.nanoTime = nanoTime;
    }

    @Override
    public Future<Set<Sku>> among(Lane lane, Collection<Sku> skus) {
        long now = nanoTime.getAsLong();
        List<Sku> asked = new ArrayList<>();
        for (Sku sku : skus) {
            Long since = absentSince.get(new Absent(lane, sku));
            if (since == null || now - since >= ABSENT_FOR_NANOS) {
                asked.add(sku);
            }
        }
        if (asked.isEmpty()) {
            return Future.succeededFuture(Set.of());
        }
        Tuple arguments = Tuple.of(lane.saleId().value(), lane.number(), Columns.texts(asked, Sku::value));
        return postgres.query("look for SKUs of lane " + lane, AMONG, arguments).map(rows -> {
            Set<Sku> found = new HashSet<>();
            rows.forEach(row -> found.add(new Sku(row.getString("sku"))));
            remember(lane, asked, found, now);
            return Set.copyOf(found);
        });
    }

    @Override
    public Future<Optional<Sku>> any(Lane lane) {
        return postgres.query(
                        "look for SKUs of lane " + lane, ANY, Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> SaleRows.first(rows).map(row -> new Sku(row.getString("sku"))));
    }

    private void remember(Lane lane, List<Sku> asked, Set<Sku> found, long now) {
        if (absentSince.size() >= MOST_ABSENT) {
            absentSince.clear();
        }
        for (Sku sku : asked) {
            if (!found.contains(sku)) {
                absentSince.put(new Absent(lane, sku), now);
            }
        }
    }
}
