package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;

/**
 * One attempt to write a lane anew. Of two at once the one with the higher epoch goes on.
 *
 * @param from the life of the lane that the books are about
 * @param to the life that it is to get
 * @param recordedSeq how far {@code from} is recorded
 */
public record Rebuild(Lane from, Lane to, long recordedSeq) {

    /** Stands as the lane's recorder meanwhile, so that nobody else moves its cursor. */
    String recorder() {
        return "rebuild " + to.epoch();
    }
}
