package dev.holdfast.scenario;

import dev.holdfast.scenario.ConcludedLives.Life;
import dev.holdfast.scenario.LedgerLine.Change;
import dev.holdfast.scenario.LostBooks.Filed;
import dev.holdfast.scenario.LostBooks.Finding;
import dev.holdfast.scenario.LostBooks.Loss;
import dev.holdfast.scenario.Recovery.Rebuilt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether all that callers were told of before Redis lost it is in the books again after a rebuild, or is listed as lost; whether what could
 * have been put back was; and whether a hold that was put back has the end that it must have.
 */
final class LossCheck {

    /** Clocks of two processes of one machine, in whole milliseconds. */
    private static final long TOLERANCE_MS = 20;

    private final LedgerReplay replay;
    private final ConcludedLives concluded;
    private final Evidence evidence;
    private final Violations violations;
    private final LostBooks books;
    private final Map<String, Filed> filed = new HashMap<>();
    private final Set<String> extendedUnknown = new HashSet<>();
    private final Set<String> releasedUnknown = new HashSet<>();

    LossCheck(LedgerReplay replay, ConcludedLives concluded, Evidence evidence, Violations violations) {
        this.replay = replay;
        this.concluded = concluded;
        this.evidence = evidence;
        this.violations = violations;
        BooksState state = evidence.books();
        books = state == null ? LostBooks.NONE : state.lost();
        books.filed().forEach(one -> filed.put(one.id(), one));
    }

    /** First pass: what a rebuild wrote was not there before it was asked for, and was there when the lane sold again. */
    void bound(RealTime realTime) {
        for (Life life : concluded.lives()) {
            Rebuilt rebuilt = rebuiltFrom(life);
            if (rebuilt != null) {
                for (long place = life.first(); place <= life.last(); place++) {
                    realTime.notBefore(place, rebuilt.startNanos());
                    realTime.notAfter(place, rebuilt.endNanos());
                }
            }
        }
    }

    void check() {
        concluded.lives().forEach(this::checkLife);
        Map<String, List<Operation>> lost = new TreeMap<>();
        for (Operation operation : evidence.operations()) {
            if (operation.answer() instanceof Answer.Lost answer) {
                lost.computeIfAbsent(answer.told().shown().id(), id -> new ArrayList<>())
                        .add(operation);
            } else if (operation.answer() instanceof Answer.Unknown && operation.ask() instanceof Ask.Extend extend) {
                extendedUnknown.add(extend.id());
            } else if (operation.answer() instanceof Answer.Unknown && operation.ask() instanceof Ask.Release release) {
                releasedUnknown.add(release.id());
            }
        }
        lost.forEach(this::checkTold);
        books.losses().forEach(this::checkNumbers);
    }

    /** What a rebuild wrote is what it lists, and it writes nothing without a loss. */
    private void checkLife(Life life) {
        violations.addUnless(!evidence.recovery().losses().isEmpty(), "put back, though nothing was lost", life);
        Rebuilt rebuilt = rebuiltFrom(life);
        violations.addUnless(
                rebuilt == null || !rebuilt.discards() || rebuilt.epoch() != life.rebuiltEpoch(),
                "put back by a rebuild that was to put nothing back",
                life);
        Set<String> listed = new HashSet<>();
        Set<String> listedAsPutBack = new HashSet<>();
        for (Finding finding : books.findings()) {
            if (finding.epoch() == life.rebuiltEpoch() && !finding.kind().equals(LostBooks.ENDED)) {
                listed.add(finding.id());
                if (finding.kind().equals(LostBooks.PUT_BACK)) {
                    listedAsPutBack.add(finding.id());
                }
            }
        }
        for (String id : replay.reservationIds()) {
            boolean written = !in(life, id).isEmpty();
            violations.addUnless(!written || listed.contains(id), "put back and not listed", id, in(life, id));
            violations.addUnless(
                    written || !listedAsPutBack.contains(id),
                    "listed as put back, and was not",
                    id,
                    replay.reservation(id));
            listedAsPutBack.remove(id);
        }
        violations.addUnless(listedAsPutBack.isEmpty(), "listed as put back, and was not", listedAsPutBack);
    }

    private void checkTold(String id, List<Operation> told) {
        Rebuilt rebuilt = rebuiltAfter(told.getLast());
        if (rebuilt == null || rebuilt.discards()) {
            return;
        }
        Operation purchase = lastShown(told, "confirmed");
        Operation release = lastShown(told, "released");
        if (purchase != null) {
            checkEnd(id, purchase, rebuilt);
        } else if (release != null) {
            checkEnd(id, release, rebuilt);
        } else {
            Operation held = lastShown(told, "held");
            if (held != null) {
                checkHold(id, held, rebuilt);
            }
        }
    }

