package dev.holdfast.ledger;

import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerEntry.Unreadable;
import dev.holdfast.reservation.ReservationId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction records of one lane.
 *
 * @param after the cursor that it moves
 * @param entries what follows the cursor, at least one
 * @param recorder whose lease it goes by
 */
public record Batch(Lane lane, long after, List<LedgerEntry> entries, String recorder) {

    private record Event(ReservationId id, long revision, Kind kind) {}

    /** Where the cursor goes. */
    public long last() {
        return entries.getLast().seq();
    }

    /** The cursor as it is after the batch. */
    Cursor end() {
        return Cursor.at(entries.getLast());
    }

    /** What goes into the ledger; an event that comes twice is one event. */
    List<LedgerEntry> readable() {
        List<LedgerEntry> readable = new ArrayList<>(entries.size());
        Set<Event> seen = HashSet.newHashSet(entries.size());
        for (LedgerEntry entry : entries) {
            boolean again = entry instanceof Transition event
                    && !seen.add(new Event(event.id(), event.revision(), event.kind()));
            if (!again && !(entry instanceof Unreadable)) {
                readable.add(entry);
            }
        }
        return readable;
    }

    /** What goes to the dead letters. */
    List<Unreadable> unreadable() {
        return entries.stream()
                .filter(Unreadable.class::isInstance)
                .map(Unreadable.class::cast)
                .toList();
    }

    Batch firstHalf() {
        return new Batch(lane, after, entries.subList(0, entries.size() / 2), recorder);
    }

    Batch secondHalf() {
        return new Batch(lane, firstHalf().last(), entries.subList(entries.size() / 2, entries.size()), recorder);
    }

    /** For one that has a single entry. */
    Batch asDeadLetter(Throwable problem) {
        LedgerEntry entry = entries.getFirst();
        Unreadable letter = new Unreadable(entry.seq(), entry.text(), PgErrors.told(problem), entry);
        return new Batch(lane, after, List.of(letter), recorder);
    }

    /** What of it may be recorded now: the lane stops at a dead letter without which the books differ from Redis. */
    Batch upToLetter() {
        for (int i = 0; i < entries.size() - 1; i++) {
            if (stops(entries.get(i))) {
                return new Batch(lane, after, entries.subList(0, i + 1), recorder);
            }
        }
        return this;
    }

    /** The dead letter at its end at which the lane stops; null where there is none. */
    @Nullable
    Unreadable stopsAt() {
        return entries.getLast() instanceof Unreadable letter && stops(letter) ? letter : null;
    }

    private static boolean stops(LedgerEntry entry) {
        return entry instanceof Unreadable letter && letter.leavesTheBooksBehind();
    }
}
