package dev.holdfast.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The description of both APIs, for people and tools. */
final class OpenApi {

    private static final String YAML = "application/yaml";

    private final Answer answer = Answer.of(YAML, Buffer.buffer(read()));

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/openapi.yaml", Access.OPEN, call -> Future.succeededFuture(answer)));
    }

    private static byte[] read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("/openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("openapi.yaml is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read openapi.yaml", e);
        }
    }
}
