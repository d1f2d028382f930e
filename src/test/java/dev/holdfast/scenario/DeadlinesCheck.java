package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import dev.holdfast.scenario.LedgerLine.SaleSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Whether no hold ended before its time by the clock of the test, whatever Redis's clock did. Where an admin pushed the clock of a rehearsal
 * on, that time has passed, too.
 */
final class DeadlinesCheck {

    /** Clocks count whole milliseconds, and two clocks do not run at quite the same rate. */
    private static final long TOLERANCE_MS = 20;

    private final LedgerReplay replay;
    private final RealTime realTime;
    private final Violations violations;
    private final Map<String, Long> firstAsked = new HashMap<>();

    DeadlinesCheck(LedgerReplay replay, RealTime realTime, Violations violations) {
        this.replay = replay;
        this.realTime = realTime;
        this.violations = violations;
    }

    void check(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.ask() instanceof Ask.Hold && operation.answer() instanceof Answer.Lost lost) {
                firstAsked.merge(lost.told().shown().id(), operation.startNanos(), Math::min);
            }
        }
        for (String id : replay.reservationIds()) {
            Change held = replay.reservation(id).getFirst();
            Change last = replay.reservation(id).getLast();
            long since = heldSince(held);
            long until = realTime.latest(last.seq());
            if (last.op().equals("expired") && since != Long.MIN_VALUE && until != Long.MAX_VALUE) {
                long passedMs = TimeUnit.NANOSECONDS.toMillis(until - since) + pushedMs(held, last) + TOLERANCE_MS;
                violations.addUnless(
                        passedMs >= last.expiresAtMs() - last.heldAtMs(),
                        "ended early by the clock of the test",
                        passedMs,
                        last);
            }
        }
    }

    /** A moment at which it was not held yet; Long.MIN_VALUE where none is known, as of a hold that was put back and told to nobody. */
    private long heldSince(Change held) {
        return held.concluded() ? firstAsked.getOrDefault(held.id(), Long.MIN_VALUE) : realTime.earliest(held.seq());
    }

    /** A hold that was put back may be as old as the sale. */
    private long pushedMs(Change from, Change to) {
        SaleSet before = replay.saleAt(from.concluded() ? 1 : from.seq());
        SaleSet after = replay.saleAt(to.seq());
        return before == null || after == null ? 0 : after.offsetMs() - before.offsetMs();
    }
}
