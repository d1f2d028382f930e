package dev.holdfast.scenario;

/**
 * One request of one client.
 *
 * @param startNanos before it was sent, by System.nanoTime
 * @param endNanos after its outcome was known, or given up on
 */
record Operation(int client, int node, Ask ask, Answer answer, long startNanos, long endNanos) {

    /** The same with another answer. */
    Operation answered(Answer other) {
        return new Operation(client, node, ask, other, startNanos, endNanos);
    }

    /** Whether the caller was told that PostgreSQL has it. */
    boolean isToldAsRecorded() {
        return answer instanceof Answer.Done done && done.shown().recorded();
    }

    /** Whether it may have taken effect. */
    boolean possible() {
        return !(answer instanceof Answer.Refused);
    }
}
