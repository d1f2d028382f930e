package dev.holdfast.comparison.design;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/** The same sale, customer and key give the same id, so that the primary key keeps a retry from a second effect. */
final class ReservationIds {

    private static final int ID_BYTES = 16;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final SecureRandom RANDOM = new SecureRandom();

    private ReservationIds() {}

    static String idOf(HoldRequest request) {
        String key = request.idempotencyKey();
        byte[] bytes = new byte[ID_BYTES];
        if (key == null) {
            RANDOM.nextBytes(bytes);
        } else {
            bytes = Arrays.copyOf(hash(request.saleId() + ' ' + request.customerId() + ' ' + key), ID_BYTES);
        }
        return BASE64.encodeToString(bytes);
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
