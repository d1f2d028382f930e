package dev.holdfast.reservation;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes receipts and reads them again. A receipt is base64url of a line of text and 16 bytes of its HMAC-SHA256, by a key that is derived
 * from the service's secret. Not safe for use by several threads at once.
 */
public final class Receipts {

    private static final String ALGORITHM = "HmacSHA256";

    /** Keeps this key apart from what else is derived from the secret, and the forms of receipts from each other. */
    private static final String PURPOSE = "holdfast receipt 1";

    /** 128 bits: enough against guessing, and no longer than needed. */
    private static final int SIGNATURE_BYTES = 16;

    private static final int HASH_BYTES = 32;

    /** The text and the room for its signature, characters. */
    private static final int USUAL_LENGTH = 256;

    /** Words before the lines. */
    private static final int LINES_FROM = 10;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    private final List<Mac> macs;
    private final byte[] hash = new byte[HASH_BYTES];
    private final StringBuilder written = new StringBuilder(USUAL_LENGTH);

    /**
     * Signs with the first secret, and accepts what any of them signed.
     *
     * @param secrets the same on all nodes, at least one
     */
    public Receipts(List<String> secrets) {
        macs = secrets.stream().map(Receipts::macOf).toList();
    }

    /** The receipt for what the caller is told of this reservation now: printable ASCII without blanks. */
    public String of(Reservation reservation) {
        written.setLength(0);
        write(reservation, written);
        written.repeat(' ', SIGNATURE_BYTES);
        byte[] signed = written.toString().getBytes(StandardCharsets.UTF_8);
        int length = signed.length - SIGNATURE_BYTES;
        System.arraycopy(signature(macs.getFirst(), signed, length), 0, signed, length, SIGNATURE_BYTES);
        return ENCODER.encodeToString(signed);
    }

    /** Empty where it is not one that this service gave. */
    public Optional<Receipt> read(String receipt) {
        byte[] signed;
        try {
            signed = DECODER.decode(receipt);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int length = signed.length - SIGNATURE_BYTES;
        return length > 0 && isSigned(signed, length)
                ? Optional.of(receipt(new String(signed, 0, length, StandardCharsets.UTF_8)))
                : Optional.empty();
    }

    private boolean isSigned(byte[] signed, int length) {
        byte[] given = Arrays.copyOfRange(signed, length, signed.length);
        boolean found = false;
        for (Mac mac : macs) {
            byte[] right = Arrays.copyOf(signature(mac, signed, length), SIGNATURE_BYTES);
            found |= MessageDigest.isEqual(right, given);
        }
        return found;
    }

    /** At the beginning of an array that the next call overwrites. */
    private byte[] signature(Mac mac, byte[] text, int length) {
        mac.update(text, 0, length);
        try {
            mac.doFinal(hash, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("HmacSHA256 has 32 bytes", e);
        }
        return hash;
    }

    private static void write(Reservation reservation, StringBuilder text) {
        Reservation.Mark mark = reservation.mark();
        long heldAtMs = reservation.heldAtMs();
        Long endedAtMs = reservation.endedAtMs();
        text.append(reservation.saleId().value())
                .append(' ')
                .append(reservation.id().value())
                .append(' ')
                .append(reservation.customerId().value())
                .append(' ')
                .append(reservation.state().word())
                .append(' ')
                .append(mark.revision())
                .append(' ')
                .append(mark.epoch())
                .append(' ')
                .append(mark.seq())
                .append(' ')
                .append(mark.fingerprint())
                .append(' ')
                .append(reservation.expiresAtMs() - heldAtMs)
                .append(' ')
                .append(endedAtMs == null ? 0 : endedAtMs - heldAtMs);
        for (Line line : reservation.cart().lines()) {
            text.append(' ').append(line.sku().value()).append(' ').append(line.quantity());
        }
    }

    private static Receipt receipt(String text) {
        String[] words = text.split(" ", -1);
        ReservationId id = new ReservationId(words[1]);
        ReservationState state = ReservationState.valueOf(words[3].toUpperCase(Locale.ROOT));
        List<Line> lines = new ArrayList<>();
        for (int i = LINES_FROM; i < words.length; i += 2) {
            lines.add(new Line(new Sku(words[i]), Integer.parseInt(words[i + 1])));
        }
        return new Receipt(
                new SaleId(words[0]),
                id,
                new CustomerId(words[2]),
                state,
                new Cart(lines),
                id.heldAtMs(),
                id.heldAtMs() + Long.parseLong(words[8]),
                state == ReservationState.HELD ? 0 : id.heldAtMs() + Long.parseLong(words[9]),
                new Reservation.Mark(
                        Long.parseLong(words[4]), Long.parseLong(words[5]), Long.parseLong(words[6]), words[7]));
    }

    private static Mac macOf(String secret) {
        try {
            byte[] key =
                    macBy(secret.getBytes(StandardCharsets.UTF_8)).doFinal(PURPOSE.getBytes(StandardCharsets.UTF_8));
            return macBy(key);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(ALGORITHM + " is part of every JDK", e);
        }
    }

    private static Mac macBy(byte[] key) throws NoSuchAlgorithmException, InvalidKeyException {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(new SecretKeySpec(key, ALGORITHM));
        return mac;
    }
}
