package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import dev.holdfast.scenario.LedgerLine.SaleSet;
import org.jspecify.annotations.Nullable;

/** What one transition of a reservation may be, given the one before it. */
final class TransitionRules {

    private final Violations violations;

    TransitionRules(Violations violations) {
        this.violations = violations;
    }

    /** @param last the reservation's transition before; null for its first */
    void check(Change change, @Nullable Change last, @Nullable SaleSet policy) {
        if (policy == null) {
            violations.add("a reservation before its sale", change);
            return;
        }
        if (change.concluded()) {
            checkConcluded(change, last);
            return;
        }
        if (change.op().equals("held") || (change.op().equals("replaced") && grows(change))) {
            checkWindow(change, policy);
        }
        if (last == null) {
            checkFirst(change, policy);
        } else {
            checkNext(change, last, policy);
        }
    }

    private static boolean grows(Change change) {
        Lines previous = change.previous();
        return previous == null || change.lines().grownFrom(previous);
    }

    private void checkWindow(Change change, SaleSet policy) {
        boolean open = policy.state().equals("open")
                && change.atMs() >= policy.opensAtMs()
                && (policy.closesAtMs() == 0 || change.atMs() < policy.closesAtMs());
        violations.addUnless(open, "units taken while the sale was not open", change, policy);
    }

    private void checkFirst(Change change, SaleSet policy) {
        violations.addUnless(
                change.op().equals("held") && change.revision() == 1 && change.previous() == null,
                "a reservation that does not begin with its hold",
                change);
        violations.addUnless(change.atMs() == change.heldAtMs(), "held at another time than it says", change);
        long holdMs = change.expiresAtMs() - change.heldAtMs();
        violations.addUnless(holdMs > 0 && holdMs <= policy.maxHoldMs(), "a hold of a wrong length", holdMs, change);
    }

    private void checkNext(Change change, Change last, SaleSet policy) {
        violations.addUnless(!last.ends(), "something after its end", change, "after", last);
        violations.addUnless(change.revision() == last.revision() + 1, "revision out of order", change, "after", last);
        checkSame(change, last);
        violations.addUnless(goesOn(change, last), "lines that came from nowhere", change, "after", last);
        checkDeadline(change, last, policy);
    }

    /**
     * A rebuild repeats what happened before, in fewer steps: revisions may be left out, a hold is made with the lines that it had last, and
     * gets another end. It needs no open sale, because its units were given once.
     */
    private void checkConcluded(Change change, @Nullable Change last) {
        boolean held = change.op().equals("held");
        if (last == null) {
            violations.addUnless(held, "a reservation that does not begin with its hold", change);
            return;
        }
        violations.addUnless(!held || last.ends(), "held twice", change, "after", last);
        violations.addUnless(
                held ? !last.state().equals("confirmed") : !last.ends(),
                "something after its end",
                change,
                "after",
                last);
        violations.addUnless(change.revision() > last.revision(), "revision out of order", change, "after", last);
        checkSame(change, last);
        violations.addUnless(held || goesOn(change, last), "lines that came from nowhere", change, "after", last);
        violations.addUnless(
                !change.op().equals("expired") || change.atMs() >= last.expiresAtMs(),
                "expired before its deadline",
                change);
    }

    private static boolean goesOn(Change change, Change last) {
        return change.op().equals("replaced")
                ? last.lines().equals(change.previous())
                : last.lines().equals(change.lines());
    }

    private void checkSame(Change change, Change last) {
        violations.addUnless(
                change.heldAtMs() == last.heldAtMs()
                        && change.customer().equals(last.customer())
                        && change.fingerprint().equals(last.fingerprint()),
                "another reservation under the same id",
                change,
                "after",
                last);
    }

    private void checkDeadline(Change change, Change last, SaleSet policy) {
        boolean extended = change.op().equals("extended");
        violations.addUnless(
                extended || change.expiresAtMs() == last.expiresAtMs(), "deadline moved by another verb", change, last);
        // The same deadline where a receipt of a later revision counts the revision up.
        violations.addUnless(
                !extended || change.expiresAtMs() >= last.expiresAtMs(),
                "extended to an earlier deadline",
                change,
                last);
        violations.addUnless(
                !extended || change.expiresAtMs() <= change.heldAtMs() + policy.maxHoldMs(),
                "extended past the maximum",
                change,
                policy);
        switch (change.op()) {
            case "held" -> violations.add("held twice", change, "after", last);
            case "expired" ->
                violations.addUnless(change.atMs() >= last.expiresAtMs(), "expired before its deadline", change);
            default ->
                violations.addUnless(change.atMs() < last.expiresAtMs(), "changed at or after its deadline", change);
        }
    }
}
