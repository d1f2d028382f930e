package dev.holdfast.scenario;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The reservations that clients fight over: few and recent, so that several verbs meet at one. Safe for all threads. */
final class KnownReservations {

    private final AtomicReferenceArray<@Nullable String> ids = new AtomicReferenceArray<>(48);

    void add(String id, SplittableRandom random) {
        ids.set(random.nextInt(ids.length()), id);
    }

    /** Any of them; null while there is none at the place looked at. */
    @Nullable
    String any(SplittableRandom random) {
        return ids.get(random.nextInt(ids.length()));
    }
}
