package dev.holdfast.http;

import dev.holdfast.reservation.Identifiers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parameters of a query by their names and types. What is wrong is collected, as in a body: a method answers null then, and
 * {@link #check} throws. A parameter without a value counts as left out.
 */
final class QueryFields {

    private static final int MAX_TEXT_LENGTH = 200;

    private final Call call;
    private final BodyErrors errors = new BodyErrors();
    private final List<String> asked = new ArrayList<>();

    QueryFields(Call call) {
        this.call = call;
    }

    /** Names every parameter that nobody asked for, then throws validation-failed where anything was wrong. */
    void check() {
        for (String name : call.namesInQuery()) {
            if (!asked.contains(name)) {
                reject(name, "is not a parameter of this call");
            }
        }
        errors.check();
    }

    /** A name as {@link Identifiers} has it. */
    @Nullable
    String identifier(String name) {
        String text = given(name);
        if (text != null && !Identifiers.isIdentifier(text)) {
            reject(name, "must match [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}");
            return null;
        }
        return text;
    }

    /** Any text that can be stored. */
    @Nullable
    String text(String name) {
        String text = given(name);
        if (text != null && (text.length() > MAX_TEXT_LENGTH || !UnicodeText.isStorable(text))) {
            reject(name, "must have 1 to " + MAX_TEXT_LENGTH + " characters, and no NUL");
            return null;
        }
        return text;
    }

    /** One of these, by its word. */
    <T> @Nullable T oneOf(String name, Collection<T> values, Function<T, String> word) {
        String text = given(name);
        if (text == null) {
            return null;
        }
        Optional<T> found =
                values.stream().filter(value -> word.apply(value).equals(text)).findFirst();
        if (found.isEmpty()) {
            reject(name, "must be one of " + values.stream().map(word).collect(Collectors.joining(", ")));
        }
        return found.orElse(null);
    }

    /** A time, ms since 1970. */
    @Nullable
    Long time(String name) {
        String text = given(name);
        Long ms = text == null ? null : Rfc3339.msOf(text);
        if (text != null && ms == null) {
            reject(name, "must be a time as in RFC 3339, from 1970 on");
        }
        return ms;
    }

    /** The time at which a span ends that begins at {@code from}. */
    @Nullable
    Long timeAfter(String name, @Nullable Long from) {
        Long to = time(name);
        if (from != null && to != null && to <= from) {
            reject(name, "must be later than the time at which the span begins");
        }
        return to;
    }

    /** How many to show. */
    int limit() {
        asked.add("limit");
        return Page.limit(call.inQuery("limit"), errors);
    }

    /** Where to go on: what the reader makes of the text that an earlier answer gave as its nextCursor. */
    <T> @Nullable T cursor(Function<String, Optional<T>> reader) {
        String text = given("cursor");
        if (text == null) {
            return null;
        }
        Optional<T> place = decoded(text).flatMap(reader);
        if (place.isEmpty()) {
            reject("cursor", "must be a nextCursor of this list");
        }
        return place.orElse(null);
    }

    /** As {@link #cursor} reads it. */
    static String cursorOf(Object place) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(place.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> decoded(String text) {
        try {
            return Optional.of(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private @Nullable String given(String name) {
        asked.add(name);
        List<String> given = call.inQuery(name);
        if (given.size() > 1) {
            reject(name, "is there more than once");
            return null;
        }
        return given.isEmpty() || given.getFirst().isEmpty() ? null : given.getFirst();
    }

    private void reject(String name, String detail) {
        errors.add(Pointer.TOP.field(name), detail);
    }
}
