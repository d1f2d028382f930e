package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this node did to lanes since somebody last asked: so that whoever looks after the lanes need not look at those on which nothing
 * happened. It says that a lane may have changed, never that it has not. One for a node, used from all its event loops.
 */
public final class LaneNews {

    /**
     * One lane's.
     *
     * @param dueInMs so soon a hold of it may be due, at the earliest; null where nothing was said of that
     */
    public record Item(Lane lane, @Nullable Long dueInMs) {}

    /** For a lane of which no deadline was told: later than any. */
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final LongSupplier nanoTime;
    private final long startNanos;
    private final ConcurrentMap<Lane, Long> dueAt = new ConcurrentHashMap<>();
    private final AtomicBoolean announced = new AtomicBoolean();
    private volatile @Nullable Runnable listener;

    /** Keeps nothing while nobody listens. */
    public LaneNews() {
        this(System::nanoTime);
    }

    LaneNews(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        startNanos = nanoTime.getAsLong();
    }

    /** From now on this is called when there is something after there was nothing, on whatever thread it came from. */
    public void onNews(Runnable whenThereIsSome) {
        listener = whenThereIsSome;
    }

    /** All since the last call, each lane once. */
    public List<Item> take() {
        announced.set(false);
        List<Item> taken = new ArrayList<>();
        for (Lane lane : dueAt.keySet()) {
            Long due = dueAt.remove(lane);
            if (due != null) {
                taken.add(new Item(lane, due == NO_DEADLINE ? null : Math.max(0, (due - now()) / 1_000_000)));
            }
        }
        return taken;
    }

    /** Something was appended to the lane's ledger, or may have been. */
    void changed(Lane lane) {
        if (listener != null && !dueAt.containsKey(lane)) {
            dueAt.putIfAbsent(lane, NO_DEADLINE);
            announce();
        }
    }

    /** A hold of the lane is due in so many milliseconds; 0 where nobody knows when. */
    void dueIn(Lane lane, long ms) {
        if (listener == null) {
            return;
        }
        long due = now() + TimeUnit.MILLISECONDS.toNanos(ms);
        Long known = dueAt.get(lane);
        if (known == null || known > due) {
            dueAt.merge(lane, due, Math::min);
            announce();
        }
    }

    private long now() {
        return nanoTime.getAsLong() - startNanos;
    }

    private void announce() {
        Runnable told = listener;
        if (told != null && announced.compareAndSet(false, true)) {
            told.run();
        }
    }
}
