package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some batches of a lane's recorded ledger, one after the other, with what the chain over them needs.
 *
 * @param head chain of the ledger's last batch; null where none has one
 * @param begin place of the last entry that is not in the chain any more, or never was
 * @param beginChain that the first batch after it builds on; empty where that is the first of all
 * @param recorded place of the last entry that was recorded: the ledger must go as far
 * @param nowMs by PostgreSQL's clock
 * @param batches in their order; none at the end
 */
public record LedgerPage(
        @Nullable Buffer head,
        LedgerPlace begin,
        Buffer beginChain,
        LedgerPlace recorded,
        long nowMs,
        List<Batch> batches) {

    /**
     * What one transaction recorded.
     *
     * @param place of its first entry
     * @param size how many places it has
     * @param entries those that are in it
     * @param digest of its content
     * @param chain null where it has none
     * @param known as somebody has said that it is to stay; null where nobody did
     * @param replayed whether it is a dead letter that was replayed: it is in the ledger at its place, and not in the chain
     */
    public record Batch(
            LedgerPlace place,
            int size,
            List<LedgerEntry> entries,
            Buffer digest,
            @Nullable Buffer chain,
            @Nullable Break known,
            boolean replayed,
            long recordedAtMs) {

        /** Of its last entry. */
        public LedgerPlace last() {
            return new LedgerPlace(place.epoch(), place.seq() + size - 1);
        }

        /** Whether the next batch follows from the one before this. */
        public boolean isBesideTheChain() {
            return replayed && chain == null;
        }

        /** Null where it follows from the batch with the chain {@code before}. */
        public @Nullable Break breakAfter(Buffer before) {
            return isBesideTheChain() || LedgerChain.next(before, digest).equals(chain)
                    ? null
                    : new Break(place, before, digest, chain == null ? Buffer.buffer() : chain);
        }
    }

    /** A batch that does not follow from the one before it. */
    public record Break(LedgerPlace place, Buffer before, Buffer digest, Buffer chain) {}

    static LedgerPage of(Lane lane, RowSet<Row> rows, ReservationHistory.EntryReader reader) {
        Row first = SaleRows.first(rows).orElseThrow(() -> new IllegalStateException("no lane " + lane));
        List<Batch> batches = new ArrayList<>();
        for (Row row : rows) {
            if (row.getLong("first_seq") != null) {
                batches.add(batch(lane, row, reader));
            }
        }
        Long beginEpoch = first.getLong("begin_epoch");
        Buffer beginChain = first.getBuffer("begin_chain");
        return new LedgerPage(
                first.getBuffer("head"),
                beginEpoch == null ? new LedgerPlace(0, 0) : new LedgerPlace(beginEpoch, first.getLong("begin_seq")),
                beginChain == null ? Buffer.buffer() : beginChain,
                new LedgerPlace(first.getLong("lane_epoch"), first.getLong("recorded_seq")),
                Columns.ms(first.getOffsetDateTime("now")),
                List.copyOf(batches));
    }

    private static Batch batch(Lane lane, Row row, ReservationHistory.EntryReader reader) {
        LedgerPlace place = new LedgerPlace(row.getLong("epoch"), row.getLong("first_seq"));
        @Nullable String[] texts = row.getArrayOfStrings("entries");
        List<LedgerEntry> entries = new ArrayList<>(texts.length);
        for (int i = 0; i < texts.length; i++) {
            String text = texts[i];
            if (text != null) {
                entries.add(reader.read(place.seq() + i, text));
            }
        }
        Buffer before = row.getBuffer("before");
        return new Batch(
                place,
                texts.length,
                List.copyOf(entries),
                LedgerChain.digest(new Lane(lane.saleId(), lane.number(), place.epoch()), place.seq(), texts),
                row.getBuffer("row_chain"),
                before == null
                        ? null
                        : new Break(place, before, row.getBuffer("known_digest"), row.getBuffer("known_chain")),
                row.getBoolean("replayed"),
                Columns.ms(row.getOffsetDateTime("recorded_at")));
    }

    /** Whether it is the last page: nothing came after the place that was asked for. */
    public boolean isLast() {
        return batches.isEmpty();
    }

    /** How many entries are in it. */
    public int entries() {
        return batches.stream().mapToInt(batch -> batch.entries().size()).sum();
    }

    @Override
    public String toString() {
        return Arrays.toString(batches.stream().map(Batch::place).toArray());
    }
}
