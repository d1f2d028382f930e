package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Writes a problem as application/problem+json. */
final class ProblemWriter {

    static final String CONTENT_TYPE = "application/problem+json";

    private ProblemWriter() {}

    static Buffer bytes(Problem problem, String traceId) {
        return Json.object(json -> write(json, problem, traceId));
    }

    private static void write(JsonGenerator json, Problem problem, String traceId) throws IOException {
        ProblemCode code = problem.code();
        json.writeStringField("type", "/problems/" + code.word());
        json.writeStringField("title", code.title());
        json.writeNumberField("status", code.status());
        json.writeStringField("detail", problem.detail());
        json.writeStringField("code", code.word());
        json.writeStringField("traceId", traceId);
        if (!problem.errors().isEmpty()) {
            Json.list(json, "errors", problem.errors(), ProblemWriter::error);
        }
        JsonWriter more = problem.more();
        if (more != null) {
            more.write(json);
        }
    }

    private static void error(JsonGenerator json, FieldError error) throws IOException {
        json.writeStringField("pointer", error.pointer());
        json.writeStringField("detail", error.detail());
    }
}
