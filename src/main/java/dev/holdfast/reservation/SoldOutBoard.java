package dev.holdfast.reservation;

import dev.holdfast.reservation.HoldOutcome.Refused;
import dev.holdfast.reservation.Refusal.OutOfStock;
import dev.holdfast.reservation.Refusal.Shortage;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Refuses what Redis refused a moment ago, without asking it again. What it says was true at some moment of the last
 * {@code keptFor}, and no unit of a hold that is due stays idle because of it. One for a node, safe for all its event loops.
 */
public final class SoldOutBoard {

    /** The longest that a note may be kept: less than the shortest hold, so that none both begins and is due meanwhile. */
    public static final Duration LONGEST = Duration.ofSeconds(1);

    /** Over all lanes, some 3 MB; 25 where each SKU has twenty others to show instead. */
    private static final int MOST_NOTES = 10_000;

    private final long keptNanos;
    private final ConcurrentMap<Lane, ConcurrentMap<Sku, Note>> lanes = new ConcurrentHashMap<>();
    private final AtomicInteger entries = new AtomicInteger();
    private final LongAdder refusals = new LongAdder();

    /** Throws IllegalArgumentException where the time is negative or over {@link #LONGEST}; zero for a board that stays empty. */
    public SoldOutBoard(Duration keptFor) {
        if (keptFor.isNegative() || keptFor.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a note is kept for 0 to " + LONGEST + ", not " + keptFor);
        }
        keptNanos = keptFor.toNanos();
    }

    /** Refuses the request, or asks and takes a note where that is refused. Carts of several lines always ask. */
    Future<HoldOutcome> answer(Lane lane, HoldRequest request, Supplier<Future<HoldOutcome>> ask) {
        if (keptNanos == 0 || request.cart().lines().size() > 1) {
            return ask.get();
        }
        Line line = request.cart().lines().getFirst();
        long nowNanos = System.nanoTime();
        ConcurrentMap<Sku, Note> notes = notesOf(lane);
        Note note = isFree(request) ? notes.get(line.sku()) : null;
        if (note != null && note.dooms(line, nowNanos)) {
            refusals.increment();
            return Future.succeededFuture(new Refused(note.refusalOf(line)));
        }
        // Counted from the question on, because the answer may be as old as that; and on the lane's notes of that
        // moment, which
        // nobody reads any more once they were wiped.
        return ask.get().onSuccess(outcome -> takeNote(notes, outcome, nowNanos));
    }

    /** Units may have come back to the lane: whoever asks after this asks Redis. */
    public void wipe(Lane lane) {
        ConcurrentMap<Sku, Note> notes = lanes.remove(lane);
        if (notes != null) {
            entries.addAndGet(-1 - notes.size());
        }
    }

    /** These sales are over for good. */
    public void forget(Set<SaleId> saleIds) {
        for (Lane lane : lanes.keySet()) {
            if (saleIds.contains(lane.saleId())) {
                wipe(lane);
            }
        }
    }

    /** How many requests it refused. */
    public long refusals() {
        return refusals.sum();
    }

    /** A retry must get its first answer, whatever is sold out since; and more time than the sale gives is another refusal. */
    private static boolean isFree(HoldRequest request) {
        return request.idempotencyKey() == null && request.holdSeconds() == null;
    }

    private ConcurrentMap<Sku, Note> notesOf(Lane lane) {
        ConcurrentMap<Sku, Note> notes = lanes.get(lane);
        return notes == null ? lanes.computeIfAbsent(lane, first -> newNotes()) : notes;
    }

    private ConcurrentMap<Sku, Note> newNotes() {
        countEntry();
        return new ConcurrentHashMap<>();
    }

    private void takeNote(ConcurrentMap<Sku, Note> notes, HoldOutcome outcome, long askedNanos) {
        if (outcome instanceof Refused refused && refused.refusal() instanceof OutOfStock outOfStock) {
            Note note = new Note(outOfStock, askedNanos + Math.min(keptNanos, nanosUntilDue(outOfStock)));
            if (notes.put(outOfStock.shortages().getFirst().sku(), note) == null) {
                countEntry();
            }
        }
    }

    /** Redis's clock counts whole milliseconds: the next hold may be due almost one earlier than it seems. */
    private static long nanosUntilDue(OutOfStock refusal) {
        Long retryAfterMs = refusal.retryAfterMs();
        return retryAfterMs == null ? Long.MAX_VALUE : (retryAfterMs - 1) * 1_000_000;
    }

    /**
     * Nothing on the board is worth more than some milliseconds, so that all of it may go when it gets too much. A note that was taken on
     * what had been wiped is counted and not there: before anything goes, it is counted anew.
     */
    private void countEntry() {
        if (entries.incrementAndGet() >= MOST_NOTES) {
            int there =
                    lanes.values().stream().mapToInt(notes -> 1 + notes.size()).sum();
            entries.set(there);
            if (there >= MOST_NOTES) {
                entries.set(0);
                lanes.clear();
            }
        }
    }

    private record Note(OutOfStock refusal, long untilNanos) {

        boolean dooms(Line line, long nowNanos) {
            return nowNanos - untilNanos < 0 && line.quantity() > shortage().available();
        }

        OutOfStock refusalOf(Line line) {
            Shortage noted = shortage();
            Shortage shortage = new Shortage(line.sku(), line.quantity(), noted.available(), noted.held());
            return new OutOfStock(List.of(shortage), refusal.alternatives(), refusal.retryAfterMs());
        }

        private Shortage shortage() {
            return refusal.shortages().getFirst();
        }
    }
}
