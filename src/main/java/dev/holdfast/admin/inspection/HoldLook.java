package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Compares reservations in Redis with the books while they change. PostgreSQL is read before Redis and after it: what it had before must be
 * in Redis, and what Redis has up to the cursor must be in PostgreSQL after. A revision names one state of a reservation for ever, so two
 * readings of one revision must be equal whenever they were made.
 */
final class HoldLook {

    /** Redis remembers what has ended for a day at least; this is left out at its end, so that both clocks may differ. */
    static final Duration REMEMBERED = Duration.ofHours(24).minusMinutes(5);

    private static final long RETENTION_MS = Duration.ofHours(24).toMillis();

    private static final long EVER_MS = Duration.ofDays(4_000).toMillis();

    private static final String RETENTION = "retention_ms";

    private static final String ROW_FIRST =
            "Somebody changed that row or the ledger: repair its incident reservation-differs first, which comes with the next"
                    + " inspection, then this one.";

    /** How often, and how many times, to look whether the recorder has come to where Redis was read. */
    private static final int LOOK_AGAIN_MS = 50;

    private static final int LOOKS = 20;

    private final Vertx vertx;
    private final LaneScan scan;
    private final InspectionBook book;

    HoldLook(Vertx vertx, LaneScan scan, InspectionBook book) {
        this.vertx = vertx;
        this.scan = scan;
        this.book = book;
    }

    /**
     * A reservation on both sides.
     *
     * @param before in the books, before Redis was read; null where they did not have it
     * @param entry in Redis, under the reservation's key
     * @param after in the books after that; null where they did not have it
     * @param recordedSeq of the last entry that was in the books after that
     * @param seq of the lane's last entry when Redis was read
     */
    private record Both(
            ReservationId id,
            @Nullable RecordedHold before,
            LaneScan.Entry entry,
            @Nullable RecordedHold after,
            long recordedSeq,
            long seq,
            long nowMs) {

        /** Redis has nothing of it that anybody could read. */
        boolean isLost() {
            return found().isEmpty();
        }

        Both with(InspectionBook.Holds now) {
            return new Both(id, before, entry, now.byId().get(id), now.recordedSeq(), seq, nowMs);
        }

        /** Up to the cursor the books have no row of what Redis has. */
        boolean isGoneFromBooks() {
            return after == null
                    && found().filter(value -> value.reservation().id().equals(id) && value.seq() <= recordedSeq)
                            .isPresent();
        }

        /** What the same request was answered later, which Redis has under the same key; empty where it has nothing, or this one. */
        Optional<ReservationId> later() {
            return found().map(found -> found.reservation().id())
                    .filter(other -> !other.equals(id) && other.heldAtMs() > id.heldAtMs());
        }

        Optional<HoldValue> found() {
            String value = entry.value();
            return value == null ? Optional.empty() : HoldValue.parse(id.key(), value);
        }
    }

    /** What is wrong with these reservations, each with its whole id. */
    Future<List<Finding>> look(Lane lane, Collection<ReservationId> ids) {
        return ids.isEmpty()
                ? Future.succeededFuture(List.of())
                : both(lane, ids).compose(all -> {
                    List<Finding> findings = new ArrayList<>();
                    List<Both> gone = new ArrayList<>();
                    for (Both both : all) {
                        if (both.isGoneFromBooks()) {
                            gone.add(both);
                        } else {
                            judge(both).ifPresent(findings::add);
                        }
                    }
                    return gone.isEmpty()
                            ? Future.succeededFuture(findings)
                            : knownToLedger(lane, gone).map(known -> {
                                gone.forEach(both -> findings.add(goneFromBooks(both, known.get(both.id()))));
                                return findings;
                            });
                });
    }

    /**
     * Where the ledger has it, or may have had it, PostgreSQL lost its row; else nobody but Redis knows of it.
     *
     * @param ledger what is known of it there; null for nothing
     */
    private static Finding goneFromBooks(Both both, @Nullable String ledger) {
        RestoredReservation redis = both.found().orElseThrow().reservation();
        return ledger == null
                ? hold(both, "neither the books nor the ledger have it; Redis has it " + ReservationTexts.told(redis))
                : new Finding(
                        IncidentKind.RESERVATION_DIFFERS,
                        both.id().value(),
                        redis.cart().units(),
                        "its row is gone; " + ledger + "; Redis has it " + ReservationTexts.told(redis));
    }

