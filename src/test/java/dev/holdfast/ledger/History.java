package dev.holdfast.ledger;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Makes up a lane's history, entry after entry. */
final class History {

    static final long HELD_AT_MS = 1_763_640_000_123L;
    static final long HOLD_MS = 60_000;

    private final List<LedgerEntry> entries = new ArrayList<>();
    private final Map<String, Long> revisions = new HashMap<>();
    private final long firstSeq;
    private long heldAtMs = HELD_AT_MS;

    private History(long firstSeq) {
        this.firstSeq = firstSeq;
    }

    static History fromTheStart() {
        return new History(1);
    }

    static History after(long seq) {
        return new History(seq + 1);
    }

    /** Of what was held before any {@link #later}. */
    static ReservationId id(String name) {
        return id(name, HELD_AT_MS);
    }

    static ReservationId id(String name, long heldAtMs) {
        return ReservationId.of((name + "-".repeat(22)).substring(0, 22), heldAtMs);
    }

    static Cart cart(Object... skusAndQuantities) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < skusAndQuantities.length; i += 2) {
            lines.add(new Line(new Sku((String) skusAndQuantities[i]), (int) skusAndQuantities[i + 1]));
        }
        return Cart.of(lines);
    }

    List<LedgerEntry> entries() {
        return List.copyOf(entries);
    }

    long nextSeq() {
        return firstSeq + entries.size();
    }

    @CanIgnoreReturnValue
    History add(LedgerEntry entry) {
        entries.add(entry);
        return this;
    }

    @CanIgnoreReturnValue
    History stock(String sku, long capacity) {
        return add(new LedgerEntry.StockSet(nextSeq(), "stock " + sku, HELD_AT_MS, new Sku(sku), capacity, 1));
    }

    @CanIgnoreReturnValue
    History adjusted(String sku, Adjustment adjustment, long pending) {
        long units = adjustment.after() - adjustment.before() + pending;
        return add(new LedgerEntry.Adjusted(
                nextSeq(),
                "adjusted " + sku,
                HELD_AT_MS,
                new Sku(sku),
                adjustment.number(),
                adjustment.id(),
                adjustment.version(),
                units,
                pending,
                pending));
    }

    @CanIgnoreReturnValue
    History shrunk(String sku, long units) {
        return add(new LedgerEntry.Shrunk(nextSeq(), "shrunk " + sku, HELD_AT_MS, new Sku(sku), units));
    }

    @CanIgnoreReturnValue
    History audit(String auditId, StockCount... counts) {
        return add(new LedgerEntry.Audited(nextSeq(), "audit " + auditId, HELD_AT_MS, auditId, List.of(counts)));
    }

    @CanIgnoreReturnValue
    History unreadable(String text) {
        return add(new LedgerEntry.Unreadable(nextSeq(), text, "not an entry"));
    }

    /** From here on reservations are held this much later. */
    @CanIgnoreReturnValue
    History later(long ms) {
        heldAtMs += ms;
        revisions.clear();
        return this;
    }

    @CanIgnoreReturnValue
    History held(String name, Cart cart) {
        return add(transition(Kind.HELD, name, cart, null, "held " + name));
    }

    @CanIgnoreReturnValue
    History extended(String name, Cart cart) {
        return add(transition(Kind.EXTENDED, name, cart, null, "extended " + name));
    }

    @CanIgnoreReturnValue
    History replaced(String name, Cart previous, Cart cart) {
        return add(transition(Kind.REPLACED, name, cart, previous, "replaced " + name));
    }

    @CanIgnoreReturnValue
    History confirmed(String name, Cart cart) {
        return add(transition(Kind.CONFIRMED, name, cart, null, "confirmed " + name));
    }

    @CanIgnoreReturnValue
    History released(String name, Cart cart) {
        return add(transition(Kind.RELEASED, name, cart, null, "released " + name));
    }

    @CanIgnoreReturnValue
    History expired(String name, Cart cart) {
        return add(transition(Kind.EXPIRED, name, cart, null, "expired " + name));
    }

    @CanIgnoreReturnValue
    History reclaimed(String name, Cart cart) {
        return add(transition(Kind.RECLAIMED, name, cart, null, "reclaimed " + name));
    }

    /** The entry that was added last is another one. */
    @CanIgnoreReturnValue
    History lastAs(UnaryOperator<LedgerEntry.Transition> change) {
        entries.add(change.apply((LedgerEntry.Transition) entries.removeLast()));
        return this;
    }

    /** Held, but with this text. */
    @CanIgnoreReturnValue
    History heldAs(String text, String name, Cart cart) {
        return add(transition(Kind.HELD, name, cart, null, text));
    }

    private LedgerEntry transition(Kind kind, String name, Cart cart, Cart previous, String text) {
        long revision = revisions.merge(name, 1L, Long::sum);
        return new LedgerEntry.Transition(
                nextSeq(),
                text,
                kind,
                id(name, heldAtMs),
                heldAtMs,
                revision,
                heldAtMs + revision * 1000,
                heldAtMs + HOLD_MS,
                "print",
                new CustomerId("c-" + name),
                cart,
                previous);
    }
}
