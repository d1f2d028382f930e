package dev.holdfast.comparison.contender;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.check.Books.SkuBook;
import dev.holdfast.comparison.load.HoldRequests;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.server.Child;
import dev.holdfast.comparison.server.Folder;
import dev.holdfast.comparison.server.Ports;
import dev.holdfast.comparison.server.PostgresServer;
import dev.holdfast.comparison.server.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The production jar in its process, recording to PostgreSQL all the while. */
public final class HoldfastProcess implements Contender {

    private static final String CHECKOUT_KEY = "comparison-checkout-key";
    private static final String ADMIN_KEY = "comparison-admin-key";
    private static final long FIRST_PREFILLED = 5_000_000_000L;
    private static final int PREFILL_CONNECTIONS = 128;

    /** What a purchase costs with limits, which the other designs do not have: each buyer takes one unit. */
    private static final String SALE = """
            {"name":"comparison","holdSeconds":3600,"maxHoldSeconds":7200,"perCustomerLimit":4}
            """;

    private static final String RECORDED_UNITS = "select coalesce(sum(held + sold), 0) from stock where sale_id = ?";

    private static final String SOLD_UNITS = "select coalesce(sum(sold), 0) from stock where sale_id = ?";

    private static final String RESERVATION_IDS =
            "select reservation_id from reservations where sale_id = ? and state = 'held'";

    private static final String RESERVATIONS = "select count(*) from reservations where sale_id = ?";

    /** Units counted reservation by reservation, beside the counters. */
    private static final String TAKEN = """
            select line.key as sku, sum(line.value::bigint) as taken
            from reservations r, json_each_text(r.lines) line
            where r.sale_id = ? and r.state in ('held', 'confirmed') group by line.key
            """;

    private final Path folder = Folder.create("holdfast");
    private final int port = Ports.free();
    private final int adminPort = Ports.free();
    private final RedisServer redis = RedisServer.start();
    private final PostgresServer postgres;
    private final String postgresUri;
    private final Child process;
    private final JsonCalls admin = new JsonCalls(ADMIN_KEY);
    private Database database;

    HoldfastProcess(Path jar, Jvm jvm, PostgresServer postgres) {
        this.postgres = postgres;
        postgresUri = postgres.freshDatabase();
        Map<String, String> settings = Map.of(
                "HOLDFAST_PORT",
                Integer.toString(port),
                "HOLDFAST_ADMIN_PORT",
                Integer.toString(adminPort),
                "HOLDFAST_REDIS_URI",
                redis.uri(),
                "HOLDFAST_POSTGRES_URI",
                postgresUri,
                "HOLDFAST_SECRET",
                "a secret for comparisons and for nothing else",
                "HOLDFAST_CHECKOUT_KEYS",
                "comparison:" + CHECKOUT_KEY,
                "HOLDFAST_ADMIN_KEYS",
                "comparison:" + ADMIN_KEY);
        process = jvm.start(
                "holdfast",
                List.of("-jar", jar.toString()),
                settings,
                folder,
                () -> admin.answers(at("/health/ready")));
        database = new Database(postgresUri);
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Child process() {
        return process;
    }

    @Override
    public String bearer() {
        return CHECKOUT_KEY;
    }

    @Override
    public void openSale(String saleId, int skus, long capacityEach) {
        String sale = at("/v1/admin/sales/" + saleId);
        JsonNode ignored = admin.put(sale, SALE);
        for (int i = 0; i < skus; i++) {
            ignored = admin.put(sale + "/stock/" + HoldRequests.sku(i), "{\"capacity\":" + capacityEach + "}");
        }
    }

    /** By its own API, which is quick enough. What is turned away is asked again, under another key. */
    @Override
    public long prefill(String saleId, long holds) {
        long accepted = 0;
        long asked = 0;
        while (accepted < holds) {
            long missing = holds - accepted;
            accepted += accepted(saleId, FIRST_PREFILLED + asked, missing);
            asked += missing;
            if (asked > 2 * holds) {
                throw new IllegalStateException("of " + asked + " holds only " + accepted + " were accepted");
            }
        }
        return taken(stock(saleId));
    }

    private long accepted(String saleId, long firstNumber, long holds) {
        Load load = Load.closed(port, requests(saleId, 1), firstNumber, PREFILL_CONNECTIONS, Duration.ZERO)
                .exactly(holds);
        try {
            return LoadGenerator.run(load).accepted();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prefill " + saleId, e);
        }
    }

    @Override
    public long recorded(String saleId) {
        return database.number(RECORDED_UNITS, saleId);
    }

    /** Reservations of a sale that PostgreSQL knows as held. */
    public List<String> heldIds(String saleId) {
        return database.query(row -> row.getString(1), RESERVATION_IDS, saleId);
    }

    /** Waits until so many sold units of a sale are recorded. */
    public void awaitSold(String saleId, long units) {
        Duration ignored = Recording.await("sold units of " + saleId, () -> database.number(SOLD_UNITS, saleId), units);
    }

    /** Its Redis. */
    public RedisServer redis() {
        return redis;
    }

    /** Does something while it cannot reach PostgreSQL. */
    public <T> T withoutPostgres(Supplier<T> step) {
        database.close();
        postgres.cutOff(postgresUri);
        try {
            return step.get();
        } finally {
            postgres.letIn(postgresUri);
            database = new Database(postgresUri);
        }
    }

    /** Throws if Redis and PostgreSQL do not agree, by Holdfast's own audit. */
    @Override
    public Books books(String saleId) {
        JsonNode stock = stock(saleId);
        Duration ignored = Recording.await(this, saleId, taken(stock));
        JsonNode audit = admin.get(at("/v1/admin/sales/" + saleId + "/audit"));
        if (!audit.get("balanced").asBoolean()) {
            throw new IllegalStateException("the audit of " + saleId + " says: " + audit);
        }
        return new Books(skus(stock, saleId), database.number(RESERVATIONS, saleId));
    }

    private JsonNode stock(String saleId) {
        return admin.get("http://127.0.0.1:" + port + "/v1/sales/" + saleId + "/stock");
    }

    private static long taken(JsonNode stock) {
        long taken = 0;
        for (JsonNode sku : stock.get("items")) {
            taken += sku.get("held").asLong() + sku.get("sold").asLong();
        }
        return taken;
    }

    private List<SkuBook> skus(JsonNode stock, String saleId) {
        Map<String, Long> taken =
                database.query(row -> Map.entry(row.getString("sku"), row.getLong("taken")), TAKEN, saleId).stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        List<SkuBook> skus = new ArrayList<>();
        for (JsonNode item : stock.get("items")) {
            String sku = item.get("sku").asText();
            skus.add(new SkuBook(
                    sku, item.get("capacity").asLong(), item.get("available").asLong(), taken.getOrDefault(sku, 0L)));
        }
        return skus;
    }

    private String at(String path) {
        return "http://127.0.0.1:" + adminPort + path;
    }

    @Override
    public void close() {
        process.close();
        database.close();
        redis.close();
        postgres.drop(postgresUri);
        Folder.delete(folder);
    }
}