    /**
     * What the ledger says of reservations that only Redis has; those that it never had are missing. What Redis got from a rebuild has no
     * place in the ledger, and what lost its batch has none either: then all of the ledger is read.
     */
    private Future<Map<ReservationId, String>> knownToLedger(Lane lane, List<Both> gone) {
        return inLedger(lane, gone).compose(entries -> {
            Map<ReservationId, String> known = new HashMap<>();
            List<ReservationId> notThere = new ArrayList<>();
            for (Both both : gone) {
                if (entries.get(both.id()) instanceof Transition transition
                        && transition.id().equals(both.id())) {
                    known.put(both.id(), "the ledger has it");
                } else {
                    notThere.add(both.id());
                }
            }
            return LedgerLook.of(lane, book, notThere).map(said -> {
                said.forEach((id, of) -> {
                    if (!of.isUnknown()) {
                        known.put(id, of.doubt() == null ? "the ledger has it" : of.doubt());
                    }
                });
                return known;
            });
        });
    }

    /** The entries in which Redis says that they came to be as they are, on whichever day that was. */
    private Future<Map<ReservationId, LedgerEntry>> inLedger(Lane lane, List<Both> all) {
        List<RecordedHold> holds = all.stream()
                .map(Both::found)
                .flatMap(Optional::stream)
                .map(found -> new RecordedHold(
                        found.reservation(), new LedgerPlace(lane.epoch(), found.seq()), System.currentTimeMillis()))
                .toList();
        return book.entries(lane, holds, EVER_MS);
    }

    /** Whether Redis's reservation needs no further look: it is what the books have, or newer than they are. */
    static boolean isPlain(LaneScan.Entry entry, HoldValue found, @Nullable RecordedHold recorded, long recordedSeq) {
        if (recorded == null
                || found.reservation().revision() > recorded.reservation().revision()) {
            return found.seq() > recordedSeq && isDueRight(entry.due(), found.reservation());
        }
        boolean inOrder = found.reservation().equals(recorded.reservation());
        return inOrder && isDueRight(entry.due(), found.reservation());
    }

    /**
     * Writes the reservation into Redis as the ledger has it. Answers whether it is there then; false where the books do not have it or
     * contradict the ledger, or where it changes all the while.
     */
    Future<Boolean> repair(Lane lane, ReservationId id, Duration ledgerKept) {
        return both(lane, List.of(id))
                .map(List::getFirst)
                .compose(both -> judge(both).isEmpty() ? Future.succeededFuture(true) : repair(lane, both, ledgerKept));
    }

    /**
     * As {@link #repair}, for a reservation of which Redis has nothing that can be read, or that is not due when it should be: then there
     * is nothing that could be lost by it. False for all others: a person has to decide.
     */
    Future<Boolean> putBack(Lane lane, ReservationId id, Duration ledgerKept) {
        return both(lane, List.of(id)).map(List::getFirst).compose(both -> {
            boolean isLost = both.isLost() && both.after() != null;
            boolean onlyDue = judge(both)
                    .map(finding -> finding.kind() == IncidentKind.DUE_DIFFERS)
                    .orElse(false);
            return isLost || onlyDue ? repair(lane, both, ledgerKept) : Future.succeededFuture(false);
        });
    }

    private Future<Boolean> repair(Lane lane, Both seen, Duration ledgerKept) {
        return recordedAsSeen(lane, seen, LOOKS)
                .compose(both -> both.isLost() && both.recordedSeq() < both.seq()
                        ? Future.succeededFuture(false)
                        : repairAsRecorded(lane, both, ledgerKept));
    }

    /**
     * Nothing says which the last transition of a lost reservation was but the ledger: the books must have all that it had when Redis was
     * read. While it is lost no script changes it.
     */
    private Future<Both> recordedAsSeen(Lane lane, Both both, int looksLeft) {
        return both.isLost() && both.recordedSeq() < both.seq() && looksLeft > 0
                ? vertx.timer(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)
                        .compose(waited -> book.holds(lane, List.of(both.id())))
                        .compose(now -> recordedAsSeen(lane, both.with(now), looksLeft - 1))
                : Future.succeededFuture(both);
    }

