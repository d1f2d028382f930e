package dev.holdfast.admin;

import dev.holdfast.reservation.Sale;
import org.jspecify.annotations.Nullable;

/**
 * Another time for a sale to open or to close.
 *
 * @param opensAtMs ms since 1970, in the past as good as now; 0: at once; null: as it is
 * @param closesAtMs ms since 1970; 0: never; null: as it is
 */
public record WindowChange(
        @Nullable Long opensAtMs, @Nullable Long closesAtMs) {

    Sale of(Sale sale) {
        return sale.within(
                opensAtMs == null ? sale.opensAtMs() : opensAtMs, closesAtMs == null ? sale.closesAtMs() : closesAtMs);
    }

    /** What is wrong where the sale would close before it opens. */
    AdminOutcome.Invalid refused() {
        return closesAtMs == null
                ? new AdminOutcome.Invalid("/opensAt", "must be before closesAt")
                : new AdminOutcome.Invalid("/closesAt", "must be after opensAt");
    }
}
