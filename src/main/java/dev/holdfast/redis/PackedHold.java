package dev.holdfast.redis;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.List;

/**
 * The value that Redis keeps for a reservation; include/hold_record.lua packs it.
 *
 * @param revision counts its transitions from 1
 * @param seq place of its last transition in the ledger
 * @param endedAtMs 0 while held
 */
record PackedHold(
        ReservationState state,
        long revision,
        long seq,
        long heldAtMs,
        long expiresAtMs,
        long endedAtMs,
        String fingerprint,
        CustomerId customerId,
        Cart cart) {

    private static final int FACTS_FROM = 4;
    private static final int LINES_FROM = 8;

    /** Throws IllegalArgumentException, which repeats the value, where it cannot be read. */
    static PackedHold parse(String packed) {
        String[] words = packed.split(" ", -1);
        try {
            return of(words, new CustomerId(words[FACTS_FROM + 3]), cart(words, LINES_FROM, words.length));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw unreadable(packed, e);
        }
    }

    /** Of a hold whose buyer and cart are known. Throws as the other does. */
    static PackedHold parse(String packed, CustomerId customerId, Cart cart) {
        try {
            return of(packed.split(" ", LINES_FROM), customerId, cart);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw unreadable(packed, e);
        }
    }

    private static PackedHold of(String[] words, CustomerId customerId, Cart cart) {
        ReservationState state = state(words[0]);
        long heldAtMs = Long.parseLong(words[FACTS_FROM]);
        return new PackedHold(
                state,
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                heldAtMs,
                heldAtMs + Long.parseLong(words[FACTS_FROM + 1]),
                state == ReservationState.HELD ? 0 : heldAtMs + Long.parseLong(words[3]),
                words[FACTS_FROM + 2],
                customerId,
                cart);
    }

    /** The lines as the scripts take and keep them. */
    static String text(Cart cart) {
        StringBuilder text = new StringBuilder(32 * cart.lines().size());
        for (Line line : cart.lines()) {
            text.append(text.isEmpty() ? "" : " ")
                    .append(line.sku().value())
                    .append(' ')
                    .append(line.quantity());
        }
        return text.toString();
    }

    /** As it was at this moment of the sale's clock. */
    Reservation reservation(Lane lane, ReservationId id, long readAtMs, boolean recorded) {
        return new Reservation(
                id,
                lane.saleId(),
                customerId,
                state,
                cart,
                heldAtMs,
                expiresAtMs,
                state == ReservationState.HELD ? null : endedAtMs,
                readAtMs,
                recorded,
                new Reservation.Mark(revision, lane.epoch(), seq, fingerprint));
    }

    /** Words in pairs of SKU and quantity. Throws IllegalArgumentException where they are no cart. */
    static Cart cart(String[] words, int from, int to) {
        if ((to - from) % 2 != 0) {
            throw new IllegalArgumentException("a SKU without a quantity");
        }
        List<Line> lines = new ArrayList<>((to - from) / 2);
        for (int i = from; i < to; i += 2) {
            lines.add(new Line(new Sku(words[i]), Integer.parseInt(words[i + 1])));
        }
        return new Cart(lines);
    }

    private static IllegalArgumentException unreadable(String packed, RuntimeException cause) {
        return new IllegalArgumentException("unreadable hold: " + packed, cause);
    }

    /** As the scripts write a state. */
    static String letter(ReservationState state) {
        return switch (state) {
            case HELD -> "H";
            case CONFIRMED -> "C";
            case RELEASED -> "R";
            case EXPIRED -> "E";
        };
    }

    private static ReservationState state(String letter) {
        return switch (letter) {
            case "H" -> ReservationState.HELD;
            case "C" -> ReservationState.CONFIRMED;
            case "R" -> ReservationState.RELEASED;
            case "E" -> ReservationState.EXPIRED;
            default -> throw new IllegalArgumentException("no state: " + letter);
        };
    }
}
