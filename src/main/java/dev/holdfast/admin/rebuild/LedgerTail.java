package dev.holdfast.admin.rebuild;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Adjusted;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the ledger of a sealed lane still has and the books do not, by reservation. */
final class LedgerTail {

    private static final int AT_ONCE = 1_000;

    /** What is kept in memory: more than the stream keeps of what was recorded. What is beyond is concluded from the holds. */
    private static final int MOST = 200_000;

    private final Map<ReservationId, List<Transition>> transitions = new HashMap<>();
    private final Map<Long, String> adjustmentIds = new HashMap<>();
    private long afterSeq;
    private int read;

    private LedgerTail(long afterSeq) {
        this.afterSeq = afterSeq;
    }

    /** Reads what this life of the lane has after that place. */
    static Future<LedgerTail> read(LedgerStream stream, Lane life, long afterSeq) {
        LedgerTail tail = new LedgerTail(afterSeq);
        return AsyncLoop.whileTrue(() -> stream.read(life, tail.afterSeq, AT_ONCE)
                        .recover(failure -> failure instanceof StaleLane
                                ? Future.succeededFuture(List.of())
                                : Future.failedFuture(failure))
                        .map(tail::add))
                .map(tail);
    }

    /** What happened to the reservation, by revision. */
    List<Transition> of(ReservationId id) {
        return transitions.getOrDefault(id, List.of());
    }

    /** The id of the adjustment of this number. */
    Optional<String> adjustmentId(long number) {
        return Optional.ofNullable(adjustmentIds.get(number));
    }

    /** Whether there may be more. */
    private boolean add(List<LedgerEntry> entries) {
        for (LedgerEntry entry : entries) {
            if (entry instanceof Transition transition) {
                transitions
                        .computeIfAbsent(transition.id(), first -> new ArrayList<>(2))
                        .add(transition);
            } else if (entry instanceof Adjusted adjusted) {
                adjustmentIds.put(adjusted.number(), adjusted.id());
            }
            afterSeq = entry.seq();
        }
        read += entries.size();
        return !entries.isEmpty() && read < MOST;
    }
}
