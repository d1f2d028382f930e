package dev.holdfast.reservation;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * From what reservation ids are derived: the same on all nodes, or a retry at another node would be a second reservation. While the secret
 * is exchanged there are two: ids are made with the first, and looked for with both.
 *
 * @param current with which ids are made
 * @param other with which ids were, or will be, made; null but for while they are exchanged
 */
public record Secrets(String current, @Nullable String other) {

    private static final String DIGESTED = "holdfast: which secret this is";

    private static final int DIGEST_BYTES = 16;

    /** The only one there is. */
    public static Secrets of(String secret) {
        return new Secrets(secret, null);
    }

    /** What may be shown and stored of each, in the same order: it tells them apart, and nothing else about them. */
    public List<String> digests() {
        return all().stream().map(Secrets::digestOf).toList();
    }

    /** Both, or the only one there is, the one to use first. */
    public List<String> all() {
        return other == null ? List.of(current) : List.of(current, other);
    }

    /** The first 16 bytes of an HMAC-SHA256 of a fixed text, as 32 hexadecimal digits. */
    private static String digestOf(String secret) {
        return HexFormat.of()
                .formatHex(hmac(secret).doFinal(DIGESTED.getBytes(StandardCharsets.UTF_8)), 0, DIGEST_BYTES);
    }

    static Mac hmac(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }

    @Override
    public String toString() {
        return "Secrets[***]";
    }
}
