package dev.holdfast.benchmark;

import dev.holdfast.support.Api;
import java.nio.charset.StandardCharsets;

/** Requests about one sale, as they go over the wire. */
record Requests(String saleId) {

    /** One that nobody asked before: key and customer go by its number. */
    byte[] hold(long number, String lines) {
        return post(
                "reservations",
                "Idempotency-Key: k-%010d\r\n".formatted(number),
                "{\"customerId\":\"c-%010d\",\"items\":[%s],\"holdSeconds\":3600}".formatted(number, lines));
    }

    byte[] confirm(String reservationId) {
        return post("reservations/" + reservationId + "/confirm", "", "");
    }

    static String line(String sku) {
        return "{\"sku\":\"" + sku + "\",\"quantity\":1}";
    }

    static byte[] get(String path) {
        return bytes("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }

    private byte[] post(String path, String headers, String body) {
        return bytes("""
                POST /v1/sales/%s/%s HTTP/1.1\r
                Host: 127.0.0.1\r
                Authorization: Bearer %s\r
                %sContent-Type: application/json\r
                Content-Length: %d\r
                \r
                %s""".formatted(saleId, path, Api.CHECKOUT_KEY, headers, body.length(), body));
    }

    private static byte[] bytes(String request) {
        return request.getBytes(StandardCharsets.US_ASCII);
    }
}
