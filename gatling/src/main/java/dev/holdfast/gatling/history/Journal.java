package dev.holdfast.gatling.history;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Everything that the callers of one run were told about reservations, and its admins about adjustments. Safe for all threads. */
public final class Journal {

    /** A reservation and its end; no end where nobody asked for one, which leaves it to expiry. */
    public record Entry(Hold hold, Optional<End> end) {
        boolean ended(End.Kind kind) {
            return end.isPresent() && end.get().kind() == kind;
        }
    }

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final Map<String, String> reservationOfKey = new ConcurrentHashMap<>();
    private final AdjustmentJournal adjustments = new AdjustmentJournal();
    private final LongAdder heldTwice = new LongAdder();
    private final LongAdder endedTwice = new LongAdder();

    /** A hold was acknowledged, for the first time or again. The key is the caller's, unique for each thing wanted. */
    public void held(String key, Hold hold) {
        entries.putIfAbsent(hold.reservationId(), new Entry(hold, Optional.empty()));
        String first = reservationOfKey.putIfAbsent(key, hold.reservationId());
        if (first != null && !first.equals(hold.reservationId())) {
            heldTwice.increment();
        }
    }

    /** An end was acknowledged, for the first time or again, or is not known; the hold was acknowledged before. */
    public void ended(String reservationId, End end) {
        entries.computeIfPresent(
                reservationId, (id, entry) -> new Entry(entry.hold(), Optional.of(later(entry.end(), end))));
    }

    /** What is known replaces what is not; two different ends of one reservation are never right. */
    private End later(Optional<End> before, End now) {
        if (before.isEmpty() || before.get().kind() == End.Kind.UNKNOWN) {
            return now;
        }
        if (now.kind() != End.Kind.UNKNOWN && now.kind() != before.get().kind()) {
            endedTwice.increment();
        }
        return before.get();
    }

    /** What admins were told. */
    public AdjustmentJournal adjustments() {
        return adjustments;
    }

    /** The reservations so far; later changes show or not. */
    public Collection<Entry> entries() {
        return entries.values();
    }

    /** Those whose end was asked for but not answered. */
    public List<String> unanswered() {
        return entries.values().stream()
                .filter(entry -> entry.ended(End.Kind.UNKNOWN))
                .map(entry -> entry.hold().reservationId())
                .toList();
    }

    /** How often a key was answered with another reservation than before. */
    public long heldTwice() {
        return heldTwice.sum();
    }

    /** How often a reservation was said to have ended in two ways. */
    public long endedTwice() {
        return endedTwice.sum();
    }
}
