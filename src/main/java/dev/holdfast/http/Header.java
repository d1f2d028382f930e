package dev.holdfast.http;

import io.vertx.core.http.HttpHeaders;

/** One header of an answer. What is the same in every answer is kept as the bytes that are sent. */
record Header(CharSequence name, CharSequence value) {

    static final Header NO_STORE = of("cache-control", "no-store");
    static final Header NO_SNIFF = of("x-content-type-options", "nosniff");
    static final Header JSON = of("content-type", Answer.JSON);
    static final Header PROBLEM_JSON = of("content-type", ProblemWriter.CONTENT_TYPE);

    /** For constants. */
    static Header of(String name, String value) {
        return new Header(HttpHeaders.createOptimized(name), HttpHeaders.createOptimized(value));
    }
}
