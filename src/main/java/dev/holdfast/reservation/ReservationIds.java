package dev.holdfast.reservation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** Makes reservation ids and fingerprints. Not safe for use by several threads at once. */
public final class ReservationIds {

    /** Bytes of an id: 128 bits, 22 characters. */
    private static final int ID_BYTES = 16;

    /** Bytes of a fingerprint: it only has to tell two bodies of one key apart. */
    private static final int FINGERPRINT_BYTES = 8;

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Mac mac;
    private final @Nullable Mac otherMac;
    private final MessageDigest digest;
    private final SecureRandom random = new SecureRandom();

    /** All nodes of a service share the secrets, or a retry at another node would be a second reservation. */
    public ReservationIds(Secrets secrets) {
        mac = Secrets.hmac(secrets.current());
        otherMac = secrets.other() == null ? null : Secrets.hmac(secrets.other());
        digest = Sha256.begin();
    }

    /**
     * Keys alone: the moment comes with the hold. The same sale, customer and Idempotency-Key give the same one, without one every call a
     * new one.
     */
    public HoldId idOf(SaleId saleId, CustomerId customerId, @Nullable String idempotencyKey) {
        if (idempotencyKey == null) {
            byte[] bytes = new byte[ID_BYTES];
            random.nextBytes(bytes);
            return HoldId.of(new ReservationId(BASE64.encodeToString(bytes)));
        }
        // Identifiers have no space, so the parts cannot run into each other.
        byte[] scope =
                (saleId.value() + ' ' + customerId.value() + ' ' + idempotencyKey).getBytes(StandardCharsets.UTF_8);
        return new HoldId(derived(mac, scope), otherMac == null ? null : derived(otherMac, scope));
    }

    private static ReservationId derived(Mac mac, byte[] scope) {
        return new ReservationId(BASE64.encodeToString(Arrays.copyOf(mac.doFinal(scope), ID_BYTES)));
    }

    /** Equal for requests that ask for the same: the cart in canonical order and the hold time. */
    public String fingerprintOf(HoldRequest request) {
        StringBuilder text = new StringBuilder(64).append(request.holdSeconds());
        for (Line line : request.cart().lines()) {
            text.append(' ').append(line.sku().value()).append(' ').append(line.quantity());
        }
        byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
        return BASE64.encodeToString(Arrays.copyOf(hash, FINGERPRINT_BYTES));
    }
}