    private Future<Boolean> repairAsRecorded(Lane lane, Both both, Duration ledgerKept) {
        RecordedHold recorded = both.after();
        if (recorded == null) {
            return both.found().isPresent() || both.entry().value() != null
                    ? remove(lane, both)
                    : Future.succeededFuture(false);
        }
        if (both.later().isPresent()) {
            // Two of one request cannot both be there: a rebuild ends the older one.
            return Future.succeededFuture(false);
        }
        Optional<HoldValue> found = both.found();
        if (found.isPresent()
                && found.get().reservation().revision() > recorded.reservation().revision()
                && found.get().seq() > both.recordedSeq()) {
            // Its last transition is not in the books yet.
            return Future.succeededFuture(false);
        }
        return isBacked(lane, recorded, ledgerKept)
                .compose(backed -> backed
                        ? wanted(lane, recorded)
                                .compose(wanted -> scan.repair(
                                        lane,
                                        Part.HOLDS,
                                        List.of(new LaneScan.Repair(
                                                both.id().key(),
                                                both.entry().value(),
                                                wanted.packed(),
                                                dueMs(wanted)))))
                        : Future.succeededFuture(false));
    }

    /**
     * What Redis and the row say of a reservation.
     *
     * @param row null where it is gone, or no reservation
     * @param redis null where Redis has nothing of it that can be read
     * @param recordedSeq of the last entry that is in the row
     */
    record Sides(@Nullable RecordedHold row, @Nullable HoldValue redis, long recordedSeq) {

        /** Whether both say the same. */
        boolean agree() {
            return row != null && redis != null && redis.reservation().equals(row.reservation());
        }
    }

    /** Both sides of this reservation, as they are now. */
    Future<Sides> sides(Lane lane, ReservationId id) {
        return both(lane, List.of(id)).map(List::getFirst).map(both -> {
            HoldValue found = both.found()
                    .filter(value -> value.reservation().id().equals(id))
                    .orElse(null);
            return new Sides(both.after(), found, both.recordedSeq());
        });
    }

    /** Why {@link #repair} does not mend it, for people. */
    Future<String> whyNot(Lane lane, ReservationId id, Duration ledgerKept) {
        return both(lane, List.of(id)).map(List::getFirst).compose(both -> {
            RecordedHold recorded = both.after();
            if (recorded == null) {
                return Future.succeededFuture("PostgreSQL does not have this reservation, so nothing says how it was.");
            }
            Optional<ReservationId> later = both.later();
            if (later.isPresent()) {
                return Future.succeededFuture(
                        "While Redis had lost this reservation its request came again and was held as " + later.get()
                                + ". Ask for a rebuild of the sale: it ends the older of both, and its units are free.");
            }
            return isBacked(lane, recorded, ledgerKept)
                    .compose(backed -> backed
                            ? Future.succeededFuture(
                                    "The reservation changes all the while, or its last change is not recorded yet: try again.")
                            : contradiction(lane, recorded));
        });
    }

    private Future<String> contradiction(Lane lane, RecordedHold recorded) {
        return book.entries(lane, List.of(recorded), EVER_MS).map(entries -> {
            RestoredReservation row = recorded.reservation();
            if (!(entries.get(row.id()) instanceof Transition transition)
                    || !transition.id().equals(row.id())) {
                return "The ledger does not have the entry that the row of it in PostgreSQL names. " + ROW_FIRST;
            }
            RestoredReservation ledger = transition.after();
            return ledger.equals(row)
                    ? "The row of it in PostgreSQL and the ledger say the same, and that batch of the ledger was changed: nothing is"
                            + " written into Redis by it. Where the row is right, which is "
                            + ReservationTexts.told(row)
                            + " for customer " + row.customerId()
                            + ", repair this incident with \"from\":\"row\"; where Redis is, with"
                            + " \"from\":\"redis\"."
                    : "The row of it in PostgreSQL is " + ReservationTexts.told(row) + " for customer "
                            + row.customerId()
                            + ", and the ledger says " + ReservationTexts.told(ledger) + " for customer "
                            + ledger.customerId() + ". " + ROW_FIRST;
        });
    }

