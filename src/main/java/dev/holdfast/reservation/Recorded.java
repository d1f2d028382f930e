package dev.holdfast.reservation;

/**
 * What a lane in Redis is told of PostgreSQL's cursor.
 *
 * @param seq last one that is committed
 * @param keepFrom the first entry that Redis is to keep; at most {@code seq} counts, so that the entry at the cursor stays
 * @param life of the database that committed it: a later one may be behind an earlier one
 */
public record Recorded(long seq, long keepFrom, long life) {}
