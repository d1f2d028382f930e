package dev.holdfast.reservation;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How far the ledger of a lane's epoch is recorded in PostgreSQL.
 *
 * @param seq of the last recorded entry; 0 where none is
 * @param hash of that entry's text, as {@link #hashOf} makes it; null where none is recorded, and where it was recorded by a version
 *     that kept no hash
 */
public record Cursor(long seq, @Nullable String hash) {

    /** Nothing of the epoch is recorded. */
    public static final Cursor START = new Cursor(0, null);

    /** Half of a SHA-256: nobody makes two ledgers collide on purpose, and by chance they do not. */
    private static final int HASH_BYTES = 16;

    /** The cursor that stands at this entry. */
    public static Cursor at(LedgerEntry entry) {
        return new Cursor(entry.seq(), hashOf(entry.text()));
    }

    /** The first 16 bytes of the SHA-256 of an entry's text in UTF-8, as 32 hexadecimal digits. */
    public static String hashOf(String text) {
        byte[] hash = Sha256.begin().digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    }

    /** Whether there is something that Redis's entry at this place can be compared with. */
    public boolean canBeCompared() {
        return hash != null;
    }

    /** Whether the entry is the recorded one; always true where there is nothing to compare. The entry must be the one at {@link #seq}. */
    public boolean matches(LedgerEntry entry) {
        return hash == null || hash.equals(hashOf(entry.text()));
    }
}
