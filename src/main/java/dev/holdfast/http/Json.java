package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes answers, straight to bytes. */
final class Json {

    /** RFC 3339 in UTC with milliseconds, as every time of the contract. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final JsonFactory FACTORY = new JsonFactory();

    /** Most answers are shorter. */
    private static final int USUAL_BYTES = 512;

    private Json() {}

    /** One object with what the writer puts in. */
    static Buffer object(JsonWriter fields) {
        var bytes = new ByteArrayOutputStream(USUAL_BYTES);
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JSON to memory", e);
        }
        return Buffer.buffer(bytes.toByteArray());
    }

    /** A list under this name, each element written as an object. */
    static <T> void list(JsonGenerator json, String name, Iterable<T> items, ElementWriter<T> element)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (T item : items) {
            json.writeStartObject();
            element.write(json, item);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Writes the fields of one element. */
    @FunctionalInterface
    interface ElementWriter<T> {
        void write(JsonGenerator json, T element) throws IOException;
    }

    /** A time of {@code ms} since 1970. */
    static void time(JsonGenerator json, String name, long ms) throws IOException {
        json.writeStringField(name, timeOf(ms));
    }

    /** A time of {@code ms} since 1970; null where that is 0, which stands for none. */
    static void timeOrNull(JsonGenerator json, String name, long ms) throws IOException {
        textOrNull(json, name, ms == 0 ? null : timeOf(ms));
    }

    /** A text or null. */
    static void textOrNull(JsonGenerator json, String name, @Nullable String text) throws IOException {
        json.writeFieldName(name);
        json.writeString(text);
    }

    /** A number or null. */
    static void numberOrNull(JsonGenerator json, String name, @Nullable Long number) throws IOException {
        if (number == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, number.longValue());
        }
    }

    /** A limit of units; null where that is 0, which stands for none. */
    static void limitOrNull(JsonGenerator json, String name, long units) throws IOException {
        numberOrNull(json, name, units == 0 ? null : Long.valueOf(units));
    }

    static String timeOf(long ms) {
        return TIME.format(Instant.ofEpochMilli(ms));
    }
}
