package dev.holdfast.reservation;

/**
 * Where a lane's ledger in Redis stands.
 *
 * @param lastSeq of its last entry
 * @param recordedSeq how far PostgreSQL had it when it told last: it has as much at any later time, unless it is an older one now
 * @param life of the database that told it; 0 where none has
 */
public record LedgerPosition(long lastSeq, long recordedSeq, long life) {

    /** Whether a PostgreSQL that is there now is an older one than the one that told. */
    public boolean isAheadOf(long recordedNow, long lifeNow) {
        return recordedNow < recordedSeq && lifeNow <= life;
    }
}
