package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;

/** Finds every broken promise in what is left of a storm. It knows the contract and the ledger's text, nothing of the program. */
final class HistoryChecker {

    private HistoryChecker() {}

    /** The violations, where nothing may be refused but by Redis; all holds must have ended before the evidence was taken. */
    static Violations check(Evidence evidence) {
        return check(evidence, Duration.ZERO);
    }

    /** The violations, where a node may refuse by what Redis refused this long before. */
    static Violations check(Evidence evidence, Duration nearCache) {
        return check(evidence, nearCache, false);
    }

    /** The same, where all was asked of one node: it knows what it answered itself. */
    static Violations checkOfOneNode(Evidence evidence, Duration nearCache) {
        return check(evidence, nearCache, true);
    }

    private static Violations check(Evidence evidence, Duration nearCache, boolean ofOneNode) {
        Violations violations = new Violations();
        LedgerReplay replay = new LedgerReplay(evidence.skuLimits(), violations);
        Epochs epochs =
                evidence.books() == null ? new Epochs() : evidence.books().epochs();
        ConcludedLives concluded = ConcludedLives.in(ledger(evidence), epochs);
        ledger(evidence).forEach((seq, text) -> {
            try {
                LedgerLine line = LedgerLine.parse(seq, text);
                replay.add(line instanceof Change change && concluded.has(seq) ? change.byRebuild() : line);
            } catch (IllegalArgumentException e) {
                violations.add("unreadable entry", seq, text);
            }
        });

        List<Operation> operations = evidence.operations();
        RealTime realTime = new RealTime(replay.lastSeq());
        AnswersCheck answers = new AnswersCheck(replay, realTime, violations);
        answers.read(operations);
        new CausesCheck(replay, realTime, violations).check(operations);
        new KeysCheck(replay, realTime, violations).check(operations);
        AdjustmentsCheck adjustments = new AdjustmentsCheck(replay, violations);
        adjustments.bound(evidence.adjustments(), realTime);
        LossCheck losses = new LossCheck(replay, concluded, evidence, violations);
        losses.bound(realTime);
        ObservationsCheck observed = new ObservationsCheck(replay, realTime, epochs, violations);
        observed.bound(evidence.observations());
        realTime.settle();
        realTime.checkOrder(violations);
        new DeadlinesCheck(replay, realTime, violations).check(operations);
        losses.check();
        answers.checkFreshness();
        answers.changesTime().settle();
        RealTime known = ofOneNode ? answers.changesTime() : new RealTime(0).settled();
        new RefusalsCheck(replay, realTime, known, evidence.skuLimits(), nearCache, violations).check(operations);

        adjustments.check(evidence.adjustments());
        observed.check(evidence.observations());
        observed.checkRecorded(answers.toldAsRecorded(), evidence.observations());

        FinalStateCheck end = new FinalStateCheck(replay, violations);
        end.checkNothingHeld();
        end.checkLane(evidence.lane());
        if (evidence.books() != null) {
            end.checkBooks(evidence.books(), evidence.stream());
        }
        return violations;
    }

    private static NavigableMap<Long, String> ledger(Evidence evidence) {
        return evidence.books() == null ? evidence.stream() : evidence.books().ledger();
    }
}
