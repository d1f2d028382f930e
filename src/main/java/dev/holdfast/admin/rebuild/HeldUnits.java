package dev.holdfast.admin.rebuild;

import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether live holds have as many units of each SKU as its count says: others would stay held for ever, or be given back twice. It tells,
 * too, when the last of them was found.
 */
public final class HeldUnits {

    private final Map<Sku, Long> missing = new HashMap<>();
    private long total;
    private long found;

    /** What these counts say is held, and nothing found of it. */
    public HeldUnits(Collection<StockedSku> stock) {
        for (StockedSku sku : stock) {
            count(sku.count().sku(), sku.count().held());
            total += sku.count().held();
        }
    }

    /** A live hold was found. */
    public void add(RestoredReservation hold) {
        for (Line line : hold.cart().lines()) {
            count(line.sku(), -line.quantity());
            found += line.quantity();
        }
    }

    /** Whether all held units were found. */
    public boolean isComplete() {
        return missing.isEmpty();
    }

    /** Units that are held in all. */
    public long total() {
        return total;
    }

    /** Units that were found. */
    public long found() {
        return found;
    }

    /** Fails where the books do not add up. */
    public Future<Void> requireAll() {
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
