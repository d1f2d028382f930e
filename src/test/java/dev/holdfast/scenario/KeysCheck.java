package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Whether each idempotency key had at most one effect, and every reservation came from one key or one request without a key. */
final class KeysCheck {

    private final LedgerReplay replay;
    private final RealTime realTime;
    private final Violations violations;
    /** Requests of one key; a request without one stands alone. */
    private final Map<String, List<Operation>> requests = new HashMap<>();

    private final Map<String, String> keyOfReservation = new HashMap<>();
    /** Keys by the customer and lines of a hold of unknown outcome, where no answer tells their reservation. */
    private final Map<String, Set<String>> openKeys = new HashMap<>();

    KeysCheck(LedgerReplay replay, RealTime realTime, Violations violations) {
        this.replay = replay;
        this.realTime = realTime;
        this.violations = violations;
    }

    void check(List<Operation> operations) {
        int keyless = 0;
        for (Operation operation : operations) {
            if (operation.ask() instanceof Ask.Hold hold) {
                String key = hold.key() == null ? "without key " + keyless++ : hold.customer() + " key " + hold.key();
                requests.computeIfAbsent(key, name -> new ArrayList<>()).add(operation);
            }
        }
        requests.forEach(this::checkKey);
        attributeTheRest();
    }

    private void checkKey(String key, List<Operation> asked) {
        Set<String> reservations = new HashSet<>();
        for (Operation operation : asked) {
            if (operation.answer() instanceof Answer.Done done) {
                reservations.add(done.shown().id());
            }
            // One that was not put back is gone: its key is free again.
            if (operation.answer() instanceof Answer.Lost lost && isThere(lost)) {
                reservations.add(lost.told().shown().id());
            }
        }
        violations.addUnless(reservations.size() <= 1, "one key, several reservations", key, reservations);
        for (String id : reservations) {
            String other = keyOfReservation.put(id, key);
            violations.addUnless(other == null, "one reservation, several keys", id, key, other);
            asked.stream()
                    .filter(Operation::possible)
                    .mapToLong(Operation::startNanos)
                    .min()
                    .ifPresent(nanos -> boundHold(id, nanos));
        }
        if (reservations.isEmpty()) {
            asked.stream()
                    .filter(operation -> operation.answer() instanceof Answer.Unknown)
                    .forEach(operation -> open(key, (Ask.Hold) operation.ask()));
        }
        asked.stream().filter(KeysCheck::isReuse).forEach(operation -> checkReuse(operation, asked));
    }

    private boolean isThere(Answer.Lost lost) {
        return !replay.reservation(lost.told().shown().id()).isEmpty();
    }

    private void boundHold(String id, long nanos) {
        List<Change> changes = replay.reservation(id);
        if (!changes.isEmpty()) {
            realTime.notBefore(changes.getFirst().seq(), nanos);
        }
    }

    private static boolean isReuse(Operation operation) {
        return operation.answer() instanceof Answer.Refused refused
                && refused.code().equals("idempotency-key-reused");
    }

    /** Only another body that took effect, or may have, can take a key. */
    private void checkReuse(Operation refused, List<Operation> asked) {
        Ask.Hold mine = (Ask.Hold) refused.ask();
        boolean taken = asked.stream()
                .filter(Operation::possible)
                .anyMatch(operation -> !((Ask.Hold) operation.ask()).sameBody(mine));
        violations.addUnless(taken, "told of a key's reuse that never was", refused);
    }

    /** Reservations that nobody was told of come from requests of unknown outcome: from each key one at most. */
    private void attributeTheRest() {
        Map<String, String> reservationOfKey = new HashMap<>();
        for (String id : replay.reservationIds()) {
            if (!keyOfReservation.containsKey(id)) {
                Change held = replay.reservation(id).getFirst();
                Set<String> candidates = candidates(held);
                boundByCandidates(held, candidates);
                violations.addUnless(
                        assign(id, reservationOfKey, new HashSet<>()), "a hold that nobody can have caused", held);
            }
        }
    }

    private void boundByCandidates(Change held, Set<String> candidates) {
        candidates.stream()
                .flatMap(key -> requests.get(key).stream())
                .filter(Operation::possible)
                .mapToLong(Operation::startNanos)
                .min()
                .ifPresent(nanos -> realTime.notBefore(held.seq(), nanos));
    }

    /** Bipartite matching by augmenting paths: reservations to keys. */
    private boolean assign(String id, Map<String, String> reservationOfKey, Set<String> visited) {
        for (String key : candidates(replay.reservation(id).getFirst())) {
            if (visited.add(key)) {
                String rival = reservationOfKey.get(key);
                if (rival == null || assign(rival, reservationOfKey, visited)) {
                    reservationOfKey.put(key, id);
                    return true;
                }
            }
        }
        return false;
    }

    private void open(String key, Ask.Hold hold) {
        String wish = hold.customer() + ' ' + hold.lines();
        openKeys.computeIfAbsent(wish, name -> new TreeSet<>()).add(key);
    }

    private Set<String> candidates(Change held) {
        return openKeys.getOrDefault(held.customer() + ' ' + held.lines(), Set.of());
    }
}
