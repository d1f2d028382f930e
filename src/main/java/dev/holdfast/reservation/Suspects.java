package dev.holdfast.reservation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What calls met in Redis and could not make sense of, until somebody looks into it. One for a node, safe for all its event loops.
 * It is only a hint: whatever is dropped here is found by the next inspection. Only {@link LostDues} are not, because they are mended
 * already, and so they are never dropped.
 */
public final class Suspects {

    /** So many can be looked into in a few seconds. */
    private static final int MOST = 1_000;

    private final Set<Suspect> known = ConcurrentHashMap.newKeySet();

    /** What may be wrong with a lane. */
    public sealed interface Suspect {

        /** The lane that it was met in. */
        Lane lane();
    }

    /** A reservation, by the key under which Redis keeps it. */
    public record Hold(Lane lane, String key) implements Suspect {}

    /** A reservation, by its whole id. */
    public record Lost(Lane lane, ReservationId id) implements Suspect {}

    /** Some reservations, nobody knows which: `due` has more entries than there are reservations. */
    public record LostHolds(Lane lane) implements Suspect {}

    /**
     * Entries of `due` that were missing.
     *
     * @param mended so many were made again
     */
    public record LostDues(Lane lane, long mended) implements Suspect {}

    /** The sale's settings. */
    public record Settings(Lane lane) implements Suspect {}

    /** The rules of a SKU. */
    public record Rules(Lane lane, Sku sku) implements Suspect {}

    /** The counts of a SKU. */
    public record Counts(Lane lane, Sku sku) implements Suspect {}

    /** Nothing is suspected yet. */
    public Suspects() {}

    /** To be looked into, unless there is too much already. */
    public void add(Suspect suspect) {
        if (suspect instanceof LostDues || known.size() < MOST) {
            known.add(suspect);
        }
    }

    /** Hands over all that was met since this was called last. */
    @CanIgnoreReturnValue
    public List<Suspect> take() {
        List<Suspect> taken = new ArrayList<>(known);
        taken.forEach(known::remove);
        return taken;
    }
}
