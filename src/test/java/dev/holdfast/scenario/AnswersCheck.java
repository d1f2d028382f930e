package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether everything that was acknowledged is in the ledger, as it was acknowledged and in the order of the clients' clocks. */
final class AnswersCheck {

    private final LedgerReplay replay;
    private final RealTime realTime;
    private final RealTime changesTime;
    private final Violations violations;
    private final Set<String> created = new HashSet<>();
    private final List<Reading> readings = new ArrayList<>();

    AnswersCheck(LedgerReplay replay, RealTime realTime, Violations violations) {
        this.replay = replay;
        this.realTime = realTime;
        this.changesTime = new RealTime(replay.lastSeq());
        this.violations = violations;
    }

    /** First pass: what each answer shows, and so by when its entry was there. */
    void read(List<Operation> operations) {
        for (Operation operation : operations) {
            switch (operation.answer()) {
                case Answer.Done done -> readDone(operation, done);
                case Answer.Refused refused -> readRefused(operation, refused);
                case Answer.Unknown unknown -> {}
                // LossCheck knows what must have become of it.
                case Answer.Lost lost -> {}
            }
        }
    }

    /** What is known from answers to changes that give units back: a node that answers one refuses nothing any more by what was so before it. */
    RealTime changesTime() {
        return changesTime;
    }

    /** Second pass, when all bounds are known: no answer shows a state that was surely over when it was asked for. */
    void checkFreshness() {
        for (Reading reading : readings) {
            Change next = reading.next();
            if (next != null
                    && realTime.surelyBefore(next.seq(), reading.operation().startNanos())) {
                violations.add("answer older than one that was given before", reading.operation(), "but already", next);
            }
        }
    }

    /** Places of transitions that were told to be recorded, by the moment at which the answer was there. */
    NavigableMap<Long, Long> toldAsRecorded() {
        NavigableMap<Long, Long> claims = new TreeMap<>();
        for (Reading reading : readings) {
            if (reading.operation().answer() instanceof Answer.Done done
                    && done.shown().recorded()) {
                claims.merge(reading.operation().endNanos(), reading.first().seq(), Math::max);
            }
        }
        return claims;
    }

    private void readDone(Operation operation, Answer.Done done) {
        Answer.Shown shown = done.shown();
        List<Change> changes = replay.reservation(shown.id());
        if (changes.isEmpty()) {
            violations.add("acknowledged but not in the ledger", operation);
            return;
        }
        Reading reading = Reading.of(operation, shown, changes);
        if (reading == null) {
            violations.add("answer shows what never was", operation, "ledger", changes);
            return;
        }
        boolean expiredByReading =
                operation.ask() instanceof Ask.Find && shown.state().equals("expired") && changes.size() > 1;
        // A hold that is due is read as expired before anyone has written that.
        Change surely = expiredByReading ? changes.get(changes.size() - 2) : reading.first();
        realTime.notAfter(surely.seq(), operation.endNanos());
        if (operation.ask() instanceof Ask.Release || operation.ask() instanceof Ask.Replace) {
            changesTime.notAfter(surely.seq(), operation.endNanos());
        }
        readings.add(reading);
        violations.addUnless(
                !shown.state().equals("held") || shown.expiresInMs() > 0, "shown as held past its deadline", operation);
        checkVerb(operation, done, changes);
    }

    private void checkVerb(Operation operation, Answer.Done done, List<Change> changes) {
        Answer.Shown shown = done.shown();
        String state = shown.state();
        boolean right = switch (operation.ask()) {
            case Ask.Hold hold -> isHoldOf(hold, changes.getFirst()) && isFirstIfNew(done, changes.getFirst());
            case Ask.Confirm confirm -> state.equals("confirmed");
            case Ask.Release release -> state.equals("released");
            case Ask.Extend extend -> state.equals("held");
            case Ask.Replace replace -> state.equals("held") && shown.lines().equals(replace.lines());
            case Ask.Find find -> true;
        };
        violations.addUnless(
                right, "acknowledged something else than was asked", operation, "ledger", changes.getFirst());
        if (operation.ask() instanceof Ask.OnReservation verb) {
            violations.addUnless(verb.id().equals(shown.id()), "answer for another reservation", operation);
        }
    }

    private boolean isHoldOf(Ask.Hold ask, Change held) {
        // A rebuild makes the hold as it was when it was lost; whether that was told so, LossCheck knows.
        return held.customer().equals(ask.customer()) && (held.concluded() || isAsAsked(ask, held));
    }

    private boolean isAsAsked(Ask.Hold ask, Change held) {
        return held.lines().equals(ask.lines()) && held.expiresAtMs() - held.heldAtMs() == holdMs(ask, held);
    }

    private long holdMs(Ask.Hold ask, Change held) {
        LedgerLine.SaleSet policy = replay.saleAt(held.seq());
        Integer seconds = ask.holdSeconds();
        return seconds != null ? seconds * 1000L : policy == null ? 0 : policy.holdMs();
    }

    private boolean isFirstIfNew(Answer.Done done, Change held) {
        return done.replayed()
                || (!held.concluded()
                        && created.add(held.id())
                        && done.shown().state().equals("held")
                        && done.shown().expiresAtMs() == held.expiresAtMs());
    }

    private void readRefused(Operation operation, Answer.Refused refused) {
        if (!(operation.ask() instanceof Ask.OnReservation verb)) {
            return;
        }
        List<Change> changes = replay.reservation(verb.id());
        switch (refused.code()) {
            case "reservation-expired", "reservation-released", "reservation-confirmed" -> {
                String state = refused.code().substring("reservation-".length());
                if (changes.isEmpty() || !changes.getLast().state().equals(state)) {
                    violations.add("told of an end that never was", operation, "ledger", changes);
                } else {
                    realTime.notAfter(changes.getLast().seq(), operation.endNanos());
                }
            }
            case "reservation-not-found" ->
                violations.addUnless(changes.isEmpty(), "told that a reservation is not there", operation);
            default -> {}
        }
    }

    /**
     * The transitions after which the reservation was as shown.
     *
     * @param next the first transition after which it was not any more; null if that never came
     */
    private record Reading(
            Operation operation, Change first, @Nullable Change next) {

        static @Nullable Reading of(Operation operation, Answer.Shown shown, List<Change> changes) {
            Change first = null;
            Change next = null;
            for (Change change : changes) {
                if (isAfter(shown, change)) {
                    first = first == null ? change : first;
                    next = null;
                } else if (first != null && next == null) {
                    next = change;
                }
            }
            return first == null ? null : new Reading(operation, first, next);
        }

        private static boolean isAfter(Answer.Shown shown, Change change) {
            return shown.state().equals(change.state())
                    && shown.lines().equals(change.lines())
                    && shown.customer().equals(change.customer())
                    && shown.heldAtMs() == change.heldAtMs()
                    && shown.expiresAtMs() == change.expiresAtMs();
        }
    }
}
