package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SetStockScriptTest {

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void aNewSkuIsPutUpOnceWithItsCapacity() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);

        LaneSetup.Setting again = room.await(() -> room.setup.setStock(seed.lane, rules("A", 50, null, 1)));

        assertThat(again).isEqualTo(LaneSetup.Setting.OUTDATED);
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
        LedgerEntry.StockSet entry = (LedgerEntry.StockSet) seed.ledger().getLast();
        assertThat(entry.sku()).isEqualTo(new Sku("A"));
        assertThat(entry.capacity()).isEqualTo(9);
        assertThat(entry.version()).isEqualTo(1);
    }

    @Test
    void newerRulesLeaveTheCountsAlone() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 2);
        int entries = seed.ledger().size();

        seed.rules(new SkuRules(new Sku("A"), 50, null, Map.of(), null, 1, null, null, 2));

        assertThat(seed.units("A")).containsExactly(7L, 2L, 0L);
        assertThat(seed.hold("bob", "A", 2))
                .isEqualTo(new HoldOutcome.Refused(new Refusal.PurchaseLimit(1, 0, new Sku("A"))));
        assertThat(seed.ledger()).hasSize(entries);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aSkuThatChangesItsProductIsOfferedForTheNewOneOnly() {
        RedisSeed seed = RedisSeed.openSale(room)
                .stock("A1", 0, 0, "A")
                .stock("B1", 0, 0, "B")
                .stock("X", 3, 0, "A");

        seed.rules(rules("X", 3, "B", 2));

        assertThat(alternatives(seed, "A1")).isEmpty();
        assertThat(alternatives(seed, "B1")).containsExactly(new Refusal.Alternative(new Sku("X"), 3));
        seed.rules(rules("X", 3, null, 3));
        assertThat(alternatives(seed, "B1")).isEmpty();
    }

    @Test
    void whatAnAdminCannotSetIsABadArgument() {
        RedisSeed seed = RedisSeed.openSale(room);

        assertThat(room.failureOf(() -> room.setup.setStock(seed.lane, rules("A", 1_000_000_001, null, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("capacity");
        assertThat(room.failureOf(() -> room.setup.setStock(seed.lane, rules("A", 1, null, 0))))
                .hasMessageContaining("rules_version");
        assertThat(room.failureOf(() -> room.calls.call(Script.SET_STOCK, seed.lane, "A", "1", "1", "x", "", "1")))
                .hasMessageContaining("customer_limit");
        assertThat(room.look().exists(seed.keys().stock())).isZero();
    }

    @Test
    void manyAreSetUpInOneCallEachWithItsOwnAnswer() {
        RedisSeed seed = RedisSeed.openSale(room).stock("M", 9);
        String[][] groups = {
            {"Z", "1", "1", "0", "P", "1"},
            {"M", "1", "50", "0", "", "1"},
            {"A", "1", "x", "0", "", "1"},
            {"B", "1", "2", "0", "P", "1"},
            {"B", "2", "7", "3", "Q", "1"},
            {"B", "1", "7", "4", "P", "1"},
            {"N", "1", "3", "0", "P", "1"}
        };

        List<Future<Reply>> replies = new ArrayList<>();
        room.await(() -> {
            for (String[] group : groups) {
                replies.add(room.calls.call(Script.SET_STOCK, seed.lane, group));
            }
            return Future.join(replies).otherwiseEmpty();
        });

        assertThat(replies.stream()
                        .map(reply -> reply.failed() ? "BAD" : reply.result().word()))
                .containsExactly("APPLIED", "OUTDATED", "BAD", "APPLIED", "APPLIED", "OUTDATED", "APPLIED");
        Map<String, String> stock = room.look().hgetall(seed.keys().stock());
        assertThat(stock)
                .containsEntry("|skus", "4")
                .containsEntry("|product|P", "2")
                .containsEntry("|page|0|P", "Z N")
                .containsEntry("|product|Q", "1")
                .containsEntry("|page|0|Q", "B")
                .containsEntry("B|limit", "3")
                .containsEntry("B|product", "0 Q")
                .doesNotContainKey("A|version");
        assertThat(seed.units("B")).containsExactly(2L, 0L, 0L);
        assertThat(seed.ledger())
                .filteredOn(LedgerEntry.StockSet.class::isInstance)
                .hasSize(4);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aProductOfManySkusIsKeptInShortPagesHoweverTheyComeAndGo() {
        long seedOfNumbers = System.nanoTime();
        Random random = new Random(seedOfNumbers);
        RedisSeed seed = RedisSeed.openSale(room);
        Map<String, String> productOf = new TreeMap<>();
        for (int version = 1; version <= 30; version++) {
            List<SkuRules> some = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                String sku = "SKU-" + random.nextInt(120);
                String product = random.nextInt(4) == 0 ? null : "P" + random.nextInt(3);
                some.add(rules(sku, 5, product, version));
            }
            room.await(() -> room.setup.setStock(seed.lane, some, Set.of()));
            // Of those that came twice in one version, the first counts.
            Set<String> met = new HashSet<>();
            some.forEach(rules -> {
                if (met.add(rules.sku().value())) {
                    productOf.put(rules.sku().value(), Objects.requireNonNullElse(rules.productId(), ""));
                }
            });
        }

        Map<String, String> stock = room.look().hgetall(seed.keys().stock());
        for (String product : List.of("P0", "P1", "P2")) {
            List<String> members = new ArrayList<>();
            int size = Integer.parseInt(stock.get("|product|" + product));
            for (int page = 0; page * 20 < size; page++) {
                List<String> names =
                        List.of(stock.get("|page|" + page + "|" + product).split(" ", -1));
                assertThat(names).hasSize(Math.min(20, size - page * 20));
                for (String name : names) {
                    assertThat(stock).containsEntry(name + "|product", page + " " + product);
                }
                members.addAll(names);
            }
            assertThat(members)
                    .as("members of %s, seed %d", product, seedOfNumbers)
                    .containsExactlyInAnyOrderElementsOf(productOf.keySet().stream()
                            .filter(sku -> productOf.get(sku).equals(product))
                            .toList());
        }
        assertThat(stock).containsEntry("|skus", "" + productOf.size());
    }

    @Test
    void twentyOthersAreOfferedOfAProductWithManyMore() {
        RedisSeed seed = RedisSeed.openSale(room);
        room.await(() -> room.setup.setStock(
                seed.lane,
                IntStream.range(0, 90)
                        .mapToObj(i -> rules("SKU-" + i, i < 50 ? 0 : 7, "P", 1))
                        .toList(),
                Set.of()));

        List<Refusal.Alternative> found = alternatives(seed, "SKU-0");

        assertThat(found)
                .hasSize(20)
                .allSatisfy(alternative -> assertThat(alternative.available()).isEqualTo(7))
                .doesNotHaveDuplicates();
    }

    private static List<Refusal.Alternative> alternatives(RedisSeed seed, String sku) {
        HoldOutcome.Refused refused = (HoldOutcome.Refused) seed.hold("ann", sku, 1);
        return ((Refusal.OutOfStock) refused.refusal()).alternatives();
    }

    private static SkuRules rules(String sku, long capacity, String product, long version) {
        return new SkuRules(new Sku(sku), capacity, product, Map.of(), null, 0, null, null, version);
    }
}
