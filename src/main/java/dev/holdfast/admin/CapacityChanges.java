package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentRequest;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.Author;
import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Changes the capacities of many SKUs that are there: each as an adjustment, because it sells meanwhile. */
public final class CapacityChanges {

    /**
     * A capacity that a file asks for.
     *
     * @param capacity units
     */
    record Wish(Sku sku, long capacity) {}

    /** Half the connections to PostgreSQL: the recorder needs some too. */
    private static final int AT_ONCE = 4;

    private final Adjustments adjustments;
    private final AtomicStep step;

    /** Both use the same connection. */
    public CapacityChanges(Adjustments adjustments, AtomicStep step) {
        this.adjustments = adjustments;
        this.step = step;
    }

    /**
     * Makes them, each on its own, and answers for each that was not made why not, for people. Fails with
     * {@link dev.holdfast.reservation.Unavailable}; some may be made then.
     */
    Future<Map<Sku, String>> make(Author author, SaleId saleId, List<Wish> wishes) {
        AdminAction action = new AdminAction(author, Kind.STOCK_ADJUSTED, "import of a file");
        // Whoever sends the file again finds the capacities changed: nobody asks again under these keys.
        String keys = "import-" + UUID.randomUUID() + ':';
        Map<Sku, String> refusals = new HashMap<>();
        return Chunks.inTurn(
                        wishes,
                        AT_ONCE,
                        some -> Future.join(some.stream()
                                        .map(wish -> make(action, saleId, wish, keys + wish.sku(), refusals))
                                        .toList())
                                .mapEmpty())
                .map(refusals);
    }

    /** Answers for each that could not be made now why not. Fails as {@link #make} does. */
    Future<Map<Sku, String>> trial(ListedSale listed, List<Wish> wishes) {
        return step.count(listed.lane(), null).map(counts -> {
            Map<Sku, StockCount> bySku = new HashMap<>();
            counts.forEach(count -> bySku.put(count.sku(), count));
            Map<Sku, String> refusals = new HashMap<>();
            for (Wish wish : wishes) {
                StockCount count = bySku.get(wish.sku());
                if (count != null && wish.capacity() < count.held() + count.sold()) {
                    refusals.put(wish.sku(), belowUse(count.held(), count.sold()));
                }
            }
            return refusals;
        });
    }

    private Future<Void> make(AdminAction action, SaleId saleId, Wish wish, String key, Map<Sku, String> refusals) {
        var request = new AdjustmentRequest(null, wish.capacity(), null, null, false, key);
        return adjustments.adjust(action, saleId, wish.sku(), request).map(outcome -> {
            switch (outcome) {
                case AdjustOutcome.Applied applied -> {}
                case AdjustOutcome.BelowUse use -> refusals.put(wish.sku(), belowUse(use.held(), use.sold()));
                case AdjustOutcome.OtherVersion other -> refusals.put(wish.sku(), "somebody else changed its capacity");
                case AdjustOutcome.Stored stored ->
                    refusals.put(
                            wish.sku(), "its new capacity is stored, but not in force yet: look before you ask again");
                case AdjustOutcome.NoSuchSku none -> refusals.put(wish.sku(), "it is not there any more");
                case AdjustOutcome.NoSuchSale none -> refusals.put(wish.sku(), "its sale is not there any more");
                case AdjustOutcome.OutOfRange range ->
                    throw new IllegalStateException("capacity " + range.after() + " was checked before");
                case AdjustOutcome.KeyReused reused -> throw new IllegalStateException("a new key was used: " + key);
            }
            return null;
        });
    }

    private static String belowUse(long held, long sold) {
        return "capacity is below what is held (" + held + ") and sold (" + sold + ")";
    }
}
