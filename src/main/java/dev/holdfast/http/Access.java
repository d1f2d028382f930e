package dev.holdfast.http;

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

    /** Throws unauthorized or forbidden. */
    void require(ApiKeys keys, Call call) {
        switch (this) {
            case OPEN -> {}
            case CHECKOUT -> require(ApiKeys.Role.CHECKOUT, keys, call);
            case ADMIN -> require(ApiKeys.Role.ADMIN, keys, call);
        }
    }

    private static void require(ApiKeys.Role role, ApiKeys keys, Call call) {
        ApiKeys.Holder holder = keys.holder(call.headers(HttpHeaders.AUTHORIZATION))
                .orElseThrow(() -> new ProblemException(UNAUTHORIZED));
        if (holder.role() != role) {
            throw new ProblemException(
                    ProblemCode.FORBIDDEN, "The key is not one of those that may make calls of this kind.");
        }
        call.madeBy(holder);
    }
}
