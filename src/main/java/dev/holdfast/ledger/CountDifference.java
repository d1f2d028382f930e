package dev.holdfast.ledger;

import dev.holdfast.reservation.FoundCount;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import org.jspecify.annotations.Nullable;

/**
 * A SKU whose counts in Redis are not what the books say, both after the same entry of the ledger.
 *
 * @param postgres the books' counts with the entries that they do not have yet
 */
public record CountDifference(FoundCount redis, StockCount postgres) {

    /** Whose counts they are. */
    public Sku sku() {
        return redis.sku();
    }

    /** Units by which both sides differ: the largest difference between their counts; at least 1 where Redis has none that can be read. */
    public long drift() {
        return item().drift();
    }

    /** Units that Redis offers and the books do not have. */
    public long madeUpUnits() {
        StockCount count = redis.count();
        return count == null ? 0 : Math.max(0, count.available() - postgres.available());
    }

    /** Units sold beyond capacity, on the side that has more of them. */
    public long oversoldUnits() {
        StockCount count = redis.count();
        return Math.max(oversold(count), oversold(postgres));
    }

    /** Whether Redis is off by the same as it was then: what is only on its way changes. */
    public boolean isAsBefore(CountDifference before) {
        StockCount now = redis.count();
        StockCount then = before.redis.count();
        if (now == null || then == null) {
            return redis.texts().equals(before.redis.texts());
        }
        return now.capacity() - postgres.capacity() == then.capacity() - before.postgres.capacity()
                && now.available() - postgres.available() == then.available() - before.postgres.available()
                && now.held() - postgres.held() == then.held() - before.postgres.held()
                && now.sold() - postgres.sold() == then.sold() - before.postgres.sold()
                && now.version() - postgres.version() == then.version() - before.postgres.version();
    }

    /** As an audit lists it. */
    public AuditReport.Item item() {
        return Comparison.item(sku(), redis.count(), postgres);
    }

    @Override
    public String toString() {
        return "Redis has " + redis + "; the books have capacity " + postgres.capacity() + ", available "
                + postgres.available() + ", held " + postgres.held() + ", sold " + postgres.sold() + ", version "
                + postgres.version();
    }

    private static long oversold(@Nullable StockCount count) {
        return count == null ? 0 : Math.max(0, count.sold() - count.capacity());
    }
}
