package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a body as JSON and nothing else: RFC 8259, UTF-8, no leniency. What is not JSON is malformed, whatever else is wrong
 * with it, so it is read to its end before anyone looks at a field.
 */
final class JsonBody {

    /** Deeper than any body of this service; what is deeper is read, for its grammar only. */
    private static final int MAX_DEPTH = 8;

    /** Objects of carts have two or three. */
    private static final int USUAL_FIELDS = 4;

    // Bodies are small: nothing in them can be longer or deeper than they are, so their size is the one limit there is.
    private static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder()
            .maxNestingDepth(BodyLimit.USUAL.bytes())
            .maxNumberLength(BodyLimit.USUAL.bytes())
            .maxNameLength(BodyLimit.USUAL.bytes())
            .maxStringLength(BodyLimit.USUAL.bytes())
            .build();

    // Names come from outside: remembering them would fill memory, and they could be chosen to collide.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(CONSTRAINTS)
            .build();

    private final BodyErrors errors = new BodyErrors();
    private final JsonParser parser;

    private JsonBody(JsonParser parser) {
        this.parser = parser;
    }

    /** The fields of the object in this body; fails with malformed-request, or validation-failed where it is no object. */
    static JsonFields read(byte[] body) {
        CharBuffer text = decoded(body);
        UnicodeText.maskHalfPairs(text.array(), text.limit());
        try (JsonParser parser = FACTORY.createParser(text.array(), 0, text.limit())) {
            return new JsonBody(parser).root();
        } catch (JsonProcessingException e) {
            throw malformed("line " + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read JSON from memory", e);
        }
    }

    /** Jackson would guess the encoding and repair bad bytes; so bytes are decoded before it sees them. */
    private static CharBuffer decoded(byte[] body) {
        try {
            CharBuffer text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body));
            if (!text.isEmpty() && text.charAt(0) == '\uFEFF') {
                throw malformed("it begins with a byte order mark");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw malformed("it is not UTF-8");
        }
    }

    private static ProblemException malformed(String where) {
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST, "The body is not JSON as in RFC 8259: " + where + ".");
    }

    private JsonFields root() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw malformed("it is empty");
        }
        JsonValue value = value(first, Pointer.TOP, 1);
        if (parser.nextToken() != null) {
            throw malformed("something follows its end");
        }
        if (value instanceof JsonValue.Fields fields) {
            return new JsonFields(Pointer.TOP, fields, errors);
        }
        throw new ProblemException(
                Problem.invalid(List.of(new FieldError("", "must be an object, not " + value.kind()))));
    }

    private JsonValue value(JsonToken token, Pointer at, int depth) throws IOException {
        return switch (token) {
            case START_OBJECT -> depth > MAX_DEPTH ? skipped() : fields(at, depth);
            case START_ARRAY -> depth > MAX_DEPTH ? skipped() : items(at, depth);
            case VALUE_STRING -> text(parser.getText());
            case VALUE_NUMBER_INT -> new JsonValue.Whole(parser.getText());
            case VALUE_NUMBER_FLOAT -> new JsonValue.Unfit("a number with a fraction or an exponent");
            case VALUE_TRUE -> new JsonValue.Flag(true);
            case VALUE_FALSE -> new JsonValue.Flag(false);
            case VALUE_NULL -> new JsonValue.Null();
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("Jackson's parser gave " + token + " as a value");
        };
    }

    private JsonValue skipped() throws IOException {
        parser.skipChildren();
        return new JsonValue.Unfit("something nested as deep as this");
    }

    private JsonValue fields(Pointer at, int depth) throws IOException {
        Map<String, JsonValue> byName = new LinkedHashMap<>(USUAL_FIELDS);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Pointer field = at.field(name);
            if (byName.putIfAbsent(name, value(parser.nextToken(), field, depth + 1)) != null) {
                errors.add(field, "is there more than once");
            }
        }
        return new JsonValue.Fields(byName);
    }

    private JsonValue items(Pointer at, int depth) throws IOException {
        List<JsonValue> values = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            values.add(value(token, at.element(values.size()), depth + 1));
        }
        return new JsonValue.Items(values);
    }

    private static JsonValue text(String text) {
        return UnicodeText.isStorable(text)
                ? new JsonValue.Text(text)
                : new JsonValue.Unfit("a string with NUL or with half of a surrogate pair");
    }
}
