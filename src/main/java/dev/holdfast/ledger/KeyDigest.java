package dev.holdfast.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The SHA-256 of a key: all that is kept of it. */
public final class KeyDigest {

    /** Clean again after each use; to find a new one takes as long as to use it. */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(KeyDigest::sha256);

    private final byte[] bytes;

    private KeyDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Of a key as it is sent. */
    public static KeyDigest of(String key) {
        return new KeyDigest(SHA_256.get().digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    /** As it was kept. */
    static KeyDigest kept(byte[] bytes) {
        return new KeyDigest(bytes.clone());
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /** In a time that tells nothing of where they differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof KeyDigest digest && MessageDigest.isEqual(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return bytes[0] << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
