package dev.holdfast.reservation;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A sale as its admin set it up.
 *
 * @param opensAtMs ms since 1970; 0 for at once
 * @param closesAtMs ms since 1970; 0 for never
 * @param holdMs how long a hold lasts when the caller does not say, ms
 * @param maxHoldMs the longest a hold may last, extensions included, ms
 * @param perCustomerLimit units one customer may hold or buy over all SKUs; 0 for no limit
 * @param reclaimMs how long after a loss in Redis units of lost holds wait for those who held them, ms
 * @param currency ISO 4217 code of its prices
 * @param rehearsal whether an admin may advance its clock
 * @param clockOffsetMs what is added to Redis's clock, ms; 0 except in rehearsals
 * @param stateReason why it was paused, resumed or closed last; null if it never was
 * @param version counts every change of any of these, from 1
 */
public record Sale(
        SaleId id,
        String name,
        long opensAtMs,
        long closesAtMs,
        long holdMs,
        long maxHoldMs,
        long perCustomerLimit,
        long reclaimMs,
        String currency,
        boolean rehearsal,
        Switch state,
        @Nullable String stateReason,
        long clockOffsetMs,
        long version) {

    /** The same, paused, open or closed for this reason. */
    public Sale turned(Switch to, String reason) {
        return new Sale(
                id,
                name,
                opensAtMs,
                closesAtMs,
                holdMs,
                maxHoldMs,
                perCustomerLimit,
                reclaimMs,
                currency,
                rehearsal,
                to,
                reason,
                clockOffsetMs,
                version);
    }

    /** The same with this window: ms since 1970, 0 for none. */
    public Sale within(long opens, long closes) {
        return new Sale(
                id,
                name,
                opens,
                closes,
                holdMs,
                maxHoldMs,
                perCustomerLimit,
                reclaimMs,
                currency,
                rehearsal,
                state,
                stateReason,
                clockOffsetMs,
                version);
    }

    /** Whether it opens and closes when the other does. */
    public boolean hasWindowOf(Sale other) {
        return opensAtMs == other.opensAtMs && closesAtMs == other.closesAtMs;
    }

    /** The same with its clock this much further on, ms. */
    public Sale advanced(long ms) {
        return new Sale(
                id,
                name,
                opensAtMs,
                closesAtMs,
                holdMs,
                maxHoldMs,
                perCustomerLimit,
                reclaimMs,
                currency,
                rehearsal,
                state,
                stateReason,
                clockOffsetMs + ms,
                version);
    }

    /** What the admin decided, apart from the window. */
    public enum Switch {
        OPEN,
        PAUSED,
        CLOSED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** As it stands in Redis and PostgreSQL. */
        public String word() {
            return word;
        }
    }
}
