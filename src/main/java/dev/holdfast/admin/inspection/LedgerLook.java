package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger in PostgreSQL says of reservations, and how far it can be believed: a batch that does not follow from the one before it
 * says nothing, whether or not somebody has looked at that break, and behind a break or a gap nobody knows which entry was the last. Reads
 * the whole ledger of the lane, once for all reservations that are asked for. Lives on one event loop.
 */
final class LedgerLook {

    /** Up to some thousand entries. */
    private static final int BATCHES = 20;

    private static final Duration EVER = Duration.ofDays(36_500);

    private final Lane lane;
    private final Map<ReservationId, Saying> sayings = new HashMap<>();
    private final LedgerWalk walk;
    private @Nullable LedgerPlace end;

    private LedgerLook(Lane lane, InspectionBook book, Collection<ReservationId> ids) {
        this.lane = lane;
        this.walk = new LedgerWalk(lane, book, EVER);
        ids.forEach(id -> sayings.put(id, new Saying()));
    }

    /**
     * Of one reservation.
     *
     * @param last its last transition that can be believed, as its reservation is after it; null where there is none
     * @param place of that; null where there is none
     * @param ownerIsKnown whether its beginning can be believed, which says whose it is: a later entry has the customer that Redis had by
     *     then
     * @param doubt what is wrong with the ledger from there on, for people; null where it is whole, so that nothing else can have come after
     */
    record Said(
            @Nullable RestoredReservation last,
            @Nullable LedgerPlace place,
            boolean ownerIsKnown,
            @Nullable String doubt) {

        /** Whether the ledger is whole and has nothing of it. */
        boolean isUnknown() {
            return last == null && doubt == null;
        }

        /** Whether it says that the row has the right owner; false where it does not know. */
        boolean ownsAs(RestoredReservation row) {
            return ownerIsKnown && last != null && last.isOwnedAs(row);
        }
    }

    /** What it says of each of these. Fails as PostgreSQL does. */
    static Future<Map<ReservationId, Said>> of(Lane lane, InspectionBook book, Collection<ReservationId> ids) {
        return ids.isEmpty() ? Future.succeededFuture(Map.of()) : new LedgerLook(lane, book, ids).run();
    }

    private Future<Map<ReservationId, Said>> run() {
        return AsyncLoop.whileTrue(() -> walk.next(BATCHES).map(stretch -> {
                    stretch.page().batches().forEach(batch -> take(stretch, batch));
                    if (stretch.page().isLast()) {
                        end(stretch);
                    }
                    return !stretch.page().isLast();
                }))
                .map(done -> {
                    Map<ReservationId, Said> said = new HashMap<>();
                    sayings.forEach((id, saying) -> said.put(id, saying.said()));
                    return said;
                });
    }

    private void take(LedgerWalk.Stretch stretch, LedgerPage.Batch batch) {
        LedgerPlace before = end;
        LedgerPlace first = batch.place();
        if (!batch.isBesideTheChain()) {
            if (before != null && before.epoch() == first.epoch() && before.seq() + 1 < first.seq()) {
                doubt("the ledger in PostgreSQL lacks its entries after " + before + " up to " + first);
            }
            end = batch.last();
        }
        if (!stretch.isSound(batch)) {
            doubt("the ledger in PostgreSQL does not go on unbroken at " + first
                    + ": that batch was changed, or one before it was changed or deleted");
            return;
        }
        for (LedgerEntry entry : batch.entries()) {
            if (entry instanceof Transition transition) {
                Saying saying = sayings.get(transition.id());
                if (saying != null) {
                    saying.add(transition, new LedgerPlace(first.epoch(), transition.seq()));
                }
            }
        }
    }

    private void end(LedgerWalk.Stretch stretch) {
        LedgerPlace recorded = stretch.page().recorded();
        LedgerPlace last = end;
        boolean isShort = recorded.epoch() == lane.epoch()
                && recorded.seq() > 0
                && (last == null || last.epoch() < recorded.epoch() || last.seq() < recorded.seq());
        if (isShort || !stretch.broken().isEmpty()) {
            doubt("the ledger in PostgreSQL lacks batches at its end");
        }
    }

    private void doubt(String why) {
        sayings.values().forEach(saying -> saying.doubt = why);
    }

    private static final class Saying {

        private @Nullable RestoredReservation first;
        private @Nullable RestoredReservation last;
        private @Nullable LedgerPlace place;
        private boolean begins;
        private @Nullable String doubt;

        private void add(Transition transition, LedgerPlace at) {
            RestoredReservation before = last;
            if (first == null || transition.revision() < first.revision()) {
                first = transition.after();
                begins = transition.kind() == Kind.HELD || transition.kind() == Kind.RECLAIMED;
            }
            if (before == null || before.revision() <= transition.revision()) {
                last = transition.after();
                place = at;
                doubt = null;
            }
        }

        private Said said() {
            RestoredReservation whose = first;
            RestoredReservation what = last;
            return new Said(what == null || whose == null ? null : what.ownedAs(whose), place, begins, doubt);
        }
    }
}
