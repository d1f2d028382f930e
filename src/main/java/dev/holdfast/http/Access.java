package dev.holdfast.http;

import dev.holdfast.ledger.KeyHolder;
import dev.holdfast.ledger.KeyScope;
import io.vertx.core.http.HttpHeaders;

/** Who may make a call. */
enum Access {
    /** Anyone. */
    OPEN,
    /** Whoever has a checkout key. */
    CHECKOUT,
    /** Whoever has an admin key. */
    ADMIN;

    private static final Problem UNAUTHORIZED = Problem.of(
                    ProblemCode.UNAUTHORIZED, "This call needs a key of this service: Authorization: Bearer <key>.")
            .with("www-authenticate", "Bearer realm=\"holdfast\"");

    /** Throws unauthorized or forbidden. A call that only reads is for keys that may only read, too. */
    void require(ApiKeys keys, Call call, boolean reads) {
        if (this == OPEN) {
            return;
        }
        KeyHolder holder = keys.holder(call.headers(HttpHeaders.AUTHORIZATION))
                .orElseThrow(() -> new ProblemException(UNAUTHORIZED));
        if (!isFor(holder.scope(), reads)) {
            throw new ProblemException(
                    ProblemCode.FORBIDDEN, "The key is not one of those that may make calls of this kind.");
        }
        call.madeBy(holder);
    }

    private boolean isFor(KeyScope scope, boolean reads) {
        return switch (scope) {
            case CHECKOUT -> this == CHECKOUT;
            case ADMIN -> this == ADMIN;
            case READ -> reads;
        };
    }
}