    /** A purchase, or a release: what has come to that end stays so. A release of what the books never had has nothing to give back. */
    private void checkEnd(String id, Operation operation, Rebuilt rebuilt) {
        Answer.Shown shown = shown(operation);
        List<Change> changes = replay.reservation(id);
        if (!changes.isEmpty() && changes.getLast().state().equals(shown.state())) {
            violations.addUnless(
                    isAs(shown, changes.getLast()), "put back otherwise than it was told", operation, changes);
        } else if (isListed(operation) && !(changes.isEmpty() && shown.state().equals("released"))) {
            requireReason(id, shown, rebuilt, operation);
        }
    }

    private void checkHold(String id, Operation operation, Rebuilt rebuilt) {
        Answer.Shown shown = shown(operation);
        List<Change> changes = replay.reservation(id);
        Change putBack = null;
        for (Life life : concluded.lives()) {
            List<Change> written = in(life, id);
            putBack = written.isEmpty() ? putBack : written.getLast();
            if (!written.isEmpty() && written.getLast().state().equals("held")) {
                checkDeadline(shown, written, life, operation);
            }
        }
        boolean wentOn = !changes.isEmpty() && changes.getLast().seq() > openedAt(rebuilt);
        boolean survived =
                changes.stream().anyMatch(change -> isAs(shown, change) && change.expiresAtMs() == shown.expiresAtMs());
        boolean over = shown.expiresAtMs() <= replay.clockAt(openedAt(rebuilt)) + TOLERANCE_MS;
        if (putBack == null && !survived && !wentOn && !over && isListed(operation) && !isReleased(id)) {
            requireReason(id, shown, rebuilt, operation);
        }
    }

    /** A node told so, though the answer was lost on its way: of what the books never had there is nothing to give back. */
    private boolean isReleased(String id) {
        Filed one = filed.get(id);
        return releasedUnknown.contains(id)
                && one != null
                && one.state().equals("released")
                && replay.reservation(id).isEmpty();
    }

    /**
     * It ends as it was told, and no earlier than the books had it; where the books did not have it, not later than its units are to wait for
     * the receipt.
     */
    private void checkDeadline(Answer.Shown shown, List<Change> written, Life life, Operation operation) {
        Change putBack = written.getLast();
        long before = replay.reservation(putBack.id()).stream()
                .filter(change -> change.seq() < life.first() && !change.ends())
                .mapToLong(Change::expiresAtMs)
                .max()
                .orElse(Long.MIN_VALUE);
        long waitsFrom = replay.clockAt(life.first() - 1) + books.reclaimMs();
        long waitsTo = replay.clockAt(openedAt(life.rebuiltEpoch())) + books.reclaimMs() + TOLERANCE_MS;
        Filed one = filed.get(putBack.id());
        // Which of several answers was put back is not known where a node filed its own too late.
        boolean wasHeld = isHeldBefore(life.first(), putBack.id());
        boolean keepsIts = wasHeld && one != null && one.inTime();
        // An extension whose answer was lost on its way may have been told by the node all the same.
        long told = extendedUnknown.contains(putBack.id()) ? Long.MAX_VALUE : shown.expiresAtMs();
        violations.addUnless(
                putBack.expiresAtMs() <= Math.max(before, wasHeld ? told : Math.min(told, waitsTo)),
                "put back for too long",
                operation,
                written,
                waitsTo);
        violations.addUnless(
                putBack.expiresAtMs()
                        >= Math.max(before, keepsIts ? shown.expiresAtMs() : Math.min(shown.expiresAtMs(), waitsFrom)),
                "put back for too short a time",
                operation,
                written,
                waitsFrom);
    }

    private boolean isHeldBefore(long place, String id) {
        Change last = null;
        for (Change change : replay.reservation(id)) {
            last = change.seq() < place ? change : last;
        }
        return last != null && last.state().equals("held");
    }

    /** False, and a violation, where nobody could find out that it is lost. */
    private boolean isListed(Operation operation) {
        String id = shown(operation).id();
        Filed one = filed.get(id);
        boolean listed = (one != null && one.isLost()) || books.isFound(LostBooks.ENDED, id);
        violations.addUnless(
                listed,
                "acknowledged, and after a loss neither in the books nor listed",
                operation,
                one,
                "ledger",
                replay.reservation(id));
        return listed;
    }

