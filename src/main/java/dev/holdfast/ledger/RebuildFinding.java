package dev.holdfast.ledger;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that the books did not have as Redis had it.
 *
 * @param reservationId null where it is about no reservation
 * @param sku null where it is about no SKU, or about those of a reservation
 * @param customerId null where it is about no customer
 * @param detail what it was, and what became of it, for people
 */
public record RebuildFinding(
        Kind kind,
        @Nullable ReservationId reservationId,
        @Nullable Sku sku,
        @Nullable CustomerId customerId,
        String detail) {

    /** What it is. */
    public enum Kind {
        /** Callers were told of it, and it is gone or as it was before. */
        RESERVATION_ENDED,
        /** It was added to the books, or changed in them. */
        RESERVATION_CONCLUDED,
        /** PostgreSQL's row of it was not what its ledger says: it is now. */
        RESERVATION_MENDED,
        /** Callers were told of it, and neither side has it: it is as it was told again. */
        RESERVATION_PUT_BACK,
        /** Both sides were told to callers and cannot both be true: one was kept. */
        RESERVATION_CONFLICT,
        /** Units that a customer bought, of whose reservation nothing is left. */
        PURCHASE_CONCLUDED,
        /** A SKU, its rules, or its capacity. */
        SKU_CONCLUDED,
        /** The sale's policy, window or state. */
        SALE_CONCLUDED,
        /** A count that the reservations do not come to. */
        COUNT_DIFFERS,
        /** A value that cannot be read. */
        UNREADABLE;

        private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** As it stands in PostgreSQL and in answers. */
        public String word() {
            return word;
        }
    }

    /** About one reservation. */
    public static RebuildFinding of(Kind kind, ReservationId id, CustomerId customerId, String detail) {
        return new RebuildFinding(kind, id, null, customerId, detail);
    }

    /** About one SKU. */
    public static RebuildFinding of(Kind kind, Sku sku, String detail) {
        return new RebuildFinding(kind, null, sku, null, detail);
    }
}
