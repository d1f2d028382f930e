package dev.holdfast.scenario;

import java.util.Map;
import java.util.NavigableMap;

/**
 * A lane in PostgreSQL at the end.
 *
 * @param epochs the lives of the lane, which are counted on as one
 * @param ledger text of each entry by its place
 * @param recordedSeq the cursor
 * @param lost what is known of answers that Redis lost
 */
record BooksState(
        Epochs epochs,
        NavigableMap<Long, String> ledger,
        long recordedSeq,
        Map<String, Counts> stock,
        Map<String, Row> reservations,
        LostBooks lost) {

    /** One reservation; times in ms since 1970, {@code endedAtMs} 0 while held. */
    record Row(String state, String customer, Lines lines, long heldAtMs, long expiresAtMs, long endedAtMs) {}
}
