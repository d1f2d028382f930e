package dev.holdfast.ledger;

/**
 * How far PostgreSQL has a lane's ledger.
 *
 * @param seq last one that is committed
 * @param life of the database, which counts how often it was found to be older than it was
 */
public record LaneCursor(long seq, long life) {}
