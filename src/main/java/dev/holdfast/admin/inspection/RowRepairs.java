package dev.holdfast.admin.inspection;

import dev.holdfast.admin.inspection.HoldLook.Sides;
import dev.holdfast.admin.inspection.LedgerLook.Said;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mends rows of reservations in PostgreSQL. The ledger says what a row must be where it is whole. Where it was deleted or changed, Redis
 * says it, if it agrees with the row or is the only one left; else a person decides whom to believe. What was concluded so is written down
 * with the row, so that no later inspection and no rebuild goes by the broken ledger.
 */
final class RowRepairs {

    private final Looks looks;
    private final LedgerStream stream;

    RowRepairs(Looks looks, LedgerStream stream) {
        this.looks = looks;
        this.stream = stream;
    }

    /** What Redis says of a reservation, by the entry of its stream where that is still there, else by the reservation itself. */
    private record InRedis(RestoredReservation reservation, LedgerPlace place, boolean isByItsEntry) {}

    private record Evidence(
            Said ledger,
            @Nullable RecordedHold row,
            @Nullable InRedis redis,
            boolean redisAgrees) {

        private boolean rowIsAsTheLedger() {
            return row != null && row.reservation().equals(ledger.last());
        }

        private boolean isCertain() {
            return ledger.last() != null
                    && ledger.doubt() == null
                    && (ledger.ownerIsKnown()
                            || row == null
                            || row.reservation().isOwnedAs(Objects.requireNonNull(ledger.last())));
        }
    }

    /** Mends the row of this reservation. */
    Future<Mending> repair(Lane lane, ReservationId id, @Nullable RepairSource from) {
        return evidence(lane, id).compose(found -> from == null ? byItself(lane, found) : by(lane, found, from));
    }

    private Future<Evidence> evidence(Lane lane, ReservationId id) {
        return looks.holds()
                .sides(lane, id)
                .compose(sides -> inRedis(lane, id, sides)
                        .compose(redis -> LedgerLook.of(lane, looks.book(), List.of(id))
                                .map(said -> new Evidence(
                                        Objects.requireNonNull(said.get(id)), sides.row(), redis, sides.agree()))));
    }

    private Future<@Nullable InRedis> inRedis(Lane lane, ReservationId id, Sides sides) {
        HoldValue hold = sides.redis();
        RecordedHold row = sides.row();
        long rowSeq = row == null || row.place().epoch() != lane.epoch()
                ? 0
                : row.place().seq();
        long seq = hold != null && hold.seq() > 0 ? hold.seq() : rowSeq;
        InRedis itself =
                hold == null ? null : new InRedis(hold.reservation(), new LedgerPlace(lane.epoch(), hold.seq()), false);
        if (seq == 0 || seq > sides.recordedSeq()) {
            return Future.succeededFuture(itself);
        }
        return stream.read(lane, seq - 1, 1)
                .map(entries -> !entries.isEmpty()
                                && entries.getFirst() instanceof Transition transition
                                && transition.seq() == seq
                                && transition.id().equals(id)
                        ? new InRedis(transition.after(), new LedgerPlace(lane.epoch(), seq), true)
                        : itself);
    }

    private Future<Mending> byItself(Lane lane, Evidence found) {
        RecordedHold row = found.row();
        InRedis redis = found.redis();
        RestoredReservation ledger = found.ledger().last();
        if (found.isCertain() && ledger != null) {
            return found.redisAgrees() && !found.rowIsAsTheLedger()
                    ? Future.succeededFuture(Mending.not(
                            "Redis and the row in PostgreSQL say the same of it, and the ledger says something else: somebody changed the"
                                    + " ledger, or both of them. The row is left as it is. " + choices(found)))
                    : byLedger(lane, found, ledger);
        }
        if (redis != null
                && row != null
                && (found.redisAgrees() || redis.reservation().equals(row.reservation()))) {
            return accept(
                    lane, row.place(), row.reservation(), false, "The row stays as it is: Redis says the same", found);
        }
        boolean isRedisSure = redis != null
                && (row == null
                        || (redis.isByItsEntry()
                                && redis.reservation().revision()
                                        >= row.reservation().revision()));
        if (redis != null && isRedisSure && !contradictsOwner(redis.reservation(), found)) {
            return accept(lane, redis.place(), redis.reservation(), true, "The row is as Redis has it", found);
        }
        return Future.succeededFuture(Mending.not(doubt(found) + choices(found)));
    }

