package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/** A storm over HTTP on one sale, which an admin steers meanwhile. */
final class SaleStorm implements AutoCloseable {

    private static final Map<String, Integer> CAPACITIES = new TreeMap<>(Map.of("A", 150, "B", 250, "C", 300, "D", 80));
    private static final Map<String, Integer> SKU_LIMITS = Map.of("A", 2, "D", 2);
    private static final int CUSTOMERS = 200;
    private static final int CUSTOMER_LIMIT = 7;

    private final Town town;
    private final Kind kind;
    private final String saleId;
    private final LaneReader lane;
    private final Storm storm;
    private final StormAdmin admin;

    /** Where a storm rages: an API that reaches admins, the nodes' public addresses, and what stands behind them. */
    record Town(Api api, List<URI> nodes, RedisCommands<String, String> redis, BooksReader books) {}

    /**
     * What kind of sale; hold times in seconds, and those that clients ask for.
     *
     * @param plenty by how much more there is of everything than what is gone within seconds
     * @param bare whether holds are as a node may refuse them by itself
     */
    record Kind(
            boolean rehearsal, int holdSeconds, int maxHoldSeconds, List<Integer> wished, int plenty, boolean bare) {

        /** Its clock is pushed on all the time, so that holds end under load. */
        static final Kind REHEARSAL = new Kind(true, 30, 60, List.of(5, 20, 60), 1, false);

        /** It is paused and resumed; holds are as short as can be asked for and end by themselves. */
        static final Kind ORDINARY = new Kind(false, 5, 8, List.of(5, 6, 8), 1, false);

        /** Goes on while something else is waited for. */
        static final Kind LONG = new Kind(true, 30, 60, List.of(5, 20, 60), 30, false);

        /** Like a rehearsal, with holds that a node may refuse by itself. */
        static final Kind BARE = new Kind(true, 30, 60, List.of(5, 20, 60), 1, true);
    }

    SaleStorm(Town town, Kind kind, long seed) {
        this.town = town;
        this.kind = kind;
        saleId = "storm-" + UUID.randomUUID();
        lane = new LaneReader(town.redis(), saleId);
        admin = new StormAdmin(town.api(), saleId, kind, CAPACITIES, new SplittableRandom(seed));
        List<Supplier<Shop>> ways = town.nodes().stream()
                .<Supplier<Shop>>map(node -> () -> new HttpShop(node, Api.CHECKOUT_KEY, saleId))
                .toList();
        storm = new Storm(
                seed,
                ways,
                new Wishes(List.copyOf(CAPACITIES.keySet()), CUSTOMERS * kind.plenty(), kind.wished(), kind.bare()));
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

    /** So many clients begin to ask. */
    void begin(int clients) {
        storm.begin(clients);
    }

    /** An admin begins to interfere. */
    void steer() {
        admin.begin();
    }

    /** Clients and admin come to an end. */
    void end() {
        storm.end();
        admin.end();
    }

    /** Lets every hold end, and waits until all is recorded. */
    void settle() {
        if (kind.rehearsal()) {
            require(Api.patiently(() -> town.api().advanceClock(saleId, 2L * kind.maxHoldSeconds())));
        }
        await().untilAsserted(() -> assertThat(held()).isZero());
        await().untilAsserted(() -> assertThat(town.books().recordedSeq(saleId)).isEqualTo(lane.lastSeq()));
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
                SKU_LIMITS, ledger, lane.state(), null, storm.history().operations(), admin.told());
    }

    /** Empty where something was written meanwhile: audits go on. */
    private Optional<Evidence> evidenceOfOneMoment() {
        long before = lane.lastSeq();
        BooksState books = town.books().state(saleId);
        Evidence evidence = new Evidence(
                SKU_LIMITS,
                books.epochs().places(lane.ledger()),
                books.epochs().places(lane.state(), books.ledger()),
                books,
                storm.history().operations(),
                admin.told());
        boolean still = books.recordedSeq() == books.epochs().place(before) && lane.lastSeq() == before;
        return still ? Optional.of(evidence) : Optional.empty();
    }

    @Override
    public void close() {
        storm.close();
        admin.close();
    }

    private void setUp() {
        String policy = """
                {"holdSeconds":%d,"maxHoldSeconds":%d,"perCustomerLimit":%d,"rehearsal":%b}
                """.formatted(kind.holdSeconds(), kind.maxHoldSeconds(), CUSTOMER_LIMIT, kind.rehearsal());
        require(Api.patiently(() -> town.api().putSale(saleId, policy)));
        CAPACITIES.forEach((sku, capacity) -> {
            int limit = SKU_LIMITS.getOrDefault(sku, 0);
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
