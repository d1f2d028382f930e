package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Whether what Redis and PostgreSQL have at the end is what the ledger adds up to. */
final class FinalStateCheck {

    /** Ended reservations stay readable a day: contract, Idempotency-Key. */
    private static final long RETENTION_MS = 24 * 3600 * 1000L;

    private final LedgerReplay replay;
    private final Violations violations;

    FinalStateCheck(LedgerReplay replay, Violations violations) {
        this.replay = replay;
        this.violations = violations;
    }

    /** Nothing may be held any more. */
    void checkNothingHeld() {
        replay.counts()
                .forEach((sku, counts) ->
                        violations.addUnless(counts.held() == 0, "units leaked into holds", sku, counts));
    }

    void checkLane(LaneState lane) {
        Map<String, Counts> stock = new TreeMap<>();
        for (String sku : replay.skus()) {
            stock.put(sku, countsOf(lane.stock(), sku));
        }
        violations.addUnless(
                stock.equals(replay.counts()), "Redis's stock is not the ledger's", stock, replay.counts());
        Map<String, Long> buyers = new TreeMap<>();
        lane.buyers().forEach((field, units) -> buyers.put(field, Long.parseLong(units)));
        violations.addUnless(
                buyers.equals(replay.buyers()),
                "Redis's buyers are not the ledger's",
                differing(buyers, replay.buyers()));
        checkHolds(lane);
    }

    /** @param stream what Redis still has of the ledger */
    void checkBooks(BooksState books, NavigableMap<Long, String> stream) {
        stream.tailMap(1L)
                .forEach((seq, text) -> violations.addUnless(
                        text.equals(books.ledger().get(seq)),
                        "recorded otherwise than it was",
                        seq,
                        text,
                        books.ledger().get(seq)));
        violations.addUnless(
                books.stock().equals(replay.counts()),
                "PostgreSQL's stock is not the ledger's",
                books.stock(),
                replay.counts());
        violations.addUnless(
                books.recordedSeq() == replay.lastSeq(), "not all is recorded", books.recordedSeq(), replay.lastSeq());
        violations.addUnless(
                books.reservations().keySet().equals(replay.reservationIds()),
                "PostgreSQL has other reservations than the ledger",
                onlyInOne(books.reservations().keySet(), replay.reservationIds()));
        books.reservations().forEach((id, row) -> {
            List<Change> changes = replay.reservation(id);
            violations.addUnless(
                    !changes.isEmpty() && row.equals(rowOf(changes.getLast())),
                    "PostgreSQL's reservation is not the ledger's",
                    id,
                    row,
                    changes);
        });
    }

    private void checkHolds(LaneState lane) {
        long nowMs = replay.clockAt(replay.lastSeq());
        for (String id : replay.reservationIds()) {
            Change last = replay.reservation(id).getLast();
            String packed = lane.holds().get(id);
            if (packed == null) {
                boolean forgotten = last.ends() && nowMs >= last.endedAtMs() + RETENTION_MS;
                violations.addUnless(forgotten, "Redis forgot a reservation", last);
            } else {
                violations.addUnless(packed.equals(packedOf(last)), "Redis's hold is not the ledger's", packed, last);
                checkDue(lane, last);
            }
        }
        Set<String> strays = new HashSet<>(lane.holds().keySet());
        strays.addAll(lane.due().keySet());
        strays.removeAll(replay.reservationIds());
        violations.addUnless(strays.isEmpty(), "holds that the ledger does not know", strays);
    }

    private void checkDue(LaneState lane, Change last) {
        Double due = lane.due().get(last.id());
        // Past its retention an unrecorded end is kept a little longer, so it may be later than that.
        boolean right = due != null
                && (last.ends() ? due >= last.endedAtMs() + RETENTION_MS : due == (double) last.expiresAtMs());
        violations.addUnless(right, "due at a wrong time", due, last);
    }

    private static Counts countsOf(Map<String, String> stock, String sku) {
        return new Counts(
                number(stock, sku + "|capacity"),
                number(stock, sku + "|available"),
                number(stock, sku + "|held"),
                number(stock, sku + "|sold"));
    }

    private static long number(Map<String, String> fields, String field) {
        return Long.parseLong(fields.getOrDefault(field, "-1"));
    }

    private static String packedOf(Change last) {
        return last.state().substring(0, 1).toUpperCase(Locale.ROOT)
                + ' '
                + last.revision()
                + ' '
                + last.seq()
                + ' '
                + (last.ends() ? last.endedAtMs() - last.heldAtMs() : 0)
                + ' '
                + last.heldAtMs()
                + ' '
                + (last.expiresAtMs() - last.heldAtMs())
                + ' '
                + last.fingerprint()
                + ' '
                + last.customer()
                + ' '
                + last.lines();
    }

    private static BooksState.Row rowOf(Change last) {
        return new BooksState.Row(
                last.state(), last.customer(), last.lines(), last.heldAtMs(), last.expiresAtMs(), last.endedAtMs());
    }

    private static Set<String> differing(Map<String, ?> ours, Map<String, ?> theirs) {
        Set<String> keys = new TreeSet<>(ours.keySet());
        keys.addAll(theirs.keySet());
        keys.removeIf(key -> Objects.equals(ours.get(key), theirs.get(key)));
        return keys;
    }

    private static Set<String> onlyInOne(Set<String> ours, Set<String> theirs) {
        Set<String> keys = new TreeSet<>(ours);
        keys.addAll(theirs);
        keys.removeIf(key -> ours.contains(key) && theirs.contains(key));
        return keys;
    }
}
