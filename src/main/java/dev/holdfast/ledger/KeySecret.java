package dev.holdfast.ledger;

import java.security.SecureRandom;
import java.util.Base64;

/** A new key as its holder will send it. It is shown once and kept nowhere. */
public final class KeySecret {

    /** People and scanners of source code know a key by it. */
    private static final String PREFIX = "hf_";

    /** Nobody guesses 256 bits, nor finds them from their digest. */
    private static final int RANDOM_BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String text;

    private KeySecret(String text) {
        this.text = text;
    }

    static KeySecret random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bytes);
        return new KeySecret(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** For the answer to whoever made it, and for nothing else. */
    public String reveal() {
        return text;
    }

    KeyDigest digest() {
        return KeyDigest.of(text);
    }

    /** Without the secret, for a log that meets it by accident. */
    @Override
    public String toString() {
        return PREFIX + "***";
    }
}
