package dev.holdfast.redis;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.StockedSku;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes entries of the ledger as the scripts do, so that {@link LedgerText} reads them: for what is concluded and never stood there. */
public final class LedgerWords {

    private LedgerWords() {}

    /**
     * A transition of a reservation.
     *
     * @param facts whose id, customer, deadline and request it is
     * @param cart its lines after it
     * @param previous its lines before it; null unless they are replaced
     * @param atMs when it happened, ms by the sale's clock
     */
    public static String transition(
            Kind kind, RestoredReservation facts, Cart cart, @Nullable Cart previous, long revision, long atMs) {
        String text = String.join(
                " ",
                kind.name().toLowerCase(Locale.ROOT),
                facts.id().key(),
                Long.toString(revision),
                Long.toString(atMs - facts.heldAtMs()),
                Long.toString(facts.heldAtMs()),
                Long.toString(facts.expiresAtMs() - facts.heldAtMs()),
                facts.fingerprint(),
                facts.customerId().value(),
                PackedHold.text(cart));
        return previous == null ? text : text + " / " + PackedHold.text(previous);
    }

    /** A SKU is put up with this capacity, of this version. */
    public static String putUp(StockedSku sku, long capacity, long atMs) {
        return String.join(
                " ",
                "stock",
                Long.toString(atMs),
                sku.count().sku().value(),
                Long.toString(capacity),
                Long.toString(sku.count().version()));
    }

    /**
     * The capacity of a SKU becomes what it is in {@code sku}.
     *
     * @param id of the adjustment
     * @param units by which it grows
     * @param morePending by which what is to go as holds end grows
     */
    public static String adjusted(StockedSku sku, String id, long units, long morePending, long atMs) {
        return String.join(
                " ",
                "adjusted",
                Long.toString(atMs),
                sku.count().sku().value(),
                Long.toString(sku.adjustmentNo()),
                id,
                Long.toString(sku.count().version()),
                Long.toString(units),
                Long.toString(morePending),
                Long.toString(sku.pendingUnits()));
    }

    /** Capacity that was to go has gone. */
    public static String shrunk(StockedSku sku, long units, long atMs) {
        return String.join(" ", "shrunk", Long.toString(atMs), sku.count().sku().value(), Long.toString(units));
    }
}
