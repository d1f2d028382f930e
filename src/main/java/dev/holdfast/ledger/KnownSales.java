package dev.holdfast.ledger;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a node remembers of PostgreSQL's sales, and for a moment which ones there are not. Safe for all threads. */
final class KnownSales {

    /** As PostgreSQL had it when its sale and its lane had changed {@code stamp} times. */
    record Known(ListedSale listed, long stamp) {}

    private static final long ABSENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Bounds what made-up sale ids can cost. */
    private static final int MOST_ABSENT = 10_000;

    private final ConcurrentMap<SaleId, Known> bySaleId = new ConcurrentHashMap<>();
    private final ConcurrentMap<SaleId, Long> absentSince = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private Set<SaleId> retiredBefore = Set.of();

    KnownSales(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Nullable
    ListedSale get(SaleId saleId) {
        Known known = bySaleId.get(saleId);
        return known == null ? null : known.listed();
    }

    List<ListedSale> all() {
        return bySaleId.values().stream().map(Known::listed).toList();
    }

    /**
     * Keeps the later of what is known and this: answers may overtake each other. Where the stamp is the same this counts: whoever changes a lane
     * in PostgreSQL by hand leaves the stamp as it was, and nodes must not go on by what was there before.
     */
    @CanIgnoreReturnValue
    ListedSale remember(Known seen) {
        SaleId saleId = seen.listed().sale().id();
        absentSince.remove(saleId);
        return bySaleId.merge(saleId, seen, (known, now) -> now.stamp() >= known.stamp() ? now : known)
                .listed();
    }

    /** The ids of all that is known now. */
    Set<SaleId> ids() {
        return Set.copyOf(bySaleId.keySet());
    }

    /** Whoever asks for one of them is to ask PostgreSQL. */
    void forget(Set<SaleId> saleIds) {
        bySaleId.keySet().removeAll(saleIds);
    }

    /**
     * Forgets those sales that are over for good, and were so when this was last called: until then they are kept, so that an answer that
     * is older cannot bring them back. Answers which. To be called by one at a time.
     */
    Set<SaleId> forgetRetired() {
        Set<SaleId> retired = new HashSet<>();
        bySaleId.forEach((saleId, known) -> {
            if (known.listed().laneState() == ListedSale.LaneState.RETIRED) {
                retired.add(saleId);
            }
        });
        Set<SaleId> old = new HashSet<>(retired);
        old.retainAll(retiredBefore);
        forget(old);
        retired.removeAll(old);
        retiredBefore = retired;
        return old;
    }

    /** PostgreSQL has no such sale. */
    void rememberAbsent(SaleId saleId) {
        if (absentSince.size() >= MOST_ABSENT) {
            absentSince.clear();
        }
        absentSince.put(saleId, nanoTime.getAsLong());
    }

    /** Whether PostgreSQL said less than a second ago that there is no such sale. */
    boolean justAbsent(SaleId saleId) {
        Long since = absentSince.get(saleId);
        if (since == null) {
            return false;
        }
        if (nanoTime.getAsLong() - since < ABSENT_NANOS) {
            return true;
        }
        absentSince.remove(saleId, since);
        return false;
    }
}
