package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.Identifiers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * A part of a list, as the query asks for it.
 *
 * @param after the name after which it begins; empty for the first page
 * @param limit 1 to 100
 */
record Page(String after, int limit) {

    private static final int USUAL_LIMIT = 20;
    private static final int MAX_LIMIT = 100;

    /** From the parameters limit and cursor; throws validation-failed. */
    static Page of(Call call) {
        var errors = new BodyErrors();
        Page page = new Page(after(call.inQuery("cursor"), errors), limit(call.inQuery("limit"), errors));
        errors.check();
        return page;
    }

    /** How many to ask for: one more than is shown, to see whether there are more. */
    int look() {
        return limit + 1;
    }

    /** The number after which it begins; {@code first} for the first page. Throws validation-failed where the cursor has none. */
    long afterNumber(long first) {
        if (after.isEmpty()) {
            return first;
        }
        if (!after.matches("[0-9]{1,18}")) {
            throw new ProblemException(Problem.invalid(List.of(noCursor())));
        }
        return Long.parseLong(after);
    }

    /** Writes items and nextCursor, which leads to what follows, or is null at the end. */
    <T> void write(JsonGenerator json, List<T> found, Function<T, String> name, Json.ElementWriter<T> element)
            throws IOException {
        boolean more = found.size() > limit;
        List<T> shown = more ? found.subList(0, limit) : found;
        Json.list(json, "items", shown, element);
        Json.textOrNull(json, "nextCursor", more ? cursor(name.apply(shown.get(limit - 1))) : null);
    }

    private static String cursor(String name) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    }

    private static int limit(List<String> given, BodyErrors errors) {
        if (given.isEmpty()) {
            return USUAL_LIMIT;
        }
        String text = given.get(0);
        if (given.size() == 1 && text.matches("[0-9]{1,3}")) {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        }
        errors.add(Pointer.TOP.field("limit"), "must be from 1 to " + MAX_LIMIT);
        return USUAL_LIMIT;
    }

    private static String after(List<String> given, BodyErrors errors) {
        if (given.isEmpty()) {
            return "";
        }
        try {
            String name = new String(Base64.getUrlDecoder().decode(given.get(0)), StandardCharsets.UTF_8);
            if (given.size() == 1 && Identifiers.isIdentifier(name)) {
                return name;
            }
        } catch (IllegalArgumentException notBase64) {
            // Told below, as any other text that is no cursor of ours.
        }
        FieldError none = noCursor();
        errors.add(Pointer.TOP.field("cursor"), none.detail());
        return "";
    }

    private static FieldError noCursor() {
        return new FieldError("/cursor", "must be a nextCursor of this list");
    }
}
