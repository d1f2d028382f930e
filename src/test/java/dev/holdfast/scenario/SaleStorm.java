package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A storm over HTTP on one sale, which an admin steers meanwhile. */
final class SaleStorm implements AutoCloseable {

    private static final int CUSTOMERS = 200;

    private Town town;
    private final Kind kind;
    private final String saleId;
    private final LaneReader lane;
    private final Storm storm;
    private final StormAdmin admin;
    private final StormObserver observer;
    private final List<Long> losses = new CopyOnWriteArrayList<>();
    private final List<Recovery.Rebuilt> rebuilds = new CopyOnWriteArrayList<>();
    private int clients;

    /** Where a storm rages: APIs that reach admins, the nodes' public addresses, and what stands behind them. */
    record Town(List<Api> admins, List<URI> nodes, RedisCommands<String, String> redis, BooksReader books) {

        /** Where admins ask one node only. */
        Town(Api api, List<URI> nodes, RedisCommands<String, String> redis, BooksReader books) {
            this(List.of(api), nodes, redis, books);
        }

        /** Of the first node. */
        Api api() {
            return admins.getFirst();
        }
    }

    /**
     * What kind of sale; hold times in seconds, and those that clients ask for.
     *
     * @param plenty by how much more there is of everything than what is gone within seconds
     * @param bare whether holds are as a node may refuse them by itself
     * @param large whether carts have up to 20 lines, of hundreds of SKUs
     */
    record Kind(
            boolean rehearsal,
            int holdSeconds,
            int maxHoldSeconds,
            List<Integer> wished,
            int plenty,
            boolean bare,
            boolean large) {

        /** Its clock is pushed on all the time, so that holds end under load. */
        static final Kind REHEARSAL = new Kind(true, 30, 60, List.of(5, 20, 60), 1, false, false);

        /** It is paused and resumed; holds are as short as can be asked for and end by themselves. */
        static final Kind ORDINARY = new Kind(false, 5, 8, List.of(5, 6, 8), 1, false, false);

        /** Goes on while something else is waited for. */
        static final Kind LONG = new Kind(true, 30, 60, List.of(5, 20, 60), 30, false, false);

        /** Like a rehearsal, with holds that a node may refuse by itself. */
        static final Kind BARE = new Kind(true, 30, 60, List.of(5, 20, 60), 1, true, false);

        /** Carts of up to 20 lines on so many SKUs that a node follows their counts instead of counting them anew. */
        static final Kind LARGE = new Kind(true, 30, 60, List.of(5, 20, 60), 1, false, true);

        /** The same, and goes on while something else is waited for. */
        static final Kind LARGE_LONG = new Kind(true, 30, 60, List.of(5, 20, 60), 30, false, true);

        /** Like an ordinary one, and goes on while something else is waited for. */
        static final Kind ORDINARY_LONG = new Kind(false, 5, 8, List.of(5, 6, 8), 30, false, false);

        private static final int LARGE_SKUS = 400;

        /** Units by SKU. */
        Map<String, Integer> capacities() {
            if (!large) {
                return new TreeMap<>(Map.of("A", 150, "B", 250, "C", 300, "D", 80));
            }
            Map<String, Integer> capacities = new TreeMap<>();
            for (int i = 0; i < LARGE_SKUS; i++) {
                capacities.put("SKU-%03d".formatted(i), 20 + i % 60);
            }
            return capacities;
        }

        /** Units for each customer, of the SKUs that have such a limit. */
        Map<String, Integer> skuLimits() {
            return large ? Map.of() : Map.of("A", 2, "D", 2);
        }

        /** Shorter than most holds, so that one that was put back has another end. */
        int reclaimSeconds() {
            return holdSeconds / 3;
        }

        int customerLimit() {
            return large ? 150 : 7;
        }
    }

    SaleStorm(Town town, Kind kind, long seed) {
        this.town = town;
        this.kind = kind;
        saleId = "storm-" + UUID.randomUUID();
        lane = new LaneReader(town.redis(), saleId);
        admin = new StormAdmin(town.admins(), saleId, kind, new SplittableRandom(seed));
        observer = new StormObserver(town.nodes(), saleId, town.books());
        List<Supplier<Shop>> ways = town.nodes().stream()
                .<Supplier<Shop>>map(node -> () -> new HttpShop(node, Api.CHECKOUT_KEY, saleId))
                .toList();
        storm = new Storm(
                seed,
                ways,
                new Wishes(
                        List.copyOf(kind.capacities().keySet()),
                        CUSTOMERS * kind.plenty(),
                        kind.wished(),
                        kind.bare() ? 1 : kind.large() ? 20 : 3,
                        kind.bare()));
        setUp();
    }