    private record Wanted(String packed, RestoredReservation reservation, long retentionMs) {}

    private static Long dueMs(Wanted wanted) {
        RestoredReservation reservation = wanted.reservation();
        return reservation.state() == ReservationState.HELD
                ? reservation.expiresAtMs()
                : Objects.requireNonNull(reservation.endedAtMs()) + wanted.retentionMs();
    }

    private Future<Wanted> wanted(Lane lane, RecordedHold recorded) {
        long seq = recorded.place().epoch() == lane.epoch() ? recorded.place().seq() : 0;
        return scan.show(lane, Part.SALE, List.of(RETENTION)).map(shown -> {
            String retention = shown.entries().getFirst().value();
            return new Wanted(
                    new HoldValue(recorded.reservation(), seq).packed(),
                    recorded.reservation(),
                    retention == null ? RETENTION_MS : Long.parseLong(retention));
        });
    }

    /** Only what nothing in the books has: neither a row nor an entry of a ledger that is whole. */
    private Future<Boolean> remove(Lane lane, Both both) {
        if (both.found().isPresent() && !both.isGoneFromBooks()) {
            return Future.succeededFuture(false);
        }
        return (both.found().isEmpty()
                        ? Future.succeededFuture(Map.<ReservationId, String>of())
                        : knownToLedger(lane, List.of(both)))
                .compose(known -> known.containsKey(both.id())
                        ? Future.succeededFuture(false)
                        : scan.repair(
                                lane,
                                Part.HOLDS,
                                List.of(new LaneScan.Repair(
                                        both.id().key(), both.entry().value(), null, null))));
    }

    /**
     * Redis must not get what somebody has written into PostgreSQL: the ledger must say the same, as long as it is kept, in a batch that
     * nobody has changed.
     */
    private Future<Boolean> isBacked(Lane lane, RecordedHold recorded, Duration ledgerKept) {
        RestoredReservation row = recorded.reservation();
        if (recorded.accepted()) {
            return Future.succeededFuture(true);
        }
        return book.entries(lane, List.of(recorded), Duration.ofDays(1).toMillis())
                .compose(entries -> {
                    LedgerEntry entry = entries.get(row.id());
                    if (entry == null) {
                        return Future.succeededFuture(isOlder(recorded, ledgerKept));
                    }
                    if (!(entry instanceof Transition transition)
                            || !transition.after().ownedAs(row).equals(row)) {
                        return Future.succeededFuture(false);
                    }
                    return book.isChained(lane, recorded.place())
                            .compose(chained -> chained && !transition.after().isOwnedAs(row)
                                    ? LedgerLook.of(lane, book, List.of(row.id()))
                                            .map(said -> Objects.requireNonNull(said.get(row.id()))
                                                    .ownsAs(row))
                                    : Future.succeededFuture(chained));
                });
    }

    private static boolean isOlder(RecordedHold recorded, Duration ledgerKept) {
        return System.currentTimeMillis() - recorded.recordedAtMs() > ledgerKept.toMillis();
    }

    private Future<List<Both>> both(Lane lane, Collection<ReservationId> ids) {
        List<Both> all = new ArrayList<>(ids.size());
        return Chunks.inTurn(
                        List.copyOf(ids),
                        LaneScan.MOST_HOLDS,
                        some -> some(lane, some).onSuccess(all::addAll).mapEmpty())
                .map(all);
    }

    private Future<List<Both>> some(Lane lane, List<ReservationId> ids) {
        List<ReservationId> all = List.copyOf(ids);
        return book.holds(lane, all)
                .compose(before -> scan.show(
                                lane,
                                Part.HOLDS,
                                all.stream().map(ReservationId::key).toList())
                        .compose(shown -> book.holds(lane, all).map(after -> {
                            List<Both> both = new ArrayList<>(all.size());
                            for (int i = 0; i < all.size(); i++) {
                                ReservationId id = all.get(i);
                                both.add(new Both(
                                        id,
                                        before.byId().get(id),
                                        shown.entries().get(i),
                                        after.byId().get(id),
                                        after.recordedSeq(),
                                        shown.seq(),
                                        shown.nowMs()));
                            }
                            return both;
                        })));
    }

