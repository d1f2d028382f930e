package dev.holdfast.ledger;

import dev.holdfast.ledger.Succession.Life;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Adjusted;
import dev.holdfast.reservation.LedgerEntry.StockSet;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run of entries comes to in the end: one change for each SKU, one state for each reservation.
 *
 * @param moves by the names of the SKUs
 * @param adjusted all of them
 * @param begun the latest transition of each reservation that begins here
 * @param changed what became of each that began before
 */
record Fold(
        List<StockSet> stockSets,
        List<Move> moves,
        List<Adjusted> adjusted,
        List<Transition> begun,
        List<Change> changed) {

    /**
     * A reservation that goes on.
     *
     * @param latest its latest transition
     * @param before the lines that it must have had until then; null where they may be others: what is reclaimed has those of its receipt
     */
    record Change(Transition latest, @Nullable Cart before) {

        /** Whether the lines stay as they are. */
        boolean keepsLines() {
            return latest.cart().equals(before);
        }

        private Change then(Change next) {
            return new Change(later(latest, next.latest), before);
        }
    }

    /** Units of one SKU that changed places; the three add up to the change of its capacity. */
    record Move(Sku sku, long available, long held, long sold, Carts carts, Capacity capacity) {

        /** The counts after it. */
        StockCount after(StockCount before) {
            return new StockCount(
                    sku,
                    before.capacity() + capacity.units(),
                    before.available() + available,
                    before.held() + held,
                    before.sold() + sold,
                    Math.max(before.version(), capacity.version()));
        }

        private Move plus(Move other) {
            return new Move(
                    sku,
                    available + other.available,
                    held + other.held,
                    sold + other.sold,
                    carts.plus(other.carts),
                    capacity.plus(other.capacity));
        }
    }

    /** By how many more reservations hold units of one SKU, and bought some. */
    record Carts(long holds, long sales) {

        private static final Carts UNCHANGED = new Carts(0, 0);

        private Carts plus(Carts other) {
            return new Carts(holds + other.holds, sales + other.sales);
        }
    }

    /**
     * How the capacity of one SKU changed.
     *
     * @param pending units more that are to go as holds end
     * @param version of the capacity after it, 0 where no adjustment changed it
     * @param adjustmentNo of the last adjustment, 0 for none
     */
    record Capacity(long units, long pending, long version, long adjustmentNo) {

        private static final Capacity UNCHANGED = new Capacity(0, 0, 0, 0);

        private Capacity plus(Capacity other) {
            return new Capacity(
                    units + other.units,
                    pending + other.pending,
                    Math.max(version, other.version),
                    Math.max(adjustmentNo, other.adjustmentNo));
        }
    }

    /** Folds in the order given. */
    static Fold of(List<LedgerEntry> entries) {
        List<StockSet> stockSets = new ArrayList<>();
        TreeMap<String, Move> moves = new TreeMap<>();
        List<Adjusted> adjusted = new ArrayList<>();
        Map<Life, Transition> begun = new LinkedHashMap<>();
        Map<Life, Change> changed = new LinkedHashMap<>();
        for (LedgerEntry entry : entries) {
            switch (entry) {
                case Transition transition -> {
                    movesOf(transition).forEach(move -> merge(moves, move));
                    Life life = Life.of(transition);
                    if (begins(transition) || begun.containsKey(life)) {
                        begun.merge(life, transition, Fold::later);
                    } else {
                        changed.merge(life, new Change(transition, before(transition)), Change::then);
                    }
                }
                case StockSet set -> stockSets.add(set);
                case Adjusted adjustment -> {
                    adjusted.add(adjustment);
                    merge(moves, move(adjustment));
                }
                case LedgerEntry.Shrunk shrunk -> merge(moves, move(shrunk));
                case LedgerEntry.SaleSet set -> {}
                case LedgerEntry.Audited audited -> {}
                case LedgerEntry.Rebuilt mark -> {}
                case LedgerEntry.Repaired repaired -> {}
                case LedgerEntry.EpochBegun mark -> {}
                case LedgerEntry.Unreadable letter -> {}
            }
        }
        return new Fold(
                stockSets,
                List.copyOf(moves.values()),
                adjusted,
                List.copyOf(begun.values()),
                List.copyOf(changed.values()));
    }

    private static Transition later(Transition one, Transition other) {
        return one.revision() < other.revision() ? other : one;
    }

    /** Lines change by a replacement only, which tells those before it. */
    private static @Nullable Cart before(Transition transition) {
        return switch (transition.kind()) {
            case HELD, RECLAIMED -> null;
            case REPLACED -> transition.previous();
            case EXTENDED, CONFIRMED, RELEASED, EXPIRED -> transition.cart();
        };
    }

    /** What is reclaimed may be in the books already, or not. */
    private static boolean begins(Transition transition) {
        return transition.revision() == 1 && transition.kind() != LedgerEntry.Kind.RECLAIMED;
    }

    private static void merge(Map<String, Move> moves, Move move) {
        moves.merge(move.sku().value(), move, Move::plus);
    }

    private static Move move(Adjusted adjusted) {
        Capacity capacity =
                new Capacity(adjusted.units(), adjusted.morePending(), adjusted.version(), adjusted.number());
        return new Move(adjusted.sku(), adjusted.units(), 0, 0, Carts.UNCHANGED, capacity);
    }

    private static Move move(LedgerEntry.Shrunk shrunk) {
        Capacity capacity = new Capacity(-shrunk.units(), -shrunk.units(), 0, 0);
        return new Move(shrunk.sku(), -shrunk.units(), 0, 0, Carts.UNCHANGED, capacity);
    }

    private static List<Move> movesOf(Transition transition) {
        return switch (transition.kind()) {
            case HELD, RECLAIMED -> moves(transition.cart(), -1, 1, 0);
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
            moves.add(new Move(
                    line.sku(),
                    available * units,
                    held * units,
                    sold * units,
                    new Carts(held, sold),
                    Capacity.UNCHANGED));
        }
        return moves;
    }
}
