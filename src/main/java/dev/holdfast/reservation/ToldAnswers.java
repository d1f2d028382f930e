package dev.holdfast.reservation;

import java.util.ArrayDeque;
import java.util.Deque;
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
 * The answers that this node gave lately, so that it can say which of them are lost where Redis loses them: all that are not recorded yet, and for
 * some minutes those that are, because PostgreSQL may come back older, too. One for a node, safe for all its event loops.
 */
public final class ToldAnswers {

    /** Some 100 MB: a node that sells 10,000 a second keeps those of 20 seconds without PostgreSQL. */
    private static final int MOST = 200_000;

    /** Some 25 MB: of more than these nothing is kept that is recorded. */
    private static final int MOST_RECORDED = 50_000;

    /** As long as Redis keeps a recorded entry of the ledger, if not told otherwise. */
    private static final long KEEP_RECORDED_MS = 600_000;

    /** How exactly that time is kept: one number for each lane and this time. */
    private static final long BETWEEN_MARKS_MS = 10_000;

    private final ConcurrentMap<Lane, Queue<Reservation>> byLane = new ConcurrentHashMap<>();
    private final ConcurrentMap<Lane, Deque<Mark>> marks = new ConcurrentHashMap<>();
    private final AtomicLong size = new AtomicLong();
    private final int most;
    private final int mostRecorded;

    /** Nobody was told of anything yet. */
    public ToldAnswers() {
        this(MOST, MOST_RECORDED);
    }

    ToldAnswers(int most, int mostRecorded) {
        this.most = most;
        this.mostRecorded = mostRecorded;
    }

    /** Somebody is told of this state of a reservation. Nothing is kept that was recorded then, and the oldest leaves where there are too many. */
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

    /** Those of this lane that are of a later entry than this one. */
    public List<Reservation> after(Lane lane, long seq) {
        return of(lane).stream().filter(told -> told.mark().seq() > seq).toList();
    }

    /**
     * PostgreSQL has the lane's entries up to this one: what it has had for ten minutes leaves, and more of it where there are too many. Only the
     * oldest are looked at: an answer that was told a little out of order leaves when those before it do. To be called by one thread.
     *
     * @param nowMs by a clock that does not jump
     */
    public void recorded(Lane lane, long seq, long nowMs) {
        Queue<Reservation> queue = byLane.get(lane);
        if (queue == null) {
            return;
        }
        Deque<Mark> ofLane = marks.computeIfAbsent(lane, first -> new ArrayDeque<>());
        if (!ofLane.isEmpty() && seq < ofLane.getLast().seq) {
            // PostgreSQL is older than it was: it has lost what it had.
            ofLane.clear();
        }
        if (ofLane.isEmpty() || (ofLane.getLast().seq < seq && nowMs - ofLane.getLast().atMs >= BETWEEN_MARKS_MS)) {
            ofLane.addLast(new Mark(seq, nowMs));
        }
        while (!ofLane.isEmpty() && nowMs - ofLane.getFirst().atMs >= KEEP_RECORDED_MS) {
            remove(queue, ofLane.removeFirst().seq, false);
        }
        remove(queue, seq, true);
        if (queue.isEmpty()) {
            marks.remove(lane);
        }
    }

    private void remove(Queue<Reservation> queue, long seq, boolean onlyWhatIsTooMuch) {
        for (Reservation told = queue.peek();
                told != null && told.mark().seq() <= seq && (!onlyWhatIsTooMuch || size.get() > mostRecorded);
                told = queue.peek()) {
            if (queue.remove(told)) {
                size.decrementAndGet();
            }
        }
    }

    /** Nothing of this epoch of the lane is wanted any more. */
    public void forget(Lane lane) {
        marks.remove(lane);
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

    /** So far the lane was recorded at this time. */
    private record Mark(long seq, long atMs) {}
}
