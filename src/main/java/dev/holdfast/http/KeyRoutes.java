package dev.holdfast.http;

import dev.holdfast.admin.KeyAdmin;
import dev.holdfast.ledger.KeyScope;
import dev.holdfast.ledger.NewKey;
import dev.holdfast.reservation.Identifiers;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Admins make keys, look at them, and revoke them. */
final class KeyRoutes {

    private static final String KEYS = "/v1/admin/keys";
    private static final int MAX_REASON_LENGTH = 500;

    private final KeyAdmin keys;
    private final KeyAnswers answers;

    KeyRoutes(KeyAdmin keys, InstantSource clock) {
        this.keys = keys;
        this.answers = new KeyAnswers(clock);
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(KEYS, Access.ADMIN, this::list),
                Endpoint.post(KEYS, Access.ADMIN, this::create),
                Endpoint.post(KEYS + "/{keyId}/revoke", Access.ADMIN, this::revoke));
    }

    private Future<Reply> create(Call call) {
        JsonFields body = call.json();
        String name = body.identifier("name");
        KeyScope scope = scope(body);
        Long expiresAtMs = body.optionalTime("expiresAt");
        body.check();

        return keys.create(call.author(), new NewKey(name, scope, expiresAtMs))
                .map(outcome -> answers.reply(outcome, name));
    }

    private static KeyScope scope(JsonFields body) {
        String word = body.text("scope", Identifiers.MAX_LENGTH);
        if (!word.isBlank() && KeyScope.ofWord(word).isEmpty()) {
            body.reject("scope", "must be checkout, admin or read");
        }
        return KeyScope.ofWord(word).orElse(KeyScope.READ);
    }

    private Future<Reply> revoke(Call call) {
        String asked = call.inPath("keyId");
        Long keyId = number(asked);
        JsonFields body = call.json();
        String reason = body.text("reason", MAX_REASON_LENGTH);
        body.check();
        if (keyId == null) {
            return Future.succeededFuture(
                    keys.isInEnvironment(asked) ? KeyAnswers.ofEnvironment(asked) : NotFound.key());
        }
        return keys.revoke(call.author(), keyId, call.holder().keyId(), reason)
                .map(outcome -> answers.reply(outcome, asked));
    }

    private Future<Reply> list(Call call) {
        Page page = Page.of(call);
        Long beforeId = page.after().isEmpty() ? Long.valueOf(Long.MAX_VALUE) : number(page.after());
        if (beforeId == null) {
            throw new ProblemException(
                    Problem.invalid(List.of(new FieldError("/cursor", "must be a nextCursor of this list"))));
        }
        return keys.list(beforeId, page.look())
                .map(found -> Answer.json(
                        200, json -> page.write(json, found, key -> Long.toString(key.id()), answers::write)));
    }

    /** Null where it is none that a key can have. */
    private static @Nullable Long number(String text) {
        return text.matches("[1-9][0-9]{0,17}") ? Long.valueOf(text) : null;
    }
}
