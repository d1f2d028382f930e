package dev.holdfast.http;

import dev.holdfast.admin.WindowChange;
import org.jspecify.annotations.Nullable;

/** Reads the body of POST window: a field that is left out stays as it is, null takes that end of the window away. */
record WindowBody(WindowChange window, String reason) {

    /** Throws validation-failed. */
    static WindowBody read(JsonFields body) {
        var window = new WindowChange(end(body, "opensAt"), end(body, "closesAt"));
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        if (window.opensAtMs() == null && window.closesAtMs() == null) {
            body.reject("opensAt", "is required where closesAt is not given");
        }
        body.check();
        return new WindowBody(window, reason);
    }

    private static @Nullable Long end(JsonFields body, String name) {
        boolean given = body.has(name);
        Long ms = body.optionalTime(name);
        return given && ms == null ? Long.valueOf(0) : ms;
    }
}
