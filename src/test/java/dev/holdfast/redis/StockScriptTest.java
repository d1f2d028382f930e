package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StockScriptTest {

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
    void allSkusAreCountedInTheOrderOfTheirNames() {
        RedisSeed seed =
                RedisSeed.openSale(room).stock("B", 5, 0, "P").stock("A", 9).stock("C", 0);
        seed.held("ann", "A", 1);
        seed.confirm(seed.held("ann", "B", 2));

        StockCounts counts = room.await(() -> room.step.stock(seed.lane));

        assertThat(counts.all())
                .containsExactly(
                        new StockCount(new Sku("A"), 9, 8, 1, 0, 1),
                        new StockCount(new Sku("B"), 5, 3, 0, 2, 1),
                        new StockCount(new Sku("C"), 0, 0, 0, 0, 1));
    }

    @Test
    void manySkusAreCountedInStepsThatTellEachOfThemAndWhereTheLedgerWas() {
        RedisSeed seed = RedisSeed.openSale(room);
        List<SkuRules> rules = IntStream.range(0, 1001)
                .mapToObj(i -> new SkuRules(new Sku("SKU-" + i), 1, "P", Map.of(), null, 0, null, null, 1))
                .toList();
        room.await(() -> room.setup.setStock(seed.lane, rules, Set.of()));

        Set<String> told = new HashSet<>();
        int steps = 0;
        String cursor = "0";
        do {
            StockReply reply = StockReply.read(seed.call(Script.STOCK, cursor));
            reply.counts().forEach(count -> told.add(count.sku().value()));
            assertThat(reply.counts()).as("SKUs in one step").hasSizeLessThan(400);
            assertThat(reply.seq()).isEqualTo(1 + 1001);
            cursor = reply.cursor();
            steps++;
        } while (!cursor.equals("0"));

        assertThat(steps).isBetween(3, 40);
        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(
                        rules.stream().map(rule -> rule.sku().value()).toList());
    }

    @Test
    void aSkuWhoseCountsCannotBeReadIsLeftOutAndTheOthersAreTold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 5).stock("C", 3);
        room.look().hset(seed.keys().stock(), "A|available", "9x");
        room.look().hdel(seed.keys().stock(), "C|held");

        StockCounts counts = room.await(() -> room.step.stock(seed.lane));

        assertThat(counts.all()).containsExactly(new StockCount(new Sku("B"), 5, 5, 0, 0, 1));
    }

    @Test
    void aCountSaysWhetherMoreIsDue() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 150);
        for (int i = 0; i < 110; i++) {
            seed.held("buyer-" + i, "A", 1);
        }
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        StockReply first = StockReply.read(seed.call(Script.STOCK, "0", "A"));
        StockReply rest = StockReply.read(seed.call(Script.STOCK, "0", ""));
        StockReply last = StockReply.read(seed.call(Script.STOCK, "0", "A"));

        // A count takes back fewer than a sweep: some 57 carts of one line.
        assertThat(first.isMoreDue()).isTrue();
        assertThat(first.counts().getFirst().held()).isBetween(50L, 60L);
        assertThat(first.counts().getFirst().available()).isBetween(90L, 100L);
        assertThat(rest.isMoreDue()).isFalse();
        assertThat(rest.counts()).isEmpty();
        assertThat(last.counts()).containsExactly(new StockCount(new Sku("A"), 150, 150, 0, 0, 1));
        assertThat(last.seq()).isEqualTo(seed.ledger().getLast().seq());
    }

    @Test
    void aCursorThatIsNoneIsABadArgument() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);

        for (String bad : List.of("", "-1", "x", "1e3")) {
            assertThat(room.failureOf(() -> room.calls.call(Script.STOCK, seed.lane, bad)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cursor");
        }
    }

    @Test
    void unitsInHoldsThatAreDueCountAsAvailable() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 4);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        StockCount count = seed.count("A");

        assertThat(count).isEqualTo(new StockCount(new Sku("A"), 9, 9, 0, 0, 1));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anUnknownSkuHasNoCount() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);

        assertThat(room.await(() -> room.step.count(seed.lane, new Sku("X")))).isEmpty();
    }
}
