package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.support.BuyersHash;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Recounts a lane from its holds and compares: nothing is lost, nothing is there twice. */
final class StockAssert {

    private StockAssert() {}

    /** Fails where stock, buyers, due or ledger do not say what the holds say. */
    static void assertConsistent(RedisSeed seed) {
        RedisCommands<String, String> redis = seed.room.look();
        LaneKeys keys = seed.keys();
        Map<String, Long> buyers = new TreeMap<>();
        Map<String, Long> held = new HashMap<>();
        Map<String, Long> sold = new HashMap<>();
        Map<String, Long> deadlines = new TreeMap<>();
        long lastSeq = 0;

        for (Map.Entry<String, String> entry : redis.hgetall(keys.holds()).entrySet()) {
            PackedHold hold = PackedHold.parse(entry.getValue());
            boolean isHeld = hold.state() == ReservationState.HELD;
            deadlines.put(entry.getKey(), isHeld ? hold.expiresAtMs() : hold.endedAtMs() + 86_400_000);
            lastSeq = Math.max(lastSeq, hold.seq());
            if (!isHeld && hold.state() != ReservationState.CONFIRMED) {
                continue;
            }
            for (Line line : hold.cart().lines()) {
                long units = line.quantity();
                String sku = line.sku().value();
                (isHeld ? held : sold).merge(sku, units, Long::sum);
                buyers.merge(hold.customerId().value(), units, Long::sum);
                buyers.merge(hold.customerId().value() + "|" + sku, units, Long::sum);
            }
        }

        Map<String, String> stock = redis.hgetall(keys.stock());
        stock.keySet().stream().filter(field -> field.endsWith("|version")).forEach(field -> {
            String sku = field.substring(0, field.indexOf('|'));
            long capacity = Long.parseLong(stock.get(sku + "|capacity"));
            long available = Long.parseLong(stock.get(sku + "|available"));
            assertThat(stock.get(sku + "|held")).as("held of " + sku).isEqualTo("" + held.getOrDefault(sku, 0L));
            assertThat(stock.get(sku + "|sold")).as("sold of " + sku).isEqualTo("" + sold.getOrDefault(sku, 0L));
            assertThat(available)
                    .as("available of " + sku)
                    .isNotNegative()
                    .isEqualTo(capacity - held.getOrDefault(sku, 0L) - sold.getOrDefault(sku, 0L));
        });
        Map<String, Long> allowances = new TreeMap<>();
        BuyersHash.units(redis.hgetall(keys.buyers()))
                .forEach((field, units) -> allowances.put(field, Long.valueOf(units)));
        assertThat(allowances).as("buyers").isEqualTo(buyers);
        Map<String, Long> due = new TreeMap<>();
        redis.zrangeWithScores(keys.due(), 0, -1).forEach(item -> due.put(item.getValue(), (long) item.getScore()));
        assertThat(due).as("due").isEqualTo(deadlines);
        assertThat(seed.ledger()).as("ledger").hasSizeGreaterThanOrEqualTo((int) lastSeq);
    }
}
