package dev.holdfast.http;

import dev.holdfast.reservation.Identifiers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one object by their names and types. What is wrong is collected: a method answers something of its type
 * then, and {@link #check} throws.
 */
final class JsonFields {

    private static final int USUAL_FIELDS = 4;
    private static final int MOST_TIME_LENGTH = 64;

    private final Pointer pointer;
    private final Map<String, JsonValue> byName;
    private final BodyErrors errors;
    // Calls have a handful of fields: a list is searched as fast as a set is filled.
    private final List<String> asked = new ArrayList<>(USUAL_FIELDS);

    JsonFields(Pointer pointer, JsonValue.Fields fields, BodyErrors errors) {
        this.pointer = pointer;
        this.byName = fields.byName();
        this.errors = errors;
    }

    /** Adds an error that is about more than the field's type and range. */
    void reject(String name, String detail) {
        errors.add(pointer.field(name), detail);
    }

    /** Names every field that nobody asked for, then throws validation-failed where anything was wrong. */
    void check() {
        rejectUnknown();
        errors.check();
    }

    void rejectUnknown() {
        for (String name : byName.keySet()) {
            if (!asked.contains(name)) {
                reject(name, "is not a field of this call");
            }
        }
    }

    boolean hasErrors() {
        return !errors.isEmpty();
    }

    /** Whether the field was sent, be it with null. */
    boolean has(String name) {
        return byName.containsKey(name);
    }

    /** An integer in this range. */
    long whole(String name, long least, long most) {
        Long number = required(name, optionalWhole(name, least, most));
        return number == null ? least : number;
    }

    /** An integer in this range; null where the field is absent or null. */
    @Nullable
    Long optionalWhole(String name, long least, long most) {
        JsonValue value = given(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof JsonValue.Whole whole)) {
            reject(name, "must be an integer, not " + value.kind());
            return least;
        }
        // 18 digits fit into a long, whatever they are.
        Long number = whole.digits().length() > 18 ? null : Long.valueOf(whole.digits());
        if (number == null || number < least || number > most) {
            reject(name, "must be from " + least + " to " + most);
            return least;
        }
        return number;
    }

    /** As {@link #optionalWhole}, for ranges within int. */
    @Nullable
    Integer optionalInt(String name, int least, int most) {
        Long number = optionalWhole(name, least, most);
        return number == null ? null : Math.toIntExact(number);
    }

    /** A text of 1 to {@code maxLength} characters. */
    String text(String name, int maxLength) {
        String text = required(name, optionalText(name, maxLength));
        return text == null ? "" : text;
    }

    /** A text of 1 to {@code maxLength} characters; null where the field is absent or null. */
    @Nullable
    String optionalText(String name, int maxLength) {
        JsonValue value = given(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof JsonValue.Text text)) {
            reject(name, "must be a string, not " + value.kind());
            return "";
        }
        if (text.text().isBlank() || text.text().length() > maxLength) {
            reject(name, "must have 1 to " + maxLength + " characters, and not blanks only");
        }
        return text.text();
    }

    /** A time, in ms since 1970; null where the field is absent or null. Exactly 1970 would stand for no time at all. */
    @Nullable
    Long optionalTime(String name) {
        String text = optionalText(name, MOST_TIME_LENGTH);
        if (text == null) {
            return null;
        }
        Long ms = Rfc3339.msOf(text);
        if (ms == null || ms == 0) {
            reject(name, "must be a time after the start of 1970 as in RFC 3339, such as 2026-11-20T12:00:00.000Z");
        }
        return ms;
    }

    /** A name as {@link Identifiers} has it. */
    String identifier(String name) {
        String text = required(name, optionalIdentifier(name));
        return text == null ? "" : text;
    }

    /** A name as {@link Identifiers} has it; null where the field is absent or null. */
    @Nullable
    String optionalIdentifier(String name) {
        JsonValue value = given(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof JsonValue.Text text)) {
            reject(name, "must be a string, not " + value.kind());
            return "";
        }
        if (!Identifiers.isIdentifier(text.text())) {
            reject(name, "must match [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}");
        }
        return text.text();
    }

    /** True or false; null where the field is absent or null. */
    @Nullable
    Boolean optionalFlag(String name) {
        JsonValue value = given(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof JsonValue.Flag flag)) {
            reject(name, "must be true or false, not " + value.kind());
            return false;
        }
        return flag.value();
    }

    /** One of these words; null where the field is absent or null. */
    <E> @Nullable E optionalOneOf(String name, List<E> all, Function<E, String> word) {
        JsonValue value = given(name);
        if (value == null) {
            return null;
        }
        for (E one : all) {
            if (value instanceof JsonValue.Text text && text.text().equals(word.apply(one))) {
                return one;
            }
        }
        reject(name, "must be one of " + all.stream().map(word).collect(Collectors.joining(", ")));
        return null;
    }

    /** True, false, or an integer in this range; null where the field is absent or null. */
    @Nullable
    FlagOrNumber optionalFlagOrWhole(String name, long least, long most) {
        JsonValue value = byName.get(name);
        if (value instanceof JsonValue.Whole) {
            return FlagOrNumber.of(optionalWhole(name, least, most));
        }
        if (value == null || value instanceof JsonValue.Null || value instanceof JsonValue.Flag) {
            return FlagOrNumber.of(optionalFlag(name));
        }
        reject(name, "must be true, false or a whole number from " + least + " to " + most + ", not " + value.kind());
        return null;
    }

    /**
     * One or the other.
     *
     * @param flag null where there is a number
     * @param number null where there is a flag
     */
    record FlagOrNumber(@Nullable Boolean flag, @Nullable Long number) {

        private static @Nullable FlagOrNumber of(@Nullable Boolean flag) {
            return flag == null ? null : new FlagOrNumber(flag, null);
        }

        private static @Nullable FlagOrNumber of(@Nullable Long number) {
            return number == null ? null : new FlagOrNumber(null, number);
        }
    }

    /** An array of this many objects. */
    List<JsonFields> objects(String name, int least, int most) {
        JsonValue value = required(name, given(name));
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonValue.Items items)) {
            reject(name, "must be an array, not " + value.kind());
            return List.of();
        }
        if (items.values().size() < least || items.values().size() > most) {
            reject(name, "must have " + least + " to " + most + " elements");
            return List.of();
        }
        Pointer array = pointer.field(name);
        List<JsonFields> objects = new ArrayList<>(items.values().size());
        for (int i = 0; i < items.values().size(); i++) {
            Pointer at = array.element(i);
            JsonValue item = items.values().get(i);
            if (item instanceof JsonValue.Fields fields) {
                objects.add(new JsonFields(at, fields, errors));
            } else {
                errors.add(at, "must be an object, not " + item.kind());
            }
        }
        return objects;
    }

    /** An object of names and texts, in the order sent; empty where the field is absent or null. */
    Map<String, String> optionalTexts(String name, TextsLimit limit) {
        JsonValue value = given(name);
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof JsonValue.Fields fields)) {
            reject(name, "must be an object, not " + value.kind());
            return Map.of();
        }
        if (fields.byName().size() > limit.entries()) {
            reject(name, "must have at most " + limit.entries() + " entries");
            return Map.of();
        }
        var entries = new JsonFields(pointer.field(name), fields, errors);
        Map<String, String> texts = new LinkedHashMap<>();
        for (String key : fields.byName().keySet()) {
            if (key.isBlank() || key.length() > limit.nameLength() || !UnicodeText.isStorable(key)) {
                entries.reject(key, "must have a name of 1 to " + limit.nameLength() + " characters");
            }
            texts.put(key, entries.text(key, limit.textLength()));
        }
        return texts;
    }

    /** How many entries, and how long their names and texts may be, characters. */
    record TextsLimit(int entries, int nameLength, int textLength) {}

    private @Nullable JsonValue given(String name) {
        asked.add(name);
        JsonValue value = byName.get(name);
        return value instanceof JsonValue.Null ? null : value;
    }

    private <T> @Nullable T required(String name, @Nullable T value) {
        if (value == null) {
            reject(name, "is required");
        }
        return value;
    }
}
