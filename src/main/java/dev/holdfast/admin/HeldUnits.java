package dev.holdfast.admin;

import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether live holds have as many units of each SKU as its count says: others would stay held for ever, or be given back twice. */
final class HeldUnits {

    private final Map<Sku, Long> missing = new HashMap<>();

    /** The counts; answers them. */
    List<StockedSku> expect(List<StockedSku> stock) {
        stock.forEach(sku -> count(sku.count().sku(), sku.count().held()));
        return stock;
    }

    /** Some of the reservations; answers them. */
    List<RestoredReservation> add(List<RestoredReservation> some) {
        for (RestoredReservation reservation : some) {
            if (reservation.state() == ReservationState.HELD) {
                for (Line line : reservation.cart().lines()) {
                    count(line.sku(), -line.quantity());
                }
            }
        }
        return some;
    }

    /** Fails where the books do not add up. */
    Future<Void> requireAll() {
        return missing.isEmpty()
                ? Future.succeededFuture()
                : Future.failedFuture(new IllegalStateException(
                        "the books count held units that no live hold has, or fewer (by SKU): " + missing));
    }

    private void count(Sku sku, long units) {
        if (units != 0) {
            missing.merge(sku, units, (a, b) -> a + b == 0 ? null : a + b);
        }
    }
}
