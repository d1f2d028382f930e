package dev.holdfast.scenario;

import dev.holdfast.scenario.Observation.NotAnswered;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Whether the service served: each answer that it could not serve has its cause in the fault log, and each verb succeeded often enough. */
final class LivenessCheck {

    /** Answers of a service that cannot serve; {@code not-sent} where there was no connection. */
    static final Set<String> UNAVAILABLE =
            Set.of("not-sent", "recovering", "redis-unavailable", "postgres-unavailable", "overloaded", "unknown");

    /** Of so many that were served, one has to be done, and not refused: by proportion, so that a slow machine makes no difference. */
    private static final int ONE_DONE_OF = 100;

    /** One step counts about so many; see StockFollower. */
    static final int SKUS_OF_A_STEP = 120;

    private final FaultLog faults;
    private final Violations violations;

    LivenessCheck(FaultLog faults, Violations violations) {
        this.faults = faults;
        this.violations = violations;
    }

    void check(Evidence evidence) {
        Map<String, long[]> verbs = new TreeMap<>();
        for (Operation operation : evidence.operations()) {
            checkCause(operation);
            if (!isServed(operation.answer())) {
                continue;
            }
            long[] askedAndDone =
                    verbs.computeIfAbsent(operation.ask().getClass().getSimpleName(), verb -> new long[2]);
            askedAndDone[0]++;
            askedAndDone[1] +=
                    operation.answer() instanceof Answer.Done || operation.answer() instanceof Answer.Lost ? 1 : 0;
        }
        verbs.forEach((verb, askedAndDone) -> violations.addUnless(
                askedAndDone[1] * ONE_DONE_OF >= askedAndDone[0],
                "a verb that hardly ever succeeds",
                verb,
                askedAndDone[1],
                "of",
                askedAndDone[0]));
        for (Observation observation : evidence.observations().single()) {
            if (observation instanceof NotAnswered none) {
                checkCause(none.code(), none.node(), none.startNanos(), none.endNanos(), none);
            }
        }
    }

    /** Whether the service did or refused what was asked; what it could not serve needs a cause instead. */
    private static boolean isServed(Answer answer) {
        return switch (answer) {
            case Answer.Done done -> true;
            case Answer.Lost lost -> true;
            case Answer.Refused refused -> !UNAVAILABLE.contains(refused.code());
            case Answer.Unknown unknown -> false;
        };
    }

    private void checkCause(Operation operation) {
        switch (operation.answer()) {
            case Answer.Done done -> {}
            case Answer.Lost lost -> {}
            case Answer.Refused refused -> {
                if (UNAVAILABLE.contains(refused.code())) {
                    checkCause(refused.code(), operation);
                }
            }
            case Answer.Unknown unknown -> {
                if (!unknown.isOfTheClient()) {
                    checkCause("unknown", operation);
                }
            }
        }
    }

    private void checkCause(String code, Operation operation) {
        checkCause(code, operation.node(), operation.startNanos(), operation.endNanos(), operation);
    }

    private void checkCause(String code, int node, long startNanos, long endNanos, Object evidence) {
        violations.addUnless(
                faults.explains(code, node, startNanos, endNanos), "not served without a cause", code, evidence);
    }
}