    String saleId() {
        return saleId;
    }

    LaneReader lane() {
        return lane;
    }

    History history() {
        return storm.history();
    }

    /** How many adjustments the admin was told are in force, so far. */
    int adjusted() {
        return admin.adjusted();
    }

    /** So many clients begin to ask. */
    void begin(int clients) {
        this.clients = clients;
        storm.begin(clients);
    }

    /** An admin begins to interfere. */
    void steer() {
        admin.begin();
    }

    /** Others begin to look at its stock, and at what is recorded. */
    void observe() {
        observer.begin();
    }

    /**
     * Waits until everybody is served again: each client at each node, who looks at stock, and PostgreSQL, which has what there is now. For
     * a storm that is observed.
     */
    void awaitHealed() {
        long since = System.nanoTime();
        await().until(() -> storm.rages()
                && storm.history().allServedSince(since, clients * town.nodes().size()));
        await().until(() -> observer.allShownSince(since));
        long seq = town.books().recordedSeq(saleId);
        await().until(() -> town.books().recordedSeq(saleId) != seq);
        // A SKU that Redis loses before it is recorded is put up again, but a little after the lane sells.
        await().until(() -> town.books()
                .state(saleId)
                .stock()
                .keySet()
                .containsAll(kind.capacities().keySet()));
    }

    /** Has the lane rebuilt, and waits until it is. */
    void rebuild(Api api) {
        rebuild(api, "{\"reason\":\"storm\"}", false);
    }

    /**
     * The same after a loss, as an admin does it: when the incident lists what is lost, from the books, or from Redis where that has gone on
     * selling with what the books do not know.
     */
    void rebuildAfterLoss(Api api) {
        awaitFiled();
        rebuild(api);
    }

    /** The same, where nobody wants back what callers were told of. */
    void rebuildDiscarding(Api api) {
        awaitFiled();
        rebuild(api, "{\"reason\":\"storm\",\"discard\":true}", true);
    }

    private void rebuild(Api api, String body, boolean discards) {
        long start = System.nanoTime();
        // Again where a busy machine held it up for longer than PostgreSQL lets a transaction idle.
        await().until(() -> {
            Api.Answer begun = Api.patiently(() -> api.orderRebuild(saleId, body));
            if (begun.code().equals("would-lose")) {
                begun = Api.patiently(() -> api.orderRebuild(saleId, "{\"reason\":\"storm\",\"from\":\"redis\"}"));
            }
            begun.must(202);
            await().until(() -> !api.rebuild(saleId).text("state").equals("running"));
            return api.rebuild(saleId).text("state").equals("done");
        });
        rebuilds.add(new Recovery.Rebuilt(
                api.rebuild(saleId).body().path("epoch").asLong(), discards, start, System.nanoTime()));
    }

    /** Waits until nodes have filed all that clients were told of and that the books lack. */
    private void awaitFiled() {
        await().until(() -> {
            Map<String, Set<String>> known = town.books().statesAndFiled(saleId);
            return storm.history().operations().stream()
                    .filter(operation -> operation.startNanos() - losses.getLast() < 0)
                    .allMatch(operation -> isKnown(operation, known));
        });
    }

    private static boolean isKnown(Operation operation, Map<String, Set<String>> known) {
        if (!(operation.answer() instanceof Answer.Done done)) {
            return true;
        }
        Set<String> states = known.getOrDefault(done.shown().id(), Set.of());
        String told = done.shown().state();
        // That it was held is known by whatever became of it.
        boolean isEnd = told.equals("confirmed") || told.equals("released");
        return states.contains("filed") || (isEnd ? states.contains(told) : !states.isEmpty());
    }

    /** From now on Redis has another past. */
    void lostThePast() {
        losses.add(System.nanoTime());
    }

    /** Where the sale has stopped, waits until so many more have been told so: on a slow machine the first ones have another cause, too. */
    void goOnWhereItStopped(int more) {
        if (hasStopped()) {
            long told = storm.history().count("recovering");
            await().until(() -> storm.history().count("recovering") >= told + more);
        }
    }

    /** Waits until the sale has stopped. */
    void awaitStopped() {
        await().until(this::hasStopped);
    }