    /** What is listed and was not put back was filed too late for the rebuild, or its units were somebody else's. */
    private void requireReason(String id, Answer.Shown shown, Rebuilt rebuilt, Operation operation) {
        Filed one = filed.get(id);
        if (!books.isFound(LostBooks.ENDED, id)) {
            violations.addUnless(
                    one == null || !one.inTime(), "neither put back nor listed as ended", operation, "but", one);
            return;
        }
        long to = openedAt(rebuilt);
        long from = concluded.lives().stream()
                .filter(life -> life.rebuiltEpoch() == rebuilt.epoch())
                .mapToLong(life -> life.first() - 1)
                .findFirst()
                .orElse(to);
        boolean wasShort = false;
        for (long place = from; place <= to && !wasShort; place++) {
            wasShort = isShort(id, shown.lines(), place);
        }
        violations.addUnless(wasShort, "not put back, though its units were there", operation);
    }

    private boolean isShort(String id, Lines wanted, long place) {
        Change before = null;
        for (Change change : replay.reservation(id)) {
            before = change.seq() <= place ? change : before;
        }
        Lines own = before == null || before.ends() ? Lines.NONE : before.lines();
        return wanted.bySku().entrySet().stream().anyMatch(line -> {
            Counts counts = replay.stockAt(line.getKey(), place);
            return counts == null || counts.available() + own.of(line.getKey()) < line.getValue();
        });
    }

    /** What was lost is as much as what was put back, what could not be, and what is lost still. */
    private void checkNumbers(Loss loss) {
        List<Filed> ofEpoch = books.filed().stream()
                .filter(one -> one.epoch() == loss.epoch())
                .toList();
        boolean discarded = evidence.recovery().rebuilds().stream().anyMatch(Rebuilt::discards);
        if (discarded || !ofEpoch.stream().allMatch(Filed::inTime)) {
            // A discard leaves nothing to count, and whoever files after a rebuild counts only what is lost then.
            return;
        }
        long reservations = 0;
        long units = 0;
        for (Filed one : ofEpoch) {
            if (one.isLost()
                    || books.isFound(LostBooks.PUT_BACK, one.id())
                    || books.isFound(LostBooks.ENDED, one.id())) {
                reservations++;
                units += one.units();
            }
        }
        violations.addUnless(
                reservations == loss.reservations() && units == loss.units(),
                "what was put back and what was not is another number than was lost",
                reservations,
                units,
                loss);
    }

    private List<Change> in(Life life, String id) {
        return replay.reservation(id).stream()
                .filter(change -> life.first() <= change.seq() && change.seq() <= life.last())
                .toList();
    }

    /** The rebuild that ended what began with this life; null where the storm saw none. */
    private @Nullable Rebuilt rebuiltFrom(Life life) {
        return evidence.recovery().rebuilds().stream()
                .filter(rebuilt -> rebuilt.epoch() > life.epoch())
                .findFirst()
                .orElse(null);
    }

    private @Nullable Rebuilt rebuiltAfter(Operation operation) {
        Recovery recovery = evidence.recovery();
        return recovery.losses().stream()
                .filter(lost -> lost - operation.startNanos() > 0)
                .findFirst()
                .flatMap(lost -> recovery.rebuilds().stream()
                        .filter(rebuilt -> rebuilt.startNanos() - lost > 0)
                        .findFirst())
                .orElse(null);
    }

    private long openedAt(Rebuilt rebuilt) {
        return openedAt(rebuilt.epoch());
    }

    /** The place of the sale's settings with which the lane's new life begins, right after its mark. */
    private long openedAt(long epoch) {
        BooksState state = Objects.requireNonNull(evidence.books(), "a loss without books");
        return state.epochs().place(epoch, 2);
    }

    private static @Nullable Operation lastShown(List<Operation> told, String state) {
        Operation last = null;
        for (Operation operation : told) {
            Answer.Shown shown = shown(operation);
            if (shown.state().equals(state)
                    && (last == null || shown.expiresAtMs() >= shown(last).expiresAtMs())) {
                last = operation;
            }
        }
        return last;
    }

    private static boolean isAs(Answer.Shown shown, Change change) {
        return shown.state().equals(change.state())
                && shown.lines().equals(change.lines())
                && shown.customer().equals(change.customer())
                && shown.heldAtMs() == change.heldAtMs();
    }

    private static Answer.Shown shown(Operation operation) {
        if (operation.answer() instanceof Answer.Lost lost) {
            return lost.told().shown();
        }
        throw new IllegalArgumentException("not lost: " + operation);
    }
}
