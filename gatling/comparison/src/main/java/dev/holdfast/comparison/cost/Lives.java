package dev.holdfast.comparison.cost;

import dev.holdfast.comparison.check.Verdict;

/**
 * Reservations that were held and then confirmed under one load.
 *
 * @param holdMicros script time for each hold that was accepted
 * @param confirmMicros script time for each reservation that was confirmed
 * @param callsPerHold script calls for each hold that was accepted: below 1 where one call takes many
 * @param callsPerConfirm the same for each reservation that was confirmed
 */
public record Lives(
        double holdsPerSecond,
        double holdMicros,
        double confirmMicros,
        double callsPerHold,
        double callsPerConfirm,
        Verdict verdict) {

    /** Script time of one life. */
    public double micros() {
        return holdMicros + confirmMicros;
    }
}
