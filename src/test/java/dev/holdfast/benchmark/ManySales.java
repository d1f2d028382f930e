package dev.holdfast.benchmark;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Many open sales on several nodes, of which some sell: what the others cost, and how far behind PostgreSQL is. */
public final class ManySales implements AutoCloseable {

    /**
     * What sales cost on which nothing happens.
     *
     * @param commands of Redis, for each sale and second
     * @param laneWrites rows of `lanes` that were written in all
     */
    public record Idle(double commands, long laneWrites, double seconds) {}

    /**
     * What came of selling.
     *
     * @param refused answers that were neither 201 nor 409
     * @param retries times that a lane could not be recorded when it was its turn
     * @param recordedMs from a transition in Redis to the beginning of the transaction that recorded it: median, 99 % and longest, ms
     * @param expiredMs from a deadline to the units being free: median, 99 % and longest, ms
     * @param lanesATransaction on average
     */
    public record Sold(
            long held,
            long refused,
            long retries,
            List<Long> recordedMs,
            List<Long> expiredMs,
            long transactions,
            double lanesATransaction) {}

    private static final Pattern CALLS = Pattern.compile("cmdstat_([a-z|]+):calls=(\\d+)");

    /** What clients ask; others are called by scripts, or by this class. */
    private static final List<String> OF_NODES = List.of("evalsha", "xrange", "xread", "ping", "publish");

    private static final String SKU = "SHIRT";
    private static final int HOLD_SECONDS = 5;
    private static final int MOST_ON_THEIR_WAY = 200;

    private final TestDatabase database = new TestDatabase();
    private final List<TestNode> nodes = new ArrayList<>();
    private final List<String> saleIds = new ArrayList<>();
    private final RedisClient client;
    private final RedisCommands<String, String> redis;
    private final HttpClient http = HttpClient.newHttpClient();

