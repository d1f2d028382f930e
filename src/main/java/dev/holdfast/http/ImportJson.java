package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.ImportProgress;
import dev.holdfast.admin.ImportReport;
import java.io.IOException;

/** How far the import of a file is; and what became of its rows: how many came to what, then each. */
final class ImportJson {

    private ImportJson() {}

    static void write(JsonGenerator json, ImportProgress progress) throws IOException {
        json.writeObjectFieldStart("progress");
        json.writeNumberField("rows", progress.rows());
        json.writeNumberField("of", progress.of());
        json.writeEndObject();
    }

    static void write(JsonGenerator json, ImportReport report) throws IOException {
        json.writeBooleanField("dryRun", report.trial());
        json.writeNumberField("rows", report.lines().size());
        for (ImportReport.Result result : ImportReport.Result.values()) {
            json.writeNumberField(result.word(), report.count(result));
        }
        Json.list(json, "items", report.lines(), ImportJson::line);
    }

    private static void line(JsonGenerator json, ImportReport.Line line) throws IOException {
        json.writeNumberField("row", line.row());
        json.writeStringField("sku", line.sku());
        json.writeStringField("result", line.result().word());
        if (line.reason() != null) {
            json.writeStringField("reason", line.reason());
        }
    }
}
