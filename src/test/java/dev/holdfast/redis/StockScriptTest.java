package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.util.List;
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

        List<StockCount> counts = room.await(() -> room.step.count(seed.lane, null));

        assertThat(counts)
                .containsExactly(
                        new StockCount(new Sku("A"), 9, 8, 1, 0, 1),
                        new StockCount(new Sku("B"), 5, 3, 0, 2, 1),
                        new StockCount(new Sku("C"), 0, 0, 0, 0, 1));
    }

    @Test
    void aThousandSkusAreCountedInAFewReads() {
        try (RedisRoom own = RedisRoom.at(TestServers.ownRedis().uri())) {
            RedisSeed seed = RedisSeed.openSale(own);
            List<String> names =
                    IntStream.range(0, 1001).mapToObj(i -> "SKU-" + i).toList();
            names.forEach(name -> seed.stock(name, 1));
            own.look().configResetstat();

            List<StockCount> counts = own.await(() -> own.step.count(seed.lane, null));

            assertThat(counts)
                    .extracting(count -> count.sku().value())
                    .containsExactlyElementsOf(names.stream().sorted().toList());
            assertThat(own.look().info("commandstats"))
                    .as("the sale, and three chunks")
                    .contains("cmdstat_hmget:calls=4,")
                    .doesNotContain("cmdstat_hkeys");
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

        List<StockCount> counts = room.await(() -> room.step.count(seed.lane, new Sku("X")));

        assertThat(counts).isEmpty();
    }
}
