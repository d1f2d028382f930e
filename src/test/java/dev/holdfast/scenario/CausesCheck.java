package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether every entry of the ledger was asked for: by an operation that was acknowledged, or one of unknown outcome, and by
 * each at most once. So what was refused left nothing behind.
 */
final class CausesCheck {

    private final LedgerReplay replay;
    private final RealTime realTime;
    private final Violations violations;
    private final Map<String, List<Operation>> verbs = new HashMap<>();

    CausesCheck(LedgerReplay replay, RealTime realTime, Violations violations) {
        this.replay = replay;
        this.realTime = realTime;
        this.violations = violations;
    }

    void check(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.possible() && operation.ask() instanceof Ask.OnReservation verb) {
                verbs.computeIfAbsent(verb.id(), id -> new ArrayList<>()).add(operation);
            }
        }
        for (String id : replay.reservationIds()) {
            checkReservation(replay.reservation(id), verbs.getOrDefault(id, List.of()));
        }
    }

    private void checkReservation(List<Change> changes, List<Operation> asked) {
        int extended = 0;
        int replaced = 0;
        for (Change change : changes) {
            switch (change.op()) {
                case "extended" -> extended += change.concluded() ? 0 : 1;
                case "replaced" -> replaced += change.concluded() ? 0 : 1;
                default -> {}
            }
            if (!change.op().equals("held") && !change.op().equals("expired")) {
                checkCause(change, asked);
            }
        }
        checkOnce(changes.getFirst(), extended, Ask.Extend.class, asked);
        checkOnce(changes.getFirst(), replaced, Ask.Replace.class, asked);
    }

    private void checkCause(Change change, List<Operation> asked) {
        long firstAsked = asked.stream()
                .filter(operation -> canCause(operation.ask(), change))
                .mapToLong(Operation::startNanos)
                .min()
                .orElse(Long.MAX_VALUE);
        if (firstAsked == Long.MAX_VALUE) {
            violations.add("nobody can have caused it", change);
        } else {
            realTime.notBefore(change.seq(), firstAsked);
        }
    }

    private boolean canCause(Ask ask, Change change) {
        return switch (ask) {
            case Ask.Confirm confirm -> change.op().equals("confirmed");
            case Ask.Release release -> change.op().equals("released");
            case Ask.Replace replace ->
                (change.op().equals("replaced") && replace.lines().equals(change.lines())) || goesOn(change);
            case Ask.Extend extend ->
                change.op().equals("extended") && (change.concluded() || extendsTo(extend, change));
            case Ask.Hold hold -> false;
            case Ask.Find find -> false;
        };
    }

    /** By one entry a rebuild brings a hold to the revision that it had after any number of extensions and replacements. */
    private static boolean goesOn(Change change) {
        return change.concluded() && change.op().equals("extended");
    }

    private boolean extendsTo(Ask.Extend ask, Change change) {
        LedgerLine.SaleSet policy = replay.saleAt(change.seq());
        long cap = policy == null ? Long.MAX_VALUE : change.heldAtMs() + policy.maxHoldMs();
        return change.expiresAtMs() == Math.min(change.atMs() + ask.holdSeconds() * 1000L, cap);
    }

    private void checkOnce(Change reservation, int effects, Class<? extends Ask> verb, List<Operation> asked) {
        long possible = asked.stream()
                .filter(operation -> verb.isInstance(operation.ask()))
                .count();
        violations.addUnless(
                effects <= possible, "took effect more often than asked", effects, "of", possible, "on", reservation);
    }
}
