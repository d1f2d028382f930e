package dev.holdfast.reservation;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One line of a lane's history. Its place is the lane's epoch and {@code seq}, gap-free from 1. */
public sealed interface LedgerEntry {

    /** Place in the epoch; 0 is the mark with which an epoch begins. */
    long seq();

    /** The entry as it stands in Redis, to be kept as it is. */
    String text();

    /**
     * A reservation changed.
     *
     * @param revision counts the reservation's transitions from 1; with id and heldAtMs it names this one for ever, in any epoch
     * @param atMs when it was noticed, ms since 1970 by the sale's clock
     * @param cart lines after it
     * @param previous lines before it; null unless they were replaced
     */
    record Transition(
            long seq,
            String text,
            Kind kind,
            ReservationId id,
            long heldAtMs,
            long revision,
            long atMs,
            long expiresAtMs,
            String fingerprint,
            CustomerId customerId,
            Cart cart,
            @Nullable Cart previous)
            implements LedgerEntry {

        /** The reservation as it is after it. */
        public RestoredReservation after() {
            return new RestoredReservation(
                    id, customerId, kind.after(), cart, heldAtMs, expiresAtMs, endedAtMs(), revision, fingerprint);
        }

        /** When it ended, ms since 1970: an expired reservation at its deadline; null while held. */
        public @Nullable Long endedAtMs() {
            return switch (kind) {
                case HELD, EXTENDED, REPLACED, RECLAIMED -> null;
                case CONFIRMED, RELEASED -> atMs;
                case EXPIRED -> expiresAtMs;
            };
        }
    }

    /** What a transition does. */
    enum Kind {
        HELD(ReservationState.HELD),
        EXTENDED(ReservationState.HELD),
        REPLACED(ReservationState.HELD),
        CONFIRMED(ReservationState.CONFIRMED),
        RELEASED(ReservationState.RELEASED),
        EXPIRED(ReservationState.EXPIRED),
        /** Its units are held again, by a receipt, after they were lost: whatever state it was in. */
        RECLAIMED(ReservationState.HELD);

        private final ReservationState after;

        Kind(ReservationState after) {
            this.after = after;
        }

        /** The reservation's state after it. */
        public ReservationState after() {
            return after;
        }
    }

    /** A version of the sale's policy came into force. */
    record SaleSet(long seq, String text, long atMs, long version) implements LedgerEntry {}

    /** A SKU was put up for sale. */
    record StockSet(long seq, String text, long atMs, Sku sku, long capacity, long version) implements LedgerEntry {}

    /**
     * An adjustment of a SKU's capacity came into force.
     *
     * @param units by which its capacity changed, and what is available of it
     * @param morePending by which the capacity that is to go as holds end changed
     * @param pending capacity that is to go, after it
     */
    record Adjusted(
            long seq,
            String text,
            long atMs,
            Sku sku,
            long number,
            String id,
            long version,
            long units,
            long morePending,
            long pending)
            implements LedgerEntry {}

    /** Capacity that was to go has gone, as its units came back. */
    record Shrunk(long seq, String text, long atMs, Sku sku, long units) implements LedgerEntry {}

    /** The lane's counts at this place, to be compared with the books. */
    record Audited(long seq, String text, long atMs, String auditId, List<StockCount> counts) implements LedgerEntry {}

    /** The lane was written anew from the books, with so many reservations: what they did is recorded long since. */
    record Rebuilt(long seq, String text, long atMs, long reservations) implements LedgerEntry {}

    /** An admin had something in Redis set to what the books say: no units moved. The text names what. */
    record Repaired(long seq, String text, long atMs) implements LedgerEntry {

        private static final Pattern OF_STOCK = Pattern.compile("^repaired [0-9]+ stock ");

        /** Whether counts or rules of SKUs were set. */
        public boolean isOfStock() {
            return OF_STOCK.matcher(text).find();
        }
    }

    /** An epoch began. */
    record EpochBegun(long seq, String text) implements LedgerEntry {}

    /**
     * It goes to the dead letters: nobody can read it, or PostgreSQL cannot take it.
     *
     * @param problem what is wrong with it
     * @param entry what it says; null where nobody can read it
     */
    record Unreadable(
            long seq, String text, String problem, @Nullable LedgerEntry entry) implements LedgerEntry {

        /** One that nobody can read. */
        public Unreadable(long seq, String text, String problem) {
            this(seq, text, problem, null);
        }

        /**
         * Whether the books differ from Redis without it, in units or in the state of a reservation. What nobody can read may be
         * anything.
         */
        public boolean leavesTheBooksBehind() {
            return switch (entry) {
                case null -> true;
                case SaleSet set -> false;
                case Audited audited -> false;
                case Rebuilt mark -> false;
                case Repaired repaired -> false;
                case EpochBegun mark -> false;
                case Transition transition -> true;
                case StockSet set -> true;
                case Adjusted adjusted -> true;
                case Shrunk shrunk -> true;
                case Unreadable other -> other.leavesTheBooksBehind();
            };
        }
    }
}
