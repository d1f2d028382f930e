package dev.holdfast.comparison.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The bytes of a hold of one unit, of which only digits change: customer and key from the request's number, and the SKU. */
public final class HoldRequests implements Requests {

    private static final String KEY = "Idempotency-Key: k-@@@@@@@@@@\r\n";
    private static final String HOLD_SECONDS = ",\"holdSeconds\":3600";
    private static final int NUMBER_DIGITS = 10;
    private static final int SKU_DIGITS = 4;

    /** Odd, so that numbers in sequence meet all SKUs in no obvious order. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private final byte[] bytes;
    private final int keyAt;
    private final int customerAt;
    private final int skuAt;
    private final int skus;

    private HoldRequests(String saleId, String bearer, int skus, boolean keyed) {
        String body = "{\"customerId\":\"c-@@@@@@@@@@\",\"items\":[{\"sku\":\"SKU-####\",\"quantity\":1}]%s}"
                .formatted(keyed ? HOLD_SECONDS : "");
        String head = """
                POST /v1/sales/%s/reservations HTTP/1.1\r
                Host: 127.0.0.1\r
                Authorization: Bearer %s\r
                %sContent-Type: application/json\r
                Content-Length: %d\r
                \r
                """.formatted(saleId, bearer, keyed ? KEY : "", body.length());
        String all = head + body;
        bytes = all.getBytes(StandardCharsets.US_ASCII);
        keyAt = all.indexOf('@');
        customerAt = all.lastIndexOf('@') - NUMBER_DIGITS + 1;
        skuAt = all.indexOf("####");
        this.skus = skus;
    }

    /** Each with an Idempotency-Key and its own hold time, for a sale that has so many SKUs: SKU-0000 and on. */
    public static HoldRequests keyed(String saleId, String bearer, int skus) {
        return new HoldRequests(saleId, bearer, skus, true);
    }

    /** The same without either: a repeated request would be another hold, and the sale says for how long. */
    public static HoldRequests keyless(String saleId, String bearer, int skus) {
        return new HoldRequests(saleId, bearer, skus, false);
    }

    @Override
    public int mostBytes() {
        return bytes.length;
    }

    /** Without a key, key and customer are at one place. */
    @Override
    public void put(long number, ByteBuffer into) {
        into.put(bytes);
        digits(into, keyAt, NUMBER_DIGITS, number);
        digits(into, customerAt, NUMBER_DIGITS, number);
        digits(into, skuAt, SKU_DIGITS, Long.remainderUnsigned((number * SPREAD) >>> 20, skus));
    }

    /** The name of a SKU. */
    public static String sku(int index) {
        return "SKU-%04d".formatted(index);
    }

    private static void digits(ByteBuffer into, int at, int count, long number) {
        long rest = number;
        for (int i = at + count - 1; i >= at; i--) {
            into.put(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
    }
}
