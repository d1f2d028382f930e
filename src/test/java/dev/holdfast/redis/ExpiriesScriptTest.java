package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Sku;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ExpiriesScriptTest {

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
    void theSoonestComeFirstAndOnlyThoseOfTheSku() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 9);
        Reservation later = seed.held("ann", "A", 1);
        seed.held("bob", "B", 1);
        Reservation soon = seed.held("eve", "A", 2, "B", 1);
        seed.extend(later, 200);
        seed.confirm(seed.held("max", "A", 1));

        Expiries expiries = expiries(seed, "A", 10);

        assertThat(expiries.soonest()).extracting(Reservation::id).containsExactly(soon.id(), later.id());
        assertThat(expiries.complete()).isTrue();
    }

    @Test
    void noMoreThanAreWantedAreTold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        List<Reservation> held = List.of(seed.held("ann", "A", 1), seed.held("bob", "A", 1), seed.held("eve", "A", 1));

        Expiries expiries = expiries(seed, "A", 2);

        assertThat(expiries.soonest())
                .hasSize(2)
                .extracting(Reservation::id)
                .doesNotHaveDuplicates()
                .isSubsetOf(held.stream().map(Reservation::id).toList());
        assertThat(expiries.complete()).isTrue();
    }

    @Test
    void manyHoldsOfOthersArePassedInSteps() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 1_000);
        Reservation first = seed.held("ann", "A", 1);
        for (int i = 0; i < 450; i++) {
            seed.held("bob", "B", 1);
        }
        Reservation last = seed.held("eve", "A", 1);
        seed.extend(last, 250);

        Expiries expiries = expiries(seed, "A", 10);

        assertThat(expiries.soonest()).extracting(Reservation::id).containsExactly(first.id(), last.id());
        assertThat(expiries.complete()).isTrue();
    }

    @Test
    void holdsOfOneDeadlineAreEachToldOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1_000);
        for (int i = 0; i < 450; i++) {
            seed.held("bob", "A", 1);
        }
        room.look()
                .zrange(seed.keys().due(), 0, -1)
                .forEach(key -> room.look().zadd(seed.keys().due(), 9e14, key));

        Expiries expiries = expiries(seed, "A", 450);

        assertThat(expiries.soonest()).extracting(Reservation::id).hasSize(450).doesNotHaveDuplicates();
    }

    @Test
    void whereMoreAreInBetweenThanMayBePassedItSaysSo() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 9);
        String packed = room.look()
                .hget(seed.keys().holds(), seed.held("bob", "B", 1).id().key());
        Map<String, String> holds = new HashMap<>();
        for (int i = 0; i < 10_001; i++) {
            holds.put("other-%016d".formatted(i), packed);
        }
        room.look().hset(seed.keys().holds(), holds);
        holds.keySet().forEach(key -> room.look().zadd(seed.keys().due(), 1e12, key));
        seed.held("ann", "A", 1);

        Expiries expiries = expiries(seed, "A", 10);

        assertThat(expiries.soonest()).isEmpty();
        assertThat(expiries.complete()).isFalse();
    }

    @Test
    void whatNobodyHoldsIsNotLookedFor() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.confirm(seed.held("ann", "A", 1));

        assertThat(expiries(seed, "A", 10)).isEqualTo(new Expiries(List.of(), true));
        assertThat(expiries(seed, "unknown", 10)).isEqualTo(new Expiries(List.of(), true));
    }

    private static Expiries expiries(RedisSeed seed, String sku, int most) {
        return room.await(() -> room.step.expiries(seed.lane, new Sku(sku), most));
    }
}
