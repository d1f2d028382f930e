package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.Seen;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes answers, straight to bytes. */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** One object with what the writer puts in. */
    static Buffer object(JsonWriter fields) {
        var bytes = new Bytes();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JSON to memory", e);
        }
        return bytes.written;
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
        json.writeStringField(name, Rfc3339.text(ms));
    }

    /** A time of {@code ms} since 1970; null where that is 0, which stands for none. */
    static void timeOrNull(JsonGenerator json, String name, long ms) throws IOException {
        textOrNull(json, name, ms == 0 ? null : Rfc3339.text(ms));
    }

    /** A text or null. */
    static void textOrNull(JsonGenerator json, String name, @Nullable String text) throws IOException {
        json.writeFieldName(name);
        json.writeString(text);
    }

    /** A call of ours, method, path and perhaps a body in JSON, as an object of these; or null. */
    static void callOrNull(JsonGenerator json, String name, @Nullable String call) throws IOException {
        if (call == null) {
            json.writeNullField(name);
            return;
        }
        String[] parts = call.split(" ", 3);
        json.writeObjectFieldStart(name);
        json.writeStringField("method", parts[0]);
        json.writeStringField("path", parts[1]);
        jsonOrNull(json, "body", parts.length < 3 ? null : parts[2]);
        json.writeEndObject();
    }

    /** The number that is the id of a row, from a path or a cursor; empty where the text is none that a row can have. */
    static Optional<Long> number(String text) {
        return text.matches("[1-9][0-9]{0,17}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    /** A value that is JSON already, as PostgreSQL keeps it; or null. */
    static void jsonOrNull(JsonGenerator json, String name, @Nullable String value) throws IOException {
        json.writeFieldName(name);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeRawValue(value);
        }
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

    /** Says that PostgreSQL told it, and as of when; nothing where Redis told it. */
    static void notLive(JsonGenerator json, Seen<?> seen) throws IOException {
        Long recordedAtMs = seen.recordedAtMs();
        if (recordedAtMs != null) {
            json.writeBooleanField("live", false);
            time(json, "asOf", recordedAtMs);
        }
    }

    /** Keeps what Jackson wrote. It hands over in one piece what fits into its own buffer, as most answers do. */
    private static final class Bytes extends OutputStream {

        private Buffer written = Buffer.buffer(0);

        @Override
        public void write(int b) {
            written.appendByte((byte) b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (written.length() == 0) {
                written = Buffer.buffer(length);
            }
            written.appendBytes(bytes, offset, length);
        }
    }
}
