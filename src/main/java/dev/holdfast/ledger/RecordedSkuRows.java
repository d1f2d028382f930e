package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.RecordedSkus;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/** Asks what Redis was told of, and the counts. That the books do not have a SKU may be believed for a while, because callers may ask for anything. Safe for all threads. */
public final class RecordedSkuRows implements RecordedSkus {

    /** All of it may go when it gets too much: it is worth a moment. */
    private static final int MOST_ABSENT = 10_000;

    private static final String AMONG = """
            select k.sku from skus k
            where k.sale_id = $1 and k.sku = any ($3)
              and (k.applied_version > 0
                   or exists (select from stock s where s.sale_id = $1 and s.lane = $2 and s.sku = k.sku))
            """;

    private static final String ANY = """
            select k.sku from skus k
            where k.sale_id = $1
              and (k.applied_version > 0
                   or exists (select from stock s where s.sale_id = $1 and s.lane = $2 and s.sku = k.sku))
            limit 1
            """;

    private record Absent(Lane lane, Sku sku) {}

    private final Postgres postgres;
    private final long absentForNanos;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<Absent, Long> absentSince = new ConcurrentHashMap<>();

    /**
     * Asks on this pool.
     *
     * @param absentFor how long it is believed that the books do not have a SKU
     */
    public RecordedSkuRows(Postgres postgres, Duration absentFor) {
        this(postgres, absentFor, System::nanoTime);
    }

    RecordedSkuRows(Postgres postgres, Duration absentFor, LongSupplier nanoTime) {
        this.postgres = postgres;
        this.absentForNanos = absentFor.toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public Future<Set<Sku>> among(Lane lane, Collection<Sku> skus) {
        long now = nanoTime.getAsLong();
        List<Sku> asked = new ArrayList<>();
        for (Sku sku : skus) {
            Long since = absentSince.get(new Absent(lane, sku));
            if (since == null || now - since >= absentForNanos) {
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
                        "look for SKUs of lane " + lane,
                        ANY,
                        Tuple.of(lane.saleId().value(), lane.number()))
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
