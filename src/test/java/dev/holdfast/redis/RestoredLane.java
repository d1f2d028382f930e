package dev.holdfast.redis;

import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a rebuild may find in the books. */
final class RestoredLane {

    static final long HELD_AT_MS = System.currentTimeMillis();
    static final long HOUR_MS = 3_600_000;

    private RestoredLane() {}

    static StockedSku sku(String sku, long capacity, long available, long held, long sold) {
        SkuRules rules = new SkuRules(new Sku(sku), capacity, "shoe", Map.of(), null, 0, null, null, 1);
        return new StockedSku(rules, count(sku, capacity, available, held, sold), 0, 0, List.of());
    }

    static StockCount count(String sku, long capacity, long available, long held, long sold) {
        return new StockCount(new Sku(sku), capacity, available, held, sold, 1);
    }

    static Allowance allowance(String customer, String sku, long units) {
        return new Allowance(new CustomerId(customer), List.of(new Allowance.Units(new Sku(sku), units)));
    }

    static RestoredReservation held(String name, String customer, Cart cart) {
        return reservation(name, customer, cart, ReservationState.HELD, null);
    }

    static RestoredReservation reservation(
            String name, String customer, Cart cart, ReservationState state, @Nullable Long endedAtMs) {
        return new RestoredReservation(
                id(name),
                new CustomerId(customer),
                state,
                cart,
                HELD_AT_MS,
                HELD_AT_MS + HOUR_MS,
                endedAtMs,
                3,
                RedisSeed.FINGERPRINT);
    }

    static ReservationId id(String name) {
        return ReservationId.of((name + "-".repeat(22)).substring(0, 22), HELD_AT_MS);
    }
}
