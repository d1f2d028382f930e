package dev.holdfast.ledger;

import dev.holdfast.reservation.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The SHA-256 of a key: all that is kept of it. */
public final class KeyDigest {

    /** Clean again after each use; to find a new one takes as long as to use it. */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Sha256::begin);

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
}
