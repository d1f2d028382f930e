package dev.holdfast.ledger;

import dev.holdfast.reservation.Cursor;

/**
 * How far PostgreSQL has a lane's ledger.
 *
 * @param at the last entry that is committed
 * @param life of the database, which counts how often it was found to be older than it was
 */
public record LaneCursor(Cursor at, long life) {

    /** Of the last entry that is committed; 0 where none is. */
    public long seq() {
        return at.seq();
    }
}
