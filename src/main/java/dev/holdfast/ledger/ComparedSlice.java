package dev.holdfast.ledger;

import dev.holdfast.reservation.FoundCount;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Some SKUs of a lane, Redis beside the books, after one entry of the ledger.
 *
 * @param seq of that entry
 * @param items all of them, by name
 * @param differences those whose counts are not the same
 */
public record ComparedSlice(long seq, List<AuditReport.Item> items, List<CountDifference> differences) {

    /**
     * Brings the books' counts to the entry at which Redis was read, and compares.
     *
     * @param between the entries after the books' own, up to that one and including it
     * @param redis of the same SKUs in the same order
     */
    public static ComparedSlice of(RecordedSlice books, List<LedgerEntry> between, long seq, List<FoundCount> redis) {
        Map<Sku, Fold.Move> moves = new HashMap<>();
        Fold.of(between).moves().forEach(move -> moves.put(move.sku(), move));
        List<AuditReport.Item> items = new ArrayList<>(redis.size());
        List<CountDifference> differences = new ArrayList<>();
        for (int i = 0; i < redis.size(); i++) {
            StockCount recorded = books.counts().get(i);
            Fold.Move move = moves.get(recorded.sku());
            CountDifference pair = new CountDifference(redis.get(i), move == null ? recorded : move.after(recorded));
            items.add(pair.item());
            if (!pair.postgres().equals(pair.redis().count())
                    || !pair.postgres().balanced()) {
                differences.add(pair);
            }
        }
        return new ComparedSlice(seq, List.copyOf(items), List.copyOf(differences));
    }
}
