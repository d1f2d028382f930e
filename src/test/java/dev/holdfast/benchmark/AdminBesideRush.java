package dev.holdfast.benchmark;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Tells what buyers lose to an admin who adjusts stock every 10 ms: rounds of holds with and without the admin in turns, and the ratio
 * of the times that they took. A whole node in this JVM; buyers, admin, service, Redis and PostgreSQL share the machine.
 */
public final class AdminBesideRush {

    /** Each waits for its own connections only, so that a pause of one loop does not stop them all. */
    private static final int CROWDS = 4;

    private static final int CONNECTIONS = 32;
    private static final int HOLDS_A_ROUND = 60_000;
    private static final int PAIRS = 15;
    private static final int WARM_UP_PAIRS = 3;

    /** An admin's way is long, and compiled late: that is to be over before anything is measured. */
    private static final int WARM_UP_ADJUSTMENTS = 3_000;

    private static final int EVERY_MS = 10;
    private static final String SALE = "rush";
    private static final String SKU = "DRESS";
    private static final long CAPACITY = 100_000_000;

    private final Api api;
    private final List<Callers> crowds;
    private final ExecutorService threads = Executors.newFixedThreadPool(CROWDS);
    private final Requests requests = new Requests(SALE);
    private final AtomicLong adjusted = new AtomicLong();
    private final ScheduledExecutorService admin = Executors.newSingleThreadScheduledExecutor();
    private long next = 1;

    private AdminBesideRush(Api api, List<Callers> crowds) {
        this.api = api;
        this.crowds = crowds;
    }

    /** Prints the ratio of every pair of rounds, and their median. Throws where the books do not balance in the end. */
    public static void main(String[] args) {
        try (TestNode node =
                TestNode.start(TestServers.redisUri(), TestServers.migratedDatabase(), UnaryOperator.identity())) {
            List<Callers> crowds = Stream.generate(
                            () -> new Callers(node.publicUri().getPort(), CONNECTIONS))
                    .limit(CROWDS)
                    .toList();
            Api api = node.api();
            api.putSale(SALE, "{\"holdSeconds\":3600,\"maxHoldSeconds\":7200}").must(201);
            api.putStock(SALE, SKU, CAPACITY).must(201);
            new AdminBesideRush(api, crowds).measure();
            crowds.forEach(Callers::close);
        }
    }

    private void measure() {
        for (int i = 0; i < WARM_UP_ADJUSTMENTS; i++) {
            adjust();
        }
        List<Double> ratios = new ArrayList<>();
        long withoutNanos = 0;
        for (int pair = 0; pair < WARM_UP_PAIRS + PAIRS; pair++) {
            // In turns the one, then the other first: what comes second must not always be the same.
            boolean adminFirst = pair % 2 == 1;
            long first = round(adminFirst);
            long second = round(!adminFirst);
            if (pair >= WARM_UP_PAIRS) {
                long alone = adminFirst ? second : first;
                withoutNanos += alone;
                ratios.add((double) alone / (adminFirst ? first : second));
            }
        }
        admin.shutdown();
        threads.shutdown();
        double[] sorted =
                ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        requireBalanced();
        System.out.printf(
                "holds alone %,.0f/s; with an adjustment every %d ms (%,d in all) %.3f of that: median of %d pairs, %.3f to %.3f%n",
                (double) PAIRS * HOLDS_A_ROUND * TimeUnit.SECONDS.toNanos(1) / withoutNanos,
                EVERY_MS,
                adjusted.get(),
                sorted[sorted.length / 2],
                sorted.length,
                sorted[0],
                sorted[sorted.length - 1]);
        System.out.println("ratios "
                + Arrays.toString(ratios.stream().map("%.3f"::formatted).toArray()));
    }

    /** How long it took, ns. */
    private long round(boolean withAdmin) {
        ScheduledFuture<?> adjusting =
                withAdmin ? admin.scheduleAtFixedRate(this::adjust, 0, EVERY_MS, TimeUnit.MILLISECONDS) : null;
        long first = next;
        next += HOLDS_A_ROUND;
        long start = System.nanoTime();
        List<Future<?>> asking = new ArrayList<>();
        for (int crowd = 0; crowd < CROWDS; crowd++) {
            Callers callers = crowds.get(crowd);
            long from = first + (long) crowd * HOLDS_A_ROUND / CROWDS;
            asking.add(threads.submit(() -> callers.ask(
                    number -> requests.hold(number, Requests.line(SKU)),
                    from,
                    HOLDS_A_ROUND / CROWDS,
                    201,
                    answer -> {})));
        }
        asking.forEach(AdminBesideRush::await);
        long took = System.nanoTime() - start;
        if (adjusting != null) {
            adjusting.cancel(false);
        }
        return took;
    }

    private static void await(Future<?> asking) {
        try {
            var unused = asking.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a crowd broke", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while crowds ask", e);
        }
    }

    private void adjust() {
        api.adjust(SALE, SKU, "a-" + adjusted.incrementAndGet(), "{\"delta\":1,\"reason\":\"restock\"}")
                .must(201);
    }

    private void requireBalanced() {
        Api.Answer audit = api.audit(SALE).must(200);
        long capacity = api.stock(SALE, SKU).body().path("capacity").asLong();
        if (!audit.body().path("balanced").asBoolean() || capacity != CAPACITY + adjusted.get()) {
            throw new IllegalStateException("the books do not balance: capacity " + capacity + ", " + audit.text());
        }
    }
}
