package dev.holdfast.ledger;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.support.PostgresLock;
import dev.holdfast.support.TestServers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** A node's books on a database, and short ways to look into it. */
public final class TestBooks implements AutoCloseable {

    /** What the audit trail says of what tests do. */
    public static final AdminAction ACTION =
            new AdminAction(new Author("tester", "test", "trace-of-a-test"), AdminAction.Kind.SALE_CHANGED, null);

    /** On the transport that lettuce picks too. */
    public final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));

    public final String uri;
    public final Postgres postgres;
    public final Books books;
    private final Pools pools;

    private TestBooks(String uri) {
        this.uri = uri;
        postgres = Postgres.open(vertx, uri);
        pools = new Pools(postgres, postgres, postgres.forRecording(), postgres);
        books = Books.on(pools, InstantSource.system());
    }

    /** On a new database, with our schema. */
    public static TestBooks fresh() {
        return new TestBooks(TestServers.migratedDatabase());
    }

    /** On this database, with our schema. */
    public static TestBooks migrated(String uri) {
        Migrations.run(uri);
        return new TestBooks(uri);
    }

    /** On this database, whatever schema it has. */
    public static TestBooks unmigrated(String uri) {
        return new TestBooks(uri);
    }

    /** What the future comes to; throws what it fails with. */
    @CanIgnoreReturnValue
    public static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** What the future fails with. */
    @CanIgnoreReturnValue
    public static Throwable failureOf(Future<?> future) {
        return await(future.<Throwable>transform(done -> Future.succeededFuture(done.cause())));
    }

    public static SaleId newSaleId() {
        return new SaleId("sale-" + UUID.randomUUID());
    }

    public static Sale sale(SaleId saleId) {
        return new Sale(saleId, "Shoes", 0, 0, 60_000, 600_000, 0, 0, "EUR", false, Sale.Switch.OPEN, null, 0, 1);
    }

    public static SkuRules rules(String sku, long capacity) {
        return new SkuRules(new Sku(sku), capacity, null, Map.of(), null, 0, null, null, 1);
    }

    /** A new sale whose lane may sell. */
    @CanIgnoreReturnValue
    public Lane openLane() {
        SaleId saleId = newSaleId();
        Lane lane = await(books.sales().change(ACTION, saleId, before -> sale(saleId)))
                .listed()
                .lane();
        await(books.sales().laneOpened(lane));
        return lane;
    }

    /** Wants all of these, whatever is there. */
    public static SkuEdits putting(List<SkuRules> wanted) {
        return new SkuEdits() {
            @Override
            public List<Sku> skus() {
                return wanted.stream().map(SkuRules::sku).toList();
            }

            @Override
            public List<SkuRules> wanted(List<Sku> these, Map<Sku, SkuRules> before) {
                return wanted.stream()
                        .filter(rules -> these.contains(rules.sku()))
                        .sorted(Comparator.comparing(rules -> rules.sku().value()))
                        .toList();
            }

            @Override
            public JsonObject told() {
                return new JsonObject().put("rows", wanted.size());
            }
        };
    }

    @CanIgnoreReturnValue
    public RowSet<Row> sql(String sql, Object... arguments) {
        return await(postgres.query("test", sql, Tuple.from(arguments)));
    }

    /** What the work comes to while a transaction is open that has read this table. */
    @CanIgnoreReturnValue
    @SuppressWarnings("try") // the lock only has to be there
    public <T> T whileReading(String table, Supplier<Future<T>> work) {
        // On a connection of its own, which PostgreSQL does not end though it idles in its transaction.
        PostgresLock reader = PostgresLock.taken(uri, "select count(*) from " + table);
        try {
            return await(work.get());
        } finally {
            reader.close();
        }
    }

    /** The first column of the only row. */
    public long number(String sql, Object... arguments) {
        return sql(sql, arguments).iterator().next().getLong(0);
    }

    /** The first column of the only row. */
    public String text(String sql, Object... arguments) {
        return sql(sql, arguments).iterator().next().getString(0);
    }

    /** Where the units are, as {@code available/held/sold of capacity}. */
    public String stock(Lane lane, String sku) {
        return text("""
                select available || '/' || held || '/' || sold || ' of ' || capacity
                from stock where sale_id = $1 and lane = $2 and sku = $3
                """, lane.saleId().value(), lane.number(), sku);
    }

    public long recordedSeq(Lane lane) {
        return number(
                "select recorded_seq from lanes where sale_id = $1",
                lane.saleId().value());
    }

    public String laneState(Lane lane) {
        return text("select state from lanes where sale_id = $1", lane.saleId().value());
    }

    public long rowsOf(String table, Lane lane) {
        return number(
                "select count(*) from " + table + " where sale_id = $1",
                lane.saleId().value());
    }

    @Override
    public void close() {
        await(pools.close());
        await(vertx.close());
    }
}
