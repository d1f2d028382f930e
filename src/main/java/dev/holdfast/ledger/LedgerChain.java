package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sha256;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The chain of a lane's recorded ledger: each batch has the SHA-256 of the chain of the batch before it and of its own content. So no batch
 * can be changed, left out or put in between without all that follow it.
 */
final class LedgerChain {

    private LedgerChain() {}

    /** Of what a row of ledger_batches says, but for its time and its chain. */
    static Buffer digest(Lane lane, long firstSeq, @Nullable String[] entries) {
        byte[] head = (lane.saleId().value()
                        + ' '
                        + lane.number()
                        + ' '
                        + lane.epoch()
                        + ' '
                        + firstSeq
                        + ' '
                        + entries.length
                        + ' ')
                .getBytes(StandardCharsets.UTF_8);
        byte[][] texts = new byte[entries.length][];
        int size = head.length;
        for (int i = 0; i < entries.length; i++) {
            String entry = entries[i];
            texts[i] = entry == null ? new byte[0] : entry.getBytes(StandardCharsets.UTF_8);
            size += Integer.BYTES + texts[i].length;
        }
        // In one piece: a recorder does this for each batch, and small updates of a digest cost as much as the digest.
        ByteBuffer all = ByteBuffer.allocate(size).put(head);
        for (int i = 0; i < entries.length; i++) {
            // No entry is not the same as an empty one.
            all.putInt(entries[i] == null ? -1 : texts[i].length).put(texts[i]);
        }
        return Buffer.buffer(Sha256.begin().digest(all.array()));
    }

    /** The chain of a batch with this digest; as the recorder's statement makes it. */
    static Buffer next(@Nullable Buffer chainBefore, Buffer digest) {
        MessageDigest sha = Sha256.begin();
        if (chainBefore != null) {
            sha.update(chainBefore.getBytes());
        }
        return Buffer.buffer(sha.digest(digest.getBytes()));
    }
}
