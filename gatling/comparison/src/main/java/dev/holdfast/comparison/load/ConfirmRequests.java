package dev.holdfast.comparison.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Confirmations of reservations, in their order from 0. */
public final class ConfirmRequests implements Requests {

    private final byte[] head;
    private final byte[] tail;
    private final List<String> reservationIds;

    /** Of these reservations of one sale. */
    public ConfirmRequests(String saleId, String bearer, List<String> reservationIds) {
        head = bytes("POST /v1/sales/" + saleId + "/reservations/");
        tail = bytes("""
                /confirm HTTP/1.1\r
                Host: 127.0.0.1\r
                Authorization: Bearer %s\r
                Content-Length: 0\r
                \r
                """.formatted(bearer));
        this.reservationIds = List.copyOf(reservationIds);
    }

    @Override
    public int mostBytes() {
        int longestId = reservationIds.stream().mapToInt(String::length).max().orElse(0);
        return head.length + longestId + tail.length;
    }

    @Override
    public void put(long number, ByteBuffer into) {
        into.put(head).put(bytes(reservationIds.get((int) number))).put(tail);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