    /** The same storm, whose books are another server's from now on. */
    @CanIgnoreReturnValue
    SaleStorm on(BooksReader books) {
        town = new Town(town.admins(), town.nodes(), town.redis(), books);
        return this;
    }

    /** Clients, admin and who looks at stock come to an end; streams of stock stay open. */
    void end() {
        storm.end();
        admin.end();
        observer.end();
    }

    /** Lets every hold end, and waits until all is recorded and shown. */
    void settle() {
        assertThat(settlesUnlessItStops()).as("the sale sells to its end").isTrue();
    }

    /** The same; false where the sale stops instead. */
    boolean settlesUnlessItStops() {
        if (kind.rehearsal()) {
            await().until(() -> hasStopped()
                    || town.api()
                                    .advanceClock(saleId, 2L * kind.maxHoldSeconds())
                                    .status()
                            == 200);
        }
        await().until(() -> hasStopped() || held() == 0);
        await().until(() -> hasStopped() || town.books().recordedSeq(saleId) == lane.lastSeq());
        await().until(() -> hasStopped()
                || observer.allStreamsShow(
                        StormObserver.items(town.api().stock(saleId).body())));
        return !hasStopped();
    }

    private boolean hasStopped() {
        return !town.books().laneState(saleId).equals("open");
    }

    /** What is left to be checked, all of one moment; to be taken when all has settled. */
    Evidence evidence() {
        return await().until(this::evidenceOfOneMoment, Optional::isPresent).orElseThrow();
    }

    /** What is left of a sale that PostgreSQL does not record to its end: all but its books. */
    Evidence evidenceOfRedis() {
        NavigableMap<Long, String> ledger = town.books().state(saleId).ledger();
        ledger.putAll(lane.ledger());
        return new Evidence(
                kind.skuLimits(), ledger, lane.state(), null, storm.history().operations(), admin.told());
    }

    /** Empty where something was written meanwhile: audits go on. */
    private Optional<Evidence> evidenceOfOneMoment() {
        long before = lane.lastSeq();
        BooksState books = town.books().state(saleId);
        Evidence evidence = new Evidence(
                kind.skuLimits(),
                books.epochs().places(lane.ledger()),
                books.epochs().places(lane.state(), books.ledger()),
                books,
                storm.history().operations(),
                admin.told(),
                admin.observed().and(observer.told()),
                new Recovery(List.of(), rebuilds));
        for (long lost : losses) {
            evidence = evidence.afterLossAt(lost);
        }
        boolean still = books.recordedSeq() == books.epochs().place(before) && lane.lastSeq() == before;
        return still ? Optional.of(evidence) : Optional.empty();
    }

    @Override
    public void close() {
        storm.close();
        admin.close();
        observer.close();
    }

    private void setUp() {
        String policy = """
                {"holdSeconds":%d,"maxHoldSeconds":%d,"perCustomerLimit":%d,"reclaimSeconds":%d,"rehearsal":%b}
                """.formatted(
                        kind.holdSeconds(),
                        kind.maxHoldSeconds(),
                        kind.customerLimit(),
                        kind.reclaimSeconds(),
                        kind.rehearsal());
        require(Api.patiently(() -> town.api().putSale(saleId, policy)));
        if (kind.large()) {
            StringBuilder file = new StringBuilder("sku,capacity\n");
            kind.capacities()
                    .forEach((sku, capacity) -> file.append(sku)
                            .append(',')
                            .append(capacity * kind.plenty())
                            .append('\n'));
            require(Api.patiently(() -> town.api().importStock(saleId, file.toString())));
            return;
        }
        kind.capacities().forEach((sku, capacity) -> {
            int limit = kind.skuLimits().getOrDefault(sku, 0);
            String body = limit == 0
                    ? "{\"capacity\":%d}".formatted(capacity * kind.plenty())
                    : "{\"capacity\":%d,\"perCustomerLimit\":%d}".formatted(capacity * kind.plenty(), limit);
            require(Api.patiently(() -> town.api().putStock(saleId, sku, body)));
        });
    }

    private long held() {
        long held = 0;
        for (var item : town.api().stock(saleId).body().path("items")) {
            held += item.path("held").asLong(1);
        }
        return held;
    }

    private static void require(Api.Answer answer) {
        if (answer.status() != 200 && answer.status() != 201) {
            throw new IllegalStateException("an admin was answered " + answer.status() + ' ' + answer.text());
        }
    }
}
