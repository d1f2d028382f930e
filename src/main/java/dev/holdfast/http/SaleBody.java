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

    private static final int MOST_UNITS_PER_CUSTOMER = 1_000_000;

    private SaleBody() {}

    /** Throws validation-failed. */
    static SaleDraft read(JsonFields body) {
        var draft = new SaleDraft(
                body.optionalText("name", MAX_NAME_LENGTH),
                time(body, "opensAt"),
                time(body, "closesAt"),
                body.optionalInt("holdSeconds", HoldRequest.MIN_HOLD_SECONDS, MOST_HOLD_SECONDS),
                body.optionalInt("maxHoldSeconds", HoldRequest.MIN_HOLD_SECONDS, MOST_HOLD_SECONDS),
                body.optionalWhole("perCustomerLimit", 1, MOST_UNITS_PER_CUSTOMER),
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

    /** Ms since 1970; null where the field is absent or null. Exactly 1970 would stand for no time at all. */
    static @Nullable Long time(JsonFields body, String name) {
        String text = body.optionalText(name, 64);
        if (text == null) {
            return null;
        }
        Long ms = Rfc3339.msOf(text);
        if (ms == null || ms == 0) {
            body.reject(
                    name, "must be a time after the start of 1970 as in RFC 3339, such as 2026-11-20T12:00:00.000Z");
        }
        return ms;
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
