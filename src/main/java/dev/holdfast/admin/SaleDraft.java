package dev.holdfast.admin;

import org.jspecify.annotations.Nullable;

/**
 * A sale as an admin asks for it; what is null takes its default.
 *
 * @param name default: the sale's id
 * @param opensAtMs ms since 1970; default: at once
 * @param closesAtMs ms since 1970; default: never
 * @param holdSeconds default {@link #DEFAULT_HOLD_SECONDS}, or maxHoldSeconds if that is less
 * @param maxHoldSeconds default {@link #DEFAULT_MAX_HOLD_SECONDS}, or holdSeconds if that is more
 * @param perCustomerLimit units; default: no limit
 * @param reclaimSeconds default {@link #DEFAULT_RECLAIM_SECONDS}
 * @param currency ISO 4217; default EUR
 * @param rehearsal default false
 */
public record SaleDraft(
        @Nullable String name,
        @Nullable Long opensAtMs,
        @Nullable Long closesAtMs,
        @Nullable Integer holdSeconds,
        @Nullable Integer maxHoldSeconds,
        @Nullable Long perCustomerLimit,
        @Nullable Integer reclaimSeconds,
        @Nullable String currency,
        @Nullable Boolean rehearsal) {

    /** A cart of a flash sale: long enough to pay. */
    public static final int DEFAULT_HOLD_SECONDS = 120;

    /** Long enough for a slow bank's second factor. */
    public static final int DEFAULT_MAX_HOLD_SECONDS = 900;

    /** Long enough for a client that retries every few seconds. */
    public static final int DEFAULT_RECLAIM_SECONDS = 60;

    /** Seconds for which units of lost holds wait for those who held them. */
    public int effectiveReclaimSeconds() {
        return reclaimSeconds == null ? DEFAULT_RECLAIM_SECONDS : reclaimSeconds;
    }

    /** Seconds a hold lasts when the caller does not say. */
    public int effectiveHoldSeconds() {
        if (holdSeconds != null) {
            return holdSeconds;
        }
        return maxHoldSeconds == null ? DEFAULT_HOLD_SECONDS : Math.min(DEFAULT_HOLD_SECONDS, maxHoldSeconds);
    }

    /** Seconds the longest hold lasts. */
    public int effectiveMaxHoldSeconds() {
        if (maxHoldSeconds != null) {
            return maxHoldSeconds;
        }
        return holdSeconds == null ? DEFAULT_MAX_HOLD_SECONDS : Math.max(DEFAULT_MAX_HOLD_SECONDS, holdSeconds);
    }
}
