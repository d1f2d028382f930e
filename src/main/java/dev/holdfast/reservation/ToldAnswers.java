package dev.holdfast.reservation;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The answers that this node gave and that are not recorded yet, so that it can say which of them are lost where Redis loses them. One for a
 * node, safe for all its event loops.
 */
public final class ToldAnswers {

    /** Some 100 MB: a node that sells 10,000 a second keeps those of 20 seconds without PostgreSQL. */
    private static final int MOST = 200_000;

    private final ConcurrentMap<Lane, Queue<Reservation>> byLane = new ConcurrentHashMap<>();
    private final AtomicLong size = new AtomicLong();
    private final int most;

    /** Nobody was told of anything yet. */
    public ToldAnswers() {
        this(MOST);
    }

    ToldAnswers(int most) {
        this.most = most;
    }

    /** Somebody is told of this state of a reservation. Nothing is kept of what is recorded, and the oldest leaves where there are too many. */
    public void add(Lane lane, Reservation told) {
        long seq = told.mark().seq();
        if (told.recorded() || seq == 0 || told.state() == ReservationState.EXPIRED) {
            return;
        }
        Queue<Reservation> queue = byLane.get(lane);
        if (queue == null) {
            queue = byLane.computeIfAbsent(lane, first -> new ConcurrentLinkedQueue<>());
        }
        queue.add(told);
        if (size.incrementAndGet() > most && queue.poll() != null) {
            size.decrementAndGet();
        }
    }

    /** Lanes of which there are any. */
    public Set<Lane> lanes() {
        return byLane.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** All of this lane, about in the order in which they were told. */
    public List<Reservation> of(Lane lane) {
        Queue<Reservation> queue = byLane.get(lane);
        return queue == null ? List.of() : List.copyOf(queue);
    }

    /**
     * PostgreSQL has the lane's entries up to this one. Only the oldest are looked at: an answer that was told a little out of order leaves
     * when those before it are recorded.
     */
    public void recorded(Lane lane, long seq) {
        Queue<Reservation> queue = byLane.get(lane);
        if (queue == null) {
            return;
        }
        for (Reservation told = queue.peek(); told != null && told.mark().seq() <= seq; told = queue.peek()) {
            if (queue.remove(told)) {
                size.decrementAndGet();
            }
        }
    }

    /** These answers about the lane are written down elsewhere. What was told meanwhile, by another event loop, is kept. */
    public void forget(Lane lane, List<Reservation> filed) {
        Queue<Reservation> queue = byLane.get(lane);
        if (queue != null) {
            Set<Reservation> gone = Collections.newSetFromMap(new IdentityHashMap<>());
            gone.addAll(filed);
            queue.removeIf(told -> gone.contains(told) && counted());
        }
    }

    /** Nothing of this epoch of the lane is wanted any more. */
    public void forget(Lane lane) {
        Queue<Reservation> queue = byLane.remove(lane);
        if (queue != null) {
            queue.removeIf(told -> counted());
        }
    }

    /** These sales are over for good. */
    public void forget(Set<SaleId> saleIds) {
        byLane.keySet().stream().filter(lane -> saleIds.contains(lane.saleId())).forEach(this::forget);
    }

    private boolean counted() {
        size.decrementAndGet();
        return true;
    }
}
