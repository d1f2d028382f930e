package dev.holdfast.ledger;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.StockSet;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a run of entries comes to in the end: one change for each SKU, one state for each reservation.
 *
 * @param moves by the names of the SKUs
 * @param begun the latest transition of each reservation that begins here
 * @param changed the latest transition of each that began before
 */
record Fold(List<StockSet> stockSets, List<Move> moves, List<Transition> begun, List<Transition> changed) {

    /** Units of one SKU that changed places; the three add up to 0. */
    record Move(Sku sku, long available, long held, long sold) {

        private Move plus(Move other) {
            return new Move(sku, available + other.available, held + other.held, sold + other.sold);
        }
    }

    /** One reservation: its id may be another's again, a day after it ended. */
    private record Life(ReservationId id, long heldAtMs) {}

    /** Folds in the order given. */
    static Fold of(List<LedgerEntry> entries) {
        List<StockSet> stockSets = new ArrayList<>();
        TreeMap<String, Move> moves = new TreeMap<>();
        Map<Life, Transition> begun = new LinkedHashMap<>();
        Map<Life, Transition> changed = new LinkedHashMap<>();
        for (LedgerEntry entry : entries) {
            switch (entry) {
                case Transition transition -> {
                    movesOf(transition).forEach(move -> moves.merge(move.sku().value(), move, Move::plus));
                    Life life = new Life(transition.id(), transition.heldAtMs());
                    Map<Life, Transition> latest =
                            transition.revision() == 1 || begun.containsKey(life) ? begun : changed;
                    latest.merge(life, transition, (a, b) -> a.revision() < b.revision() ? b : a);
                }
                case StockSet set -> stockSets.add(set);
                case LedgerEntry.SaleSet set -> {}
                case LedgerEntry.Audited audited -> {}
                case LedgerEntry.Rebuilt mark -> {}
                case LedgerEntry.EpochBegun mark -> {}
                case LedgerEntry.Unreadable letter -> {}
            }
        }
        return new Fold(
                stockSets, List.copyOf(moves.values()), List.copyOf(begun.values()), List.copyOf(changed.values()));
    }

    private static List<Move> movesOf(Transition transition) {
        return switch (transition.kind()) {
            case HELD -> moves(transition.cart(), -1, 1, 0);
            case EXTENDED -> List.of();
            case REPLACED -> replaced(transition);
            case CONFIRMED -> moves(transition.cart(), 0, -1, 1);
            case RELEASED, EXPIRED -> moves(transition.cart(), 1, -1, 0);
        };
    }

    private static List<Move> replaced(Transition transition) {
        Cart previous =
                Objects.requireNonNull(transition.previous(), () -> "no previous lines in entry " + transition.seq());
        List<Move> moves = new ArrayList<>(moves(previous, 1, -1, 0));
        moves.addAll(moves(transition.cart(), -1, 1, 0));
        return moves;
    }

    private static List<Move> moves(Cart cart, int available, int held, int sold) {
        List<Move> moves = new ArrayList<>();
        for (Line line : cart.lines()) {
            long units = line.quantity();
            moves.add(new Move(line.sku(), available * units, held * units, sold * units));
        }
        return moves;
    }
}
