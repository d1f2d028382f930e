package dev.holdfast.http;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with the fields of one body, in the order found, and once each. */
final class BodyErrors {

    /** Nobody corrects more at once. */
    private static final int MAX_ERRORS = 20;

    private final List<FieldError> errors = new ArrayList<>();

    void add(Pointer where, String detail) {
        String pointer = where.toString();
        boolean isKnown = errors.stream().anyMatch(error -> error.pointer().equals(pointer));
        if (!isKnown && errors.size() < MAX_ERRORS) {
            errors.add(new FieldError(pointer, detail));
        }
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    /** Throws validation-failed where anything is wrong. */
    void check() {
        if (!errors.isEmpty()) {
            throw new ProblemException(problem());
        }
    }

    /** validation-failed, for these. */
    Problem problem() {
        return Problem.invalid(errors);
    }
}