    private Future<Mending> by(Lane lane, Evidence found, RepairSource from) {
        RecordedHold row = found.row();
        InRedis redis = found.redis();
        RestoredReservation ledger = found.ledger().last();
        boolean ledgerSaysNo = found.isCertain() && !found.redisAgrees();
        return switch (from) {
            case LEDGER ->
                ledger == null
                        ? Future.succeededFuture(
                                Mending.not("The ledger has no entry of it that can be believed. " + choices(found)))
                        : byLedger(lane, found, ledger);
            case REDIS ->
                redis == null || ledgerSaysNo || contradictsOwner(redis.reservation(), found)
                        ? Future.succeededFuture(Mending.not(
                                redis == null
                                        ? "Redis does not have it. " + choices(found)
                                        : "The ledger or the row names another customer than Redis, or the ledger is whole and says what it"
                                                + " is. " + choices(found)))
                        : accept(lane, redis.place(), redis.reservation(), true, "The row is as Redis has it", found);
            case ROW ->
                found.isCertain() && found.rowIsAsTheLedger()
                        ? Future.succeededFuture(Mending.done("The row is as the ledger has it."))
                        : byRow(lane, found, row, ledgerSaysNo);
        };
    }

    private Future<Mending> byRow(Lane lane, Evidence found, @Nullable RecordedHold row, boolean ledgerSaysNo) {
        return row == null || (ledgerSaysNo && !found.rowIsAsTheLedger())
                ? Future.succeededFuture(Mending.not(
                        row == null
                                ? "PostgreSQL has no row of it. " + choices(found)
                                : "The ledger is whole and says otherwise than the row. " + choices(found)))
                : accept(lane, row.place(), row.reservation(), false, "The row stays as it is", found);
    }

    /** Whose it is never changes: what PostgreSQL knows of that counts. */
    private static boolean contradictsOwner(RestoredReservation redis, Evidence found) {
        RestoredReservation ledger = found.ledger().last();
        if (found.ledger().ownerIsKnown() && ledger != null) {
            return !redis.isOwnedAs(ledger);
        }
        RecordedHold row = found.row();
        return row != null && !redis.isOwnedAs(row.reservation());
    }

    private Future<Mending> byLedger(Lane lane, Evidence found, RestoredReservation ledger) {
        RecordedHold row = found.row();
        boolean wrong = row != null && !row.reservation().equals(ledger);
        return looks.book()
                .rewrite(lane, Objects.requireNonNull(found.ledger().place()), ledger, wrong || row == null)
                .map(Mending.done("The row is as the ledger has it: " + ReservationTexts.told(ledger) + '.'));
    }

    private Future<Mending> accept(
            Lane lane, LedgerPlace place, RestoredReservation reservation, boolean wrong, String what, Evidence found) {
        String doubt = found.ledger().doubt();
        String told = what + " (" + ReservationTexts.told(reservation) + " for customer " + reservation.customerId()
                + "), because " + (doubt == null ? "somebody decided so and the ledger says something else" : doubt)
                + '.';
        return looks.book().accept(lane, place, reservation, wrong).map(Mending.done(told));
    }

    private static String doubt(Evidence found) {
        String doubt = found.ledger().doubt();
        if (doubt != null) {
            return "Nothing is sure about it: " + doubt + ". ";
        }
        return found.ledger().last() == null
                ? "The ledger is whole and never had it. "
                : "The beginning of it has left the ledger, and the row and the ledger name different customers or requests. ";
    }

    /** What each side says, and the bodies of the calls that take it. */
    private static String choices(Evidence found) {
        List<String> choices = new ArrayList<>();
        RecordedHold row = found.row();
        InRedis redis = found.redis();
        RestoredReservation ledger = found.ledger().last();
        if (row != null) {
            choices.add(choice(RepairSource.ROW, "the row", row.reservation()));
        }
        if (redis != null) {
            choices.add(choice(RepairSource.REDIS, "Redis", redis.reservation()));
        }
        if (ledger != null) {
            choices.add(choice(RepairSource.LEDGER, "the ledger's last entry that can be believed", ledger));
        }
        return choices.isEmpty()
                ? "Nothing is left of it but this incident: resolve it when you have looked at it."
                : "Restore the row or the batches of ledger_batches from a backup, or decide whom to believe: repair this incident with "
                        + String.join(", or with ", choices) + '.';
    }

    private static String choice(RepairSource from, String who, RestoredReservation says) {
        return "\"from\":\"" + from.word() + "\" (" + who + " says " + ReservationTexts.told(says) + " for customer "
                + says.customerId() + ")";
    }
}
