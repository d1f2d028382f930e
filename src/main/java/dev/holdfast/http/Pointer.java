package dev.holdfast.http;

import org.jspecify.annotations.Nullable;

/**
 * Where a value is in a body. It is written down, as RFC 6901 has it, only where something is wrong there.
 *
 * @param above null at the top
 * @param step the name of a field, or the index of an element
 */
record Pointer(@Nullable Pointer above, Object step) {

    static final Pointer TOP = new Pointer(null, "");

    /** Of a name that the caller made up. */
    private static final int MAX_SHOWN = 64;

    /** A field of the object that is here. */
    Pointer field(String name) {
        return new Pointer(this, name);
    }

    /** An element of the array that is here. */
    Pointer element(int index) {
        return new Pointer(this, index);
    }

    @Override
    public String toString() {
        return above == null
                ? ""
                : above.toString()
                        + '/'
                        + UnicodeText.shown(step.toString(), MAX_SHOWN)
                                .replace("~", "~0")
                                .replace("/", "~1");
    }
}
