package dev.holdfast.reservation;

/**
 * Where a lane's ledger in Redis stands.
 *
 * @param lastSeq of its last entry
 * @param recordedSeq how far PostgreSQL had it when it told last: PostgreSQL had as much at any later time, unless it is an older one now
 */
public record LedgerPosition(long lastSeq, long recordedSeq) {}
