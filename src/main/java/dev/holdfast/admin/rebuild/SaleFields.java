package dev.holdfast.admin.rebuild;

import dev.holdfast.admin.SaleDraft;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads a sale as a lane in Redis has it. */
public final class SaleFields {

    /** The code of ISO 4217 for no currency, a value and no mark: Redis does not keep the currency. */
    private static final String NO_CURRENCY = "XXX";

    /** Redis does not keep it: what a sale has that says nothing of it. */
    private static final long RECLAIM_MS = SaleDraft.DEFAULT_RECLAIM_SECONDS * 1_000L;

    private SaleFields() {}

    /**
     * Its name is its id, and it has no currency. Empty where a field is missing or makes no sense: somebody wrote to it, or the key was lost.
     *
     * @param fields of the sale hash
     */
    public static Optional<Sale> sale(SaleId saleId, Map<String, String> fields) {
        try {
            return Optional.of(read(saleId, fields));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Sale read(SaleId saleId, Map<String, String> fields) {
        long offsetMs = number(fields, "offset_ms");
        return new Sale(
                saleId,
                saleId.value(),
                number(fields, "opens_at_ms"),
                number(fields, "closes_at_ms"),
                number(fields, "hold_ms"),
                number(fields, "max_hold_ms"),
                number(fields, "customer_limit"),
                RECLAIM_MS,
                NO_CURRENCY,
                offsetMs > 0,
                Sale.Switch.valueOf(text(fields, "state").toUpperCase(Locale.ROOT)),
                null,
                offsetMs,
                number(fields, "version"));
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(text(fields, name));
    }

    private static String text(Map<String, String> fields, String name) {
        String text = fields.get(name);
        if (text == null) {
            throw new IllegalArgumentException("the lane in Redis has no " + name);
        }
        return text;
    }
}
