package dev.holdfast.redis;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Adjusted;
import dev.holdfast.reservation.LedgerEntry.Audited;
import dev.holdfast.reservation.LedgerEntry.EpochBegun;
import dev.holdfast.reservation.LedgerEntry.Rebuilt;
import dev.holdfast.reservation.LedgerEntry.Repaired;
import dev.holdfast.reservation.LedgerEntry.SaleSet;
import dev.holdfast.reservation.LedgerEntry.Shrunk;
import dev.holdfast.reservation.LedgerEntry.StockSet;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A lane's counts in memory, kept up to date by its ledger. Not safe for threads. */
final class LaneStock {

    /** Of a SKU's objects here and in what is made of them, beside its name. */
    private static final int BYTES_A_SKU = 350;

    /** Of a character of its name, here and in a page of JSON. */
    private static final int BYTES_A_CHARACTER = 4;

    private final Map<Sku, Counted> bySku = new HashMap<>();
    private @Nullable StockCounts latest;
    private long bytes;

    /** Of memory, about. */
    long bytes() {
        return bytes;
    }

    int size() {
        return bySku.size();
    }

    /** Redis counted this after the entry {@code seq}. */
    void put(StockCount count, long seq) {
        Counted before = bySku.put(count.sku(), new Counted(count, seq));
        if (before == null) {
            bytes +=
                    BYTES_A_SKU + (long) BYTES_A_CHARACTER * count.sku().value().length();
        }
        latest = null;
    }

    /**
     * Adds what the entry did, where the counts do not have it yet; nothing for a SKU that Redis has not counted. False where the entry does
     * not tell the counts after it: then Redis has to count anew.
     */
    boolean apply(LedgerEntry entry) {
        switch (entry) {
            case Transition transition -> apply(transition);
            case StockSet set -> {
                if (!bySku.containsKey(set.sku())) {
                    put(new StockCount(set.sku(), set.capacity(), set.capacity(), 0, 0, set.version()), set.seq());
                }
            }
            case Adjusted adjusted ->
                change(adjusted.sku(), adjusted.seq(), count -> count.resized(adjusted.units(), adjusted.version()));
            case Shrunk shrunk ->
                change(shrunk.sku(), shrunk.seq(), count -> count.resized(-shrunk.units(), count.version()));
            case SaleSet set -> {}
            case Audited audited -> {}
            case Rebuilt rebuilt -> {}
            case EpochBegun begun -> {}
            case Repaired repaired -> {
                return !repaired.isOfStock();
            }
            case Unreadable unreadable -> {
                return false;
            }
        }
        return true;
    }

    /** The same as long as nothing changes. */
    StockCounts counts() {
        if (latest == null) {
            List<StockCount> counts = new ArrayList<>(bySku.size());
            bySku.values().forEach(counted -> counts.add(counted.count));
            latest = StockCounts.of(counts);
        }
        return latest;
    }

    private void apply(Transition transition) {
        switch (transition.kind()) {
            case HELD, RECLAIMED -> move(transition.cart(), transition.seq(), -1, 1, 0);
            case EXTENDED -> {}
            case REPLACED -> replace(transition);
            case CONFIRMED -> move(transition.cart(), transition.seq(), 0, -1, 1);
            case RELEASED, EXPIRED -> move(transition.cart(), transition.seq(), 1, -1, 0);
        }
    }

    /** A SKU may be in both carts: it changes once. */
    private void replace(Transition transition) {
        Map<Sku, Long> more = new HashMap<>();
        for (Line line : transition.cart().lines()) {
            more.merge(line.sku(), (long) line.quantity(), Long::sum);
        }
        for (Line line : Objects.requireNonNull(transition.previous(), "lines before a replacement")
                .lines()) {
            more.merge(line.sku(), (long) -line.quantity(), Long::sum);
        }
        more.forEach((sku, units) -> change(sku, transition.seq(), count -> count.moved(-units, units, 0)));
    }

    private void move(Cart cart, long seq, int available, int held, int sold) {
        for (Line line : cart.lines()) {
            long units = line.quantity();
            change(line.sku(), seq, count -> count.moved(available * units, held * units, sold * units));
        }
    }

    private void change(Sku sku, long seq, Change change) {
        Counted counted = bySku.get(sku);
        if (counted != null && seq > counted.seq) {
            counted.count = change.of(counted.count);
            counted.seq = seq;
            latest = null;
        }
    }

    private interface Change {
        StockCount of(StockCount before);
    }

    /** A SKU's counts after the entry {@code seq}, or a later one that did not touch it. */
    private static final class Counted {

        private StockCount count;
        private long seq;

        Counted(StockCount count, long seq) {
            this.count = count;
            this.seq = seq;
        }
    }
}
