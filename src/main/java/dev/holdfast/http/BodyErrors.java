package dev.holdfast.http;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with the fields of one body, in the order found, and once each. */
final class BodyErrors {

    /** Nobody corrects more at once. */
    private static final int MAX_ERRORS = 20;

    /** Of a name that the caller made up. */
    private static final int MAX_SHOWN = 64;

    private final List<FieldError> errors = new ArrayList<>();

    void add(String pointer, String detail) {
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
            throw new ProblemException(Problem.invalid(errors));
        }
    }

    /** Points at a field of an object, by RFC 6901. */
    static String below(String pointer, String name) {
        return pointer
                + '/'
                + UnicodeText.shown(name, MAX_SHOWN).replace("~", "~0").replace("/", "~1");
    }

    /** Points at an element of an array. */
    static String below(String pointer, int index) {
        return pointer + '/' + index;
    }
}
