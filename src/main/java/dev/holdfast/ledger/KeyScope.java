package dev.holdfast.ledger;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a key may be used for. */
public enum KeyScope {
    /** The calls of checkouts. */
    CHECKOUT,
    /** The calls of admins. */
    ADMIN,
    /** Whatever either of them may look at, and no change. */
    READ;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** As people write it. */
    public String word() {
        return word;
    }

    /** The scope with this word. */
    public static Optional<KeyScope> ofWord(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word.equals(word)).findFirst();
    }
}
