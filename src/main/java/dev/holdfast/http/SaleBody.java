package dev.holdfast.http;

import dev.holdfast.admin.SaleDraft;
import dev.holdfast.reservation.HoldRequest;
import java.util.Currency;
import org.jspecify.annotations.Nullable;

/** Reads the body of PUT sales. */
final class SaleBody {

    private static final int MAX_NAME_LENGTH = 200;

    /** A month: a hold is for a checkout, not for keeping. */
    private static final int MOST_HOLD_SECONDS = 31 * 86_400;

    /** An hour: meanwhile nobody else can have the units. */
    private static final int MOST_RECLAIM_SECONDS = 3_600;

    private static final int MOST_UNITS_PER_CUSTOMER = 1_000_000;

    private SaleBody() {}

    /** Throws validation-failed. */
    static SaleDraft read(JsonFields body) {
        var draft = new SaleDraft(
                body.optionalText("name", MAX_NAME_LENGTH),
                body.optionalTime("opensAt"),
                body.optionalTime("closesAt"),
                body.optionalInt("holdSeconds", HoldRequest.MIN_HOLD_SECONDS, MOST_HOLD_SECONDS),
                body.optionalInt("maxHoldSeconds", HoldRequest.MIN_HOLD_SECONDS, MOST_HOLD_SECONDS),
                body.optionalWhole("perCustomerLimit", 1, MOST_UNITS_PER_CUSTOMER),
                body.optionalInt("reclaimSeconds", 0, MOST_RECLAIM_SECONDS),
                currency(body),
                body.optionalFlag("rehearsal"));
        if (isAfter(draft.opensAtMs(), draft.closesAtMs(), false)) {
            body.reject("closesAt", "must be after opensAt");
        }
        if (isAfter(asLong(draft.holdSeconds()), asLong(draft.maxHoldSeconds()), true)) {
            body.reject("maxHoldSeconds", "must not be less than holdSeconds");
        }
        body.check();
        return draft;
    }

    private static boolean isAfter(@Nullable Long first, @Nullable Long second, boolean mayBeEqual) {
        return first != null && second != null && (mayBeEqual ? first > second : first >= second);
    }

    private static @Nullable Long asLong(@Nullable Integer number) {
        return number == null ? null : Long.valueOf(number);
    }

    private static @Nullable String currency(JsonFields body) {
        String code = body.optionalText("currency", 3);
        if (code != null && !isCurrency(code)) {
            body.reject("currency", "must be a code of ISO 4217, such as EUR");
        }
        return code;
    }

    private static boolean isCurrency(String code) {
        return Currency.getAvailableCurrencies().stream()
                .anyMatch(known -> known.getCurrencyCode().equals(code));
    }
}
