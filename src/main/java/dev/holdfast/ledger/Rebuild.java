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

    /**
     * A life of its own for what is concluded from Redis: its entries never stood there, and it is over before anybody sells. Neither Redis
     * nor PostgreSQL has seen its epoch before.
     */
    public Lane concluding() {
        return new Lane(to.saleId(), to.number(), to.epoch() - 1);
    }

    /** Stands as the lane's recorder meanwhile, so that nobody else moves its cursor. */
    String recorder() {
        return "rebuild " + to.epoch();
    }
}
