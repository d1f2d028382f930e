package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.ConclusionBook;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.redis.LedgerText;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.LedgerEntry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes what is concluded into the books, in a life of the lane that has nothing else in it: many entries at a time, each of which is folded
 * as if the recorder had read it. Lives on one event loop.
 */
public final class ConcludedEntries {

    /** Entries of one transaction, where they need not be together. */
    private static final int AT_ONCE = 1_000;

    /** Reservations that are named where all cannot be. */
    private static final int MOST_NAMED = 100;

    private final ConclusionBook book;
    private final Rebuild rebuild;
    private final Map<RebuildFinding.Kind, Long> found = new EnumMap<>(RebuildFinding.Kind.class);
    private final List<String> named = new ArrayList<>();
    private long written;

    /** Nothing is concluded yet. */
    public ConcludedEntries(ConclusionBook book, Rebuild rebuild) {
        this.book = book;
        this.rebuild = rebuild;
    }

    /** Writes them in their order. */
    Future<Void> write(List<String> texts) {
        return Chunks.inTurn(texts, AT_ONCE, this::writeTogether);
    }

    /** All or none: units may go from one of them to another. */
    Future<Void> writeTogether(List<String> texts) {
        if (texts.isEmpty()) {
            return Future.succeededFuture();
        }
        List<LedgerEntry> entries = new ArrayList<>(texts.size());
        for (String text : texts) {
            LedgerEntry entry = LedgerText.parse(written + entries.size() + 1, text);
            if (entry instanceof LedgerEntry.Unreadable unreadable) {
                return Future.failedFuture(new IllegalStateException(
                        "concluded what cannot be read: " + text + ": " + unreadable.problem()));
            }
            entries.add(entry);
        }
        return book.conclude(rebuild, written, entries).onSuccess(done -> written += entries.size());
    }

    /** Lists them. */
    Future<Void> list(List<RebuildFinding> findings) {
        for (RebuildFinding finding : findings) {
            found.merge(finding.kind(), 1L, Long::sum);
            if (finding.reservationId() != null && named.size() < MOST_NAMED) {
                named.add(finding.reservationId().value());
            }
        }
        return book.list(rebuild, findings);
    }

    /** Whether anything was written or listed. */
    public boolean any() {
        return written > 0 || !found.isEmpty();
    }

    /** What was concluded, for people. */
    String told() {
        String counts = found.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().word())
                .collect(Collectors.joining(", "));
        return "PostgreSQL was brought up to Redis by " + written + " entries (" + counts
                + "). Each is listed among the findings of the"
                + " rebuild"
                + (named.isEmpty()
                        ? "."
                        : "; reservations: " + String.join(", ", named)
                                + (reservations() > named.size() ? ", ..." : "."));
    }

    private long reservations() {
        return found.getOrDefault(RebuildFinding.Kind.RESERVATION_CONCLUDED, 0L)
                + found.getOrDefault(RebuildFinding.Kind.RESERVATION_CONFLICT, 0L)
                + found.getOrDefault(RebuildFinding.Kind.PURCHASE_CONCLUDED, 0L);
    }
}
