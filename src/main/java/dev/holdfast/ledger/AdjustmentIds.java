package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sha256;
import dev.holdfast.reservation.Sku;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Ids of adjustments. They begin with a digest of the Idempotency-Key, and Redis keeps them: so a request is known again by the id alone,
 * where PostgreSQL came back older and has lost the key. Their end is random, because a refusal frees its key for another try.
 */
final class AdjustmentIds {

    private static final int KEY_BYTES = 12;

    private static final int FINGERPRINT_BYTES = 6;

    private AdjustmentIds() {}

    /** Of all adjustments of the sale under this key. */
    static String begin(SaleId saleId, String idempotencyKey) {
        return digest(KEY_BYTES, saleId.value(), idempotencyKey);
    }

    /** Of all adjustments of this SKU by imports under this key. A key has no line break, so that it is none of {@link #begin}. */
    static String beginOfImport(SaleId saleId, String idempotencyKey, Sku sku) {
        return digest(KEY_BYTES, saleId.value(), "import", idempotencyKey, sku.value());
    }

    /** Of a request that has this fingerprint. */
    static String of(String begin, String fingerprint) {
        return begin + '.' + digest(FINGERPRINT_BYTES, fingerprint) + '.' + random();
    }

    /** Of an import; null for one without an Idempotency-Key. */
    static String ofImport(SaleId saleId, @Nullable String idempotencyKey, Sku sku) {
        return idempotencyKey == null
                ? UUID.randomUUID().toString()
                : beginOfImport(saleId, idempotencyKey, sku) + '.' + random();
    }

    /** Whether the id was made for a request that has this fingerprint. */
    static boolean isOf(String id, String begin, String fingerprint) {
        return id.startsWith(begin + '.' + digest(FINGERPRINT_BYTES, fingerprint) + '.');
    }

    private static String random() {
        return UUID.randomUUID().toString().substring(0, 8);
    }

    private static String digest(int bytes, String... lines) {
        MessageDigest digest = Sha256.begin();
        byte[] all = digest.digest(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(all, bytes));
    }
}
