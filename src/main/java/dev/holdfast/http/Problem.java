package dev.holdfast.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no answer as asked: RFC 9457.
 *
 * @param detail one sentence about this very case, for people
 * @param more fields of its own; null for none
 */
record Problem(
        ProblemCode code,
        String detail,
        List<FieldError> errors,
        @Nullable JsonWriter more,
        List<Header> headers) implements Reply.Whole {

    @Override
    public String outcome() {
        return code.word();
    }

    static Problem of(ProblemCode code, String detail) {
        return new Problem(code, detail, List.of(), null, List.of());
    }

    /** A body, or a part of the request, that says what cannot be. */
    static Problem invalid(List<FieldError> errors) {
        String detail = errors.size() == 1 ? "One field is not valid." : errors.size() + " fields are not valid.";
        return of(ProblemCode.VALIDATION_FAILED, detail).withErrors(errors);
    }

    /** The same with errors of fields. */
    Problem withErrors(List<FieldError> found) {
        return new Problem(code, detail, List.copyOf(found), more, headers);
    }

    /** The same with fields of its own. */
    Problem with(JsonWriter fields) {
        return new Problem(code, detail, errors, fields, headers);
    }

    /** The same with one more header. */
    Problem with(String name, String value) {
        List<Header> all = new ArrayList<>(headers);
        all.add(new Header(name, value));
        return new Problem(code, detail, errors, more, all);
    }

    /** The same with Retry-After: whole seconds, rounded up, at least 1. */
    Problem retryAfterMs(long ms) {
        return with("retry-after", Long.toString(Math.max(1, Math.ceilDiv(ms, 1000L))));
    }
}
