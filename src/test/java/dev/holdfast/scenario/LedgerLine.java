package dev.holdfast.scenario;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One entry of a lane's ledger, read from its text by the checker's own parser. */
sealed interface LedgerLine {

    /** Of a reservation's key in Redis. */
    int KEY_LENGTH = 22;

    /** Place in the epoch. */
    long seq();

    record Epoch(long seq) implements LedgerLine {}

    /** The lane was written anew from the books, with so many reservations. */
    record Rebuilt(long seq, long reservations) implements LedgerLine {}

    /** Somebody set something to what it must be. */
    record Repaired(long seq) implements LedgerLine {}

    record SaleSet(
            long seq,
            long atMs,
            String state,
            long opensAtMs,
            long closesAtMs,
            long holdMs,
            long maxHoldMs,
            long customerLimit,
            long offsetMs)
            implements LedgerLine {}

    record StockSet(long seq, long atMs, String sku, long capacity) implements LedgerLine {}

    /** A capacity was adjusted: {@code units} more of it are there, {@code morePending} more are to go as holds end. */
    record Adjustment(
            long seq,
            long atMs,
            String sku,
            long number,
            String id,
            long version,
            long units,
            long morePending,
            long pending)
            implements LedgerLine {}

    /** Capacity that was to go has gone. */
    record Shrinking(long seq, long atMs, String sku, long units) implements LedgerLine {}

    record Audit(long seq, long atMs, Map<String, Counts> counts) implements LedgerLine {}

    /**
     * A transition of a reservation: {@code op} is its word, {@code lines} are those after it.
     *
     * @param concluded whether a rebuild wrote it, for what had happened before
     */
    record Change(
            long seq,
            String op,
            String id,
            long heldAtMs,
            long revision,
            long atMs,
            long expiresAtMs,
            String fingerprint,
            String customer,
            Lines lines,
            @Nullable Lines previous,
            boolean concluded)
            implements LedgerLine {

        /** The same, written by a rebuild. */
        Change byRebuild() {
            return new Change(
                    seq, op, id, heldAtMs, revision, atMs, expiresAtMs, fingerprint, customer, lines, previous, true);
        }

        /** The reservation's state after it. */
        String state() {
            return switch (op) {
                case "extended", "replaced" -> "held";
                default -> op;
            };
        }

        boolean ends() {
            return !state().equals("held");
        }

        /** When it ended, ms since 1970; 0 while held. */
        long endedAtMs() {
            return switch (op) {
                case "confirmed", "released" -> atMs;
                case "expired" -> expiresAtMs;
                default -> 0;
            };
        }
    }

    /** Throws IllegalArgumentException where the text is no ledger entry. */
    static LedgerLine parse(long seq, String text) {
        String[] words = text.split(" ", -1);
        return switch (words[0]) {
            case "epoch" -> new Epoch(seq);
            case "repaired" -> new Repaired(seq);
            case "rebuilt" -> new Rebuilt(seq, number(words[2]));
            case "sale" -> sale(seq, words);
            case "stock" -> new StockSet(seq, number(words[1]), words[2], number(words[3]));
            case "adjusted" -> adjustment(seq, words);
            case "shrunk" -> new Shrinking(seq, number(words[1]), words[2], number(words[3]));
            case "audit" -> audit(seq, words);
            case "held", "extended", "replaced", "confirmed", "released", "expired" -> change(seq, text);
            default -> throw new IllegalArgumentException("no such entry: " + text);
        };
    }

    private static SaleSet sale(long seq, String[] words) {
        if (words.length != 10) {
            throw new IllegalArgumentException("sale entry of " + words.length + " words");
        }
        return new SaleSet(
                seq,
                number(words[1]),
                words[3],
                number(words[4]),
                number(words[5]),
                number(words[6]),
                number(words[7]),
                number(words[8]),
                number(words[9]));
    }

    private static Adjustment adjustment(long seq, String[] words) {
        if (words.length != 9) {
            throw new IllegalArgumentException("adjustment of " + words.length + " words");
        }
        return new Adjustment(
                seq,
                number(words[1]),
                words[2],
                number(words[3]),
                words[4],
                number(words[5]),
                number(words[6]),
                number(words[7]),
                number(words[8]));
    }

    private static Audit audit(long seq, String[] words) {
        Map<String, Counts> counts = new TreeMap<>();
        for (int i = 3; i < words.length; i += 6) {
            counts.put(
                    words[i],
                    new Counts(number(words[i + 1]), number(words[i + 2]), number(words[i + 3]), number(words[i + 4])));
        }
        return new Audit(seq, number(words[1]), counts);
    }

    private static Change change(long seq, String text) {
        String[] halves = text.split(" / ", -1);
        String[] words = halves[0].split(" ", 9);
        if (words.length != 9 || halves.length > 2) {
            throw new IllegalArgumentException("transition of a strange shape: " + text);
        }
        long heldAtMs = number(words[4]);
        return new Change(
                seq,
                words[0],
                idOf(words[1], heldAtMs),
                heldAtMs,
                number(words[2]),
                heldAtMs + number(words[3]),
                heldAtMs + number(words[5]),
                words[6],
                words[7],
                Lines.parse(words[8]),
                halves.length == 2 ? Lines.parse(halves[1]) : null,
                false);
    }

    /** What callers know the reservation by: its key in Redis and the moment of its hold. Shorter names are those of made-up histories. */
    static String idOf(String key, long heldAtMs) {
        return key.length() == KEY_LENGTH ? key + Long.toString(heldAtMs, 36) : key;
    }

    private static long number(String text) {
        return Long.parseLong(text);
    }
}
