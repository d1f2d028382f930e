package dev.holdfast.redis;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.ArrayList;
import java.util.List;

/** Reads the ledger's entries as the scripts write them. */
public final class LedgerText {

    private static final int LINES_FROM = 8;

    private LedgerText() {}

    /** Anything that cannot be read is Unreadable, with the reason; nothing throws. */
    public static LedgerEntry parse(long seq, String text) {
        String[] words = text.split(" ", -1);
        try {
            return switch (words[0]) {
                case "held" -> transition(seq, text, Kind.HELD, words);
                case "extended" -> transition(seq, text, Kind.EXTENDED, words);
                case "replaced" -> replacement(seq, text, words);
                case "confirmed" -> transition(seq, text, Kind.CONFIRMED, words);
                case "released" -> transition(seq, text, Kind.RELEASED, words);
                case "expired" -> transition(seq, text, Kind.EXPIRED, words);
                case "reclaimed" -> transition(seq, text, Kind.RECLAIMED, words);
                case "sale" -> new LedgerEntry.SaleSet(seq, text, number(words[1]), number(words[2]));
                case "stock" ->
                    new LedgerEntry.StockSet(
                            seq, text, number(words[1]), new Sku(words[2]), number(words[3]), number(words[4]));
                case "adjusted" -> adjusted(seq, text, words);
                case "shrunk" ->
                    new LedgerEntry.Shrunk(seq, text, number(words[1]), new Sku(words[2]), number(words[3]));
                case "audit" -> new LedgerEntry.Audited(seq, text, number(words[1]), words[2], counts(words));
                case "repaired" -> new LedgerEntry.Repaired(seq, text, number(words[1]));
                case "rebuilt" -> new LedgerEntry.Rebuilt(seq, text, number(words[1]), number(words[2]));
                case "epoch" -> new LedgerEntry.EpochBegun(seq, text);
                default -> new LedgerEntry.Unreadable(seq, text, "unknown kind of entry");
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return new LedgerEntry.Unreadable(seq, text, String.valueOf(e.getMessage()));
        }
    }

    private static LedgerEntry transition(long seq, String text, Kind kind, String[] words) {
        return transition(seq, text, kind, words, words.length);
    }

    private static LedgerEntry.Transition transition(long seq, String text, Kind kind, String[] words, int end) {
        long heldAtMs = number(words[4]);
        return new LedgerEntry.Transition(
                seq,
                text,
                kind,
                ReservationId.of(words[1], heldAtMs),
                heldAtMs,
                number(words[2]),
                // Less than 0 where Redis's clock was set back in between.
                heldAtMs + Long.parseLong(words[3]),
                heldAtMs + Long.parseLong(words[5]),
                words[6],
                new CustomerId(words[7]),
                PackedHold.cart(words, LINES_FROM, end),
                null);
    }

    private static LedgerEntry replacement(long seq, String text, String[] words) {
        int slash = List.of(words).indexOf("/");
        if (slash < 0) {
            throw new IllegalArgumentException("a replacement without the lines before it");
        }
        LedgerEntry.Transition after = transition(seq, text, Kind.REPLACED, words, slash);
        Cart previous = PackedHold.cart(words, slash + 1, words.length);
        return new LedgerEntry.Transition(
                seq,
                text,
                Kind.REPLACED,
                after.id(),
                after.heldAtMs(),
                after.revision(),
                after.atMs(),
                after.expiresAtMs(),
                after.fingerprint(),
                after.customerId(),
                after.cart(),
                previous);
    }

    private static LedgerEntry adjusted(long seq, String text, String[] words) {
        return new LedgerEntry.Adjusted(
                seq,
                text,
                number(words[1]),
                new Sku(words[2]),
                number(words[3]),
                words[4],
                number(words[5]),
                Long.parseLong(words[6]),
                Long.parseLong(words[7]),
                number(words[8]));
    }

    private static List<StockCount> counts(String[] words) {
        List<StockCount> counts = new ArrayList<>(words.length / 6);
        for (int i = 3; i < words.length; i += 6) {
            counts.add(new StockCount(
                    new Sku(words[i]),
                    Long.parseLong(words[i + 1]),
                    Long.parseLong(words[i + 2]),
                    Long.parseLong(words[i + 3]),
                    Long.parseLong(words[i + 4]),
                    number(words[i + 5])));
        }
        return counts;
    }

    private static long number(String word) {
        long number = Long.parseLong(word);
        if (number < 0) {
            throw new IllegalArgumentException("less than 0: " + word);
        }
        return number;
    }
}
