package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.redis.RedisTrouble;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The probes. A node without PostgreSQL is ready: it goes on reserving; one that Redis takes nothing from is not. */
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
        Readiness now = health.readiness();
        List<String> reasons = reasons(now);
        return Future.succeededFuture(
                now.draining() || !now.redisUp()
                        ? Problem.of(code(now), reasons.getFirst()).with(json -> servers(json, now, reasons))
                        : Answer.json(200, json -> {
                            json.writeStringField("status", "ready");
                            servers(json, now, reasons);
                        }));
    }

    private static ProblemCode code(Readiness now) {
        if (now.draining()) {
            return ProblemCode.DRAINING;
        }
        return now.refusal().isPresent()
                ? ProblemCode.REDIS_UNAVAILABLE
                : Failures.code(now.redisTroubles().iterator().next().reason());
    }

    /** The first one is why the node is not ready, if it is not. */
    private static List<String> reasons(Readiness now) {
        List<String> reasons = new ArrayList<>();
        if (now.draining()) {
            reasons.add("This node was told to end: send requests to another one.");
        }
        now.refusal().ifPresent(reasons::add);
        now.redisTroubles().stream()
                .filter(trouble -> now.refusal().isEmpty())
                .sorted()
                .map(RedisTrouble::sentence)
                .forEach(reasons::add);
        now.postgresProblem()
                .ifPresent(
                        why -> reasons.add(why + ". Reservations go on, and are recorded when PostgreSQL takes them."));
        return reasons;
    }

    private static void servers(JsonGenerator json, Readiness now, List<String> reasons) throws IOException {
        json.writeBooleanField("redis", now.redisUp());
        json.writeBooleanField("postgres", now.postgresProblem().isEmpty());
        json.writeArrayFieldStart("reasons");
        for (String reason : reasons) {
            json.writeString(reason);
        }
        json.writeEndArray();
    }
}