    private static Optional<Finding> judge(Both both) {
        Optional<HoldValue> found = both.found();
        if (found.isEmpty() && both.entry().value() != null) {
            return Optional.of(
                    hold(both, "Redis cannot read it: " + both.entry().value()));
        }
        boolean isThisOne = found.isPresent()
                && found.get().reservation().heldAtMs() == both.id().heldAtMs();
        return isThisOne ? judge(both, found.get()) : judgeAbsent(both);
    }

    private static Optional<Finding> judgeAbsent(Both both) {
        RecordedHold before = both.before();
        RecordedHold after = both.after();
        if (before == null || after == null || isForgotten(after.reservation(), both.nowMs())) {
            return Optional.empty();
        }
        if (both.entry().value() != null && after.reservation().state() != ReservationState.HELD) {
            // Its key was used again, which may be after it has ended without units.
            return Optional.empty();
        }
        return Optional.of(
                hold(both, "Redis does not have it; the books have it " + ReservationTexts.told(after.reservation())));
    }

    private static Optional<Finding> judge(Both both, HoldValue found) {
        RestoredReservation redis = found.reservation();
        RecordedHold before = both.before();
        RecordedHold after = both.after();
        if (after == null) {
            return both.isGoneFromBooks()
                    ? Optional.of(hold(both, "the books do not have it; Redis has it " + ReservationTexts.told(redis)))
                    : Optional.empty();
        }
        for (RecordedHold recorded : before == null ? List.of(after) : List.of(before, after)) {
            RestoredReservation books = recorded.reservation();
            if (redis.revision() == books.revision()) {
                return redis.equals(books)
                        ? judgeDue(both, redis)
                        : Optional.of(hold(
                                both,
                                "Redis has it " + ReservationTexts.told(redis) + "; the books "
                                        + ReservationTexts.told(books)
                                        + ReservationTexts.apart(redis, "in Redis", books, "in the books")));
            }
        }
        boolean isOlder =
                before != null && redis.revision() < before.reservation().revision();
        boolean isAhead = redis.revision() > after.reservation().revision() && found.seq() <= both.recordedSeq();
        return isOlder || isAhead
                ? Optional.of(hold(
                        both,
                        "Redis has it " + ReservationTexts.told(redis) + "; the books "
                                + ReservationTexts.told(after.reservation())))
                : judgeDue(both, redis);
    }

    private static Optional<Finding> judgeDue(Both both, RestoredReservation redis) {
        Double due = both.entry().due();
        return isDueRight(due, redis)
                ? Optional.empty()
                : Optional.of(new Finding(
                        IncidentKind.DUE_DIFFERS,
                        both.id().value(),
                        redis.state() == ReservationState.HELD ? redis.cart().units() : 0,
                        "it is " + ReservationTexts.told(redis) + ", and due "
                                + (due == null ? "never" : "at " + ReservationTexts.at(due.longValue()))));
    }

    /** An ended one is looked at when its retention is over, which may have been changed since. */
    private static boolean isDueRight(@Nullable Double due, RestoredReservation reservation) {
        if (due == null) {
            return false;
        }
        Long endedAtMs = reservation.endedAtMs();
        return endedAtMs == null ? due == reservation.expiresAtMs() : due >= endedAtMs && !due.isInfinite();
    }

    private static boolean isForgotten(RestoredReservation reservation, long nowMs) {
        Long endedAtMs = reservation.endedAtMs();
        return endedAtMs != null && nowMs - endedAtMs > REMEMBERED.toMillis();
    }

    private static Finding hold(Both both, String detail) {
        RecordedHold recorded = both.after();
        Optional<HoldValue> found = both.found();
        RestoredReservation known = recorded != null
                ? recorded.reservation()
                : found.map(HoldValue::reservation).orElse(null);
        return new Finding(
                IncidentKind.HOLD_DIFFERS,
                both.id().value(),
                known == null ? 0 : known.cart().units(),
                detail);
    }
}
