package dev.holdfast.reservation;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, which is part of every JDK. */
public final class Sha256 {

    private Sha256() {}

    /** A digest of nothing yet. Not safe for use by several threads. */
    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
