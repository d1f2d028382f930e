package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;

/** The probes. A node without PostgreSQL is ready: it goes on reserving; one without Redis is not. */
final class HealthView {

    private final Health health;

    HealthView(Health health) {
        this.health = health;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/health/live", Access.OPEN, this::live),
                Endpoint.get("/health/ready", Access.OPEN, this::ready));
    }

    private Future<Reply> live(Call call) {
        return Future.succeededFuture(Answer.json(200, json -> {
            json.writeStringField("status", "live");
            json.writeStringField("version", health.version());
        }));
    }

    private Future<Reply> ready(Call call) {
        return Future.succeededFuture(
                health.redisUp()
                        ? Answer.json(200, this::ready)
                        : Problem.of(
                                        ProblemCode.REDIS_UNAVAILABLE,
                                        health.refusal().orElse("Redis does not answer: this node cannot reserve."))
                                .with(this::servers));
    }

    private void ready(JsonGenerator json) throws IOException {
        json.writeStringField("status", "ready");
        servers(json);
    }

    private void servers(JsonGenerator json) throws IOException {
        json.writeBooleanField("redis", health.redisUp());
        json.writeBooleanField("postgres", health.postgresUp());
    }
}
