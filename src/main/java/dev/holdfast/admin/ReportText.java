package dev.holdfast.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.admin.ImportReport.Line;
import dev.holdfast.admin.ImportReport.Result;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A report as it is kept: a JSON array of whether it was a trial, and of each row as an array of its number, its SKU, its result and
 * the reason where it was rejected. Both directions take a while for a large file: not to be called on an event loop.
 */
final class ReportText {

    private static final JsonFactory JSON = new JsonFactory();

    private ReportText() {}

    static String of(ImportReport report) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            json.writeBoolean(report.trial());
            for (Line line : report.lines()) {
                write(json, line);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JSON to memory", e);
        }
        return text.toString();
    }

    /** Throws IllegalStateException where it is no such text. */
    static ImportReport read(String text) {
        try (JsonParser json = JSON.createParser(text)) {
            require(json.nextToken() == JsonToken.START_ARRAY, text);
            boolean trial = json.nextToken() == JsonToken.VALUE_TRUE;
            List<Line> lines = new ArrayList<>();
            while (json.nextToken() == JsonToken.START_ARRAY) {
                lines.add(line(json, text));
            }
            require(json.currentToken() == JsonToken.END_ARRAY, text);
            return new ImportReport(trial, lines);
        } catch (IOException e) {
            throw new IllegalStateException("an import's report is not JSON", e);
        }
    }

    private static void write(JsonGenerator json, Line line) throws IOException {
        json.writeStartArray();
        json.writeNumber(line.row());
        json.writeString(line.sku());
        json.writeString(line.result().word());
        if (line.reason() != null) {
            json.writeString(line.reason());
        }
        json.writeEndArray();
    }

    private static Line line(JsonParser json, String text) throws IOException {
        int row = json.nextIntValue(-1);
        String sku = json.nextTextValue();
        String word = json.nextTextValue();
        @Nullable String reason = json.nextTextValue();
        require(row >= 0 && sku != null && word != null, text);
        require(reason == null || json.nextToken() == JsonToken.END_ARRAY, text);
        return new Line(
                row, String.valueOf(sku), Result.valueOf(String.valueOf(word).toUpperCase(Locale.ROOT)), reason);
    }

    private static void require(boolean asWritten, String text) {
        if (!asWritten) {
            throw new IllegalStateException(
                    "not the report of an import: " + text.substring(0, Math.min(80, text.length())));
        }
    }
}