    /** Starts so many nodes on a Redis of which nobody else asks anything. */
    public ManySales(String redisUri, int nodeCount) {
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(TestNode.start(redisUri, database.uri(), UnaryOperator.identity()));
        }
        client = RedisClient.create(redisUri);
        redis = client.connect().sync();
    }

    /** Makes so many sales, on all nodes in turns, and waits until all of them are shared among the nodes and recorded. */
    public void open(int count) {
        for (int i = 0; i < count; i++) {
            saleIds.add("many-%05d".formatted(i));
        }
        try (ExecutorService admins = Executors.newFixedThreadPool(8)) {
            List<Future<?>> opening = new ArrayList<>();
            for (String saleId : saleIds) {
                Api api = nodes.get(opening.size() % nodes.size()).api();
                opening.add(admins.submit(() -> {
                    api.putSale(saleId, "{\"holdSeconds\":" + HOLD_SECONDS + "}")
                            .must(201);
                    api.putStock(saleId, SKU, 1_000_000).must(201);
                }));
            }
            for (Future<?> one : opening) {
                await(one);
            }
        }
        waitUntil("all sales are recorded", () -> number("select count(*) from stock") == count);
        waitUntil("lanes are shared", () -> number("""
                        select coalesce(max(lanes) - min(lanes), 1000000)
                        from (select count(*) as lanes from lanes where recorder is not null group by recorder) r
                        having count(*) = %d and sum(lanes) = %d
                        """.formatted(nodes.size(), count)) <= nodes.size() + 1);
    }

    /** Measures until Redis was asked so many more times for each sale, or the time is over. */
    public Idle idle(double commandsASale, Duration most) {
        long commands = commands();
        String rows = laneRows();
        long begun = System.nanoTime();
        while (commands() - commands < commandsASale * saleIds.size() && System.nanoTime() - begun < most.toNanos()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        long asked = commands() - commands;
        long written = written(rows, laneRows());
        return new Idle(asked / seconds / saleIds.size(), written, seconds);
    }

    /** Has the first of the sales sell for so long, each of them once in this time, through the nodes in turns. */
    public Sold sell(int selling, Duration every, Duration time) {
        long retries = retries();
        long transactions = transactions();
        long batches = number("select count(*) from ledger_batches");
        AtomicInteger held = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Semaphore free = new Semaphore(MOST_ON_THEIR_WAY);
        String begunAt = database.rows("select clock_timestamp()").getFirst().getFirst();
        long begun = System.nanoTime();
        long gapNanos = every.toNanos() / selling;
        int offset = ThreadLocalRandom.current().nextInt(selling);
        for (long n = 0; n * gapNanos < time.toNanos(); n++) {
            LockSupport.parkNanos(begun + n * gapNanos - System.nanoTime());
            free.acquireUninterruptibly();
            String saleId = saleIds.get((int) ((n + offset) % selling));
            TestNode node = nodes.get((int) (n / selling + n) % nodes.size());
            String path = "/v1/sales/" + saleId + "/reservations";
            var sent = http.sendAsync(
                    Api.request(node.publicUri(), "POST", path, Api.cart("c-" + n, SKU, 1))
                            .header("Authorization", "Bearer " + Api.CHECKOUT_KEY)
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            var unused = sent.whenComplete((answer, failure) -> {
                free.release();
                (failure == null && answer.statusCode() == 201 ? held : refused).incrementAndGet();
            });
        }
        free.acquireUninterruptibly(MOST_ON_THEIR_WAY);
        waitUntil(
                "all holds are over and recorded",
                () -> number("select count(*) from reservations where state = 'expired'") >= held.get());
        long more = transactions() - transactions;
        return new Sold(
                held.get(),
                refused.get(),
                retries() - retries,
                milliseconds("recorded_at - at", "true", begunAt),
                milliseconds("at - expires_at", "op = 'expired'", begunAt),
                more,
                (double) (number("select count(*) from ledger_batches") - batches) / more);
    }

    /** Throws where the books of any of these sales do not balance. */
    public void requireBalanced(int every) {
        for (int i = 0; i < saleIds.size(); i += every) {
            Api.Answer audit = nodes.getFirst().api().audit(saleIds.get(i)).must(200);
            if (!audit.body().path("balanced").asBoolean()) {
                throw new IllegalStateException("the books do not balance: " + audit.text());
            }
        }
    }

    @Override
    public void close() {
        client.shutdown();
        http.close();
        nodes.forEach(TestNode::close);
    }

    private long commands() {
        return CALLS.matcher(redis.info("commandstats"))
                .results()
                .filter(call -> OF_NODES.contains(call.group(1)))
                .mapToLong(call -> Long.parseLong(call.group(2)))
                .sum();
    }

    private long retries() {
        return nodes.stream()
                .mapToLong(node -> (long) node.metric("holdfast_recorder_retries_total"))
                .sum();
    }

    private long transactions() {
        return number("select count(distinct xmin::text) from ledger_batches");
    }

    /** Each lane with what changes when its row is written. */
    private String laneRows() {
        return database.rows("select string_agg(sale_id || ' ' || ctid || xmin, ';' order by sale_id) from lanes")
                .getFirst()
                .getFirst();
    }

    private static long written(String before, String after) {
        Map<String, Integer> rows = new HashMap<>();
        for (String row : before.split(";", -1)) {
            rows.merge(row, 1, Integer::sum);
        }
        long same = 0;
        for (String row : after.split(";", -1)) {
            same += rows.getOrDefault(row, 0);
        }
        return rows.size() - same;
    }

    private List<Long> milliseconds(String interval, String condition, String since) {
        List<List<String>> rows = database.rows("""
                select (extract(epoch from unnest(percentile_disc(array[0.5, 0.99, 1]) within group (order by %s))) * 1000)::bigint
                from transitions
                where at >= ?::timestamptz and %s
                """.formatted(interval, condition), since);
        return rows.stream().map(row -> Long.valueOf(row.getFirst())).toList();
    }

    private long number(String sql) {
        List<List<String>> rows = database.rows(sql);
        return rows.isEmpty() ? Long.MAX_VALUE : Long.parseLong(rows.getFirst().getFirst());
    }

    private static void waitUntil(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("in three minutes not: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    private static void await(Future<?> one) {
        try {
            var unused = one.get(5, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a sale was not made", e);
        }
    }
}
