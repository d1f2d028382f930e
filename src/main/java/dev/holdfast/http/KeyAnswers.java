package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.ledger.ApiKey;
import dev.holdfast.ledger.KeyOutcome;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What comes of an admin's request about keys. Only one answer has a key in it: the one to whoever made it. */
final class KeyAnswers {

    private final InstantSource clock;

    KeyAnswers(InstantSource clock) {
        this.clock = clock;
    }

    /** To a request about the key of this name or id. */
    Reply reply(KeyOutcome outcome, String asked) {
        return switch (outcome) {
            case KeyOutcome.Created created ->
                Answer.json(201, json -> {
                    write(json, created.key());
                    json.writeStringField("key", created.secret().reveal());
                });
            case KeyOutcome.Revoked revoked -> Answer.json(200, json -> write(json, revoked.key()));
            case KeyOutcome.TwoValid two -> twoValid(two, asked);
            case KeyOutcome.OtherScope other ->
                invalid(
                        "scope",
                        "the key " + asked + " is a key of " + other.scope().word() + ": use another name");
            case KeyOutcome.NameInEnvironment taken ->
                invalid("name", "a key of the environment has this name: use another");
            case KeyOutcome.ExpiresInThePast past -> invalid("expiresAt", "must be in the future");
            case KeyOutcome.OwnKey own ->
                Problem.of(
                        ProblemCode.FORBIDDEN,
                        "A key cannot revoke itself: use another admin key, so that somebody still gets in.");
            case KeyOutcome.NoSuchKey none -> NotFound.key();
        };
    }

    /** To a request to revoke what is not ours to revoke. */
    static Problem ofEnvironment(String name) {
        return Problem.of(
                ProblemCode.FORBIDDEN,
                "The key " + name
                        + " stands in the settings of this node, HOLDFAST_CHECKOUT_KEYS or HOLDFAST_ADMIN_KEYS."
                        + " It ends when it is taken out there and the node is started again.");
    }

    void write(JsonGenerator json, ApiKey key) throws IOException {
        json.writeStringField("keyId", Long.toString(key.id()));
        json.writeStringField("name", key.name());
        json.writeStringField("scope", key.scope().word());
        json.writeStringField("state", key.state(clock.millis()).name().toLowerCase(Locale.ROOT));
        Json.time(json, "createdAt", key.createdAtMs());
        json.writeStringField("createdBy", key.createdBy());
        timeOrNull(json, "expiresAt", key.expiresAtMs());
        timeOrNull(json, "lastUsedAt", key.lastUsedAtMs());
        timeOrNull(json, "revokedAt", key.revokedAtMs());
    }

    private static void timeOrNull(JsonGenerator json, String name, @Nullable Long ms) throws IOException {
        Json.timeOrNull(json, name, ms == null ? 0 : ms);
    }

    private static Problem twoValid(KeyOutcome.TwoValid two, String name) {
        return Problem.of(
                        ProblemCode.KEY_LIMIT,
                        "The key " + name + " has two valid secrets already: revoke one of them first.")
                .with(json -> {
                    json.writeArrayFieldStart("keyIds");
                    json.writeString(Long.toString(two.olderId()));
                    json.writeString(Long.toString(two.newerId()));
                    json.writeEndArray();
                });
    }

    private static Problem invalid(String field, String detail) {
        return Problem.invalid(List.of(new FieldError('/' + field, detail)));
    }
}
