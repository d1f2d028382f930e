package dev.holdfast.admin;

import dev.holdfast.ledger.AuditBook;
import dev.holdfast.ledger.ComparedSlice;
import dev.holdfast.ledger.CountDifference;
import dev.holdfast.ledger.RecordedSlice;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.reservation.FoundCount;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares some SKUs of a lane, Redis with the books, after the same entry of the ledger, while the sale runs. The books are read first,
 * then Redis, then the entries between both: the books' counts with these entries must be what Redis has. Nothing is written. To be used
 * on the event loop of the scan's connection.
 */
final class CountAudit {

    /** So many entries are read to bring the books' counts to where Redis was read. A recorder that is further behind is waited for. */
    private static final int MOST_BETWEEN = 2_000;

    /** How long what was recorded and dropped between two readings, or is not recorded for a moment, is waited for. */
    private static final int LOOK_AGAIN_MS = 50;

    /** So often what differs is looked at again before it is told, or found to have been on its way. */
    private static final int LOOKS = 5;

    private final Vertx vertx;
    private final LaneScan scan;
    private final LedgerStream stream;
    private final AuditBook book;

    CountAudit(Vertx vertx, LaneScan scan, LedgerStream stream, AuditBook book) {
        this.vertx = vertx;
        this.scan = scan;
        this.stream = stream;
        this.book = book;
    }

    /**
     * A slice that was compared.
     *
     * @param confirmed differences that were the same in two looks
     */
    record Looked(ComparedSlice slice, List<CountDifference> confirmed) {}

    /** Both sides could not be brought to one entry just now. */
    static final class NotComparable extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotComparable(Lane lane, String why) {
            super("lane " + lane + " cannot be compared: " + why, null, false, false);
        }
    }

    /**
     * Compares the slice, which has at least one SKU. Fails with {@link NotComparable} where the recorder is far behind, with
     * {@link StaleLane}, and with {@link dev.holdfast.reservation.Unavailable}.
     */
    Future<Looked> compare(RecordedSlice books) {
        return once(books)
                .recover(failure -> again(failure, books.lane(), skus(books)))
                .compose(slice -> slice.differences().isEmpty()
                        ? Future.succeededFuture(new Looked(slice, List.of()))
                        : confirmed(books.lane(), slice.differences(), LOOKS)
                                .map(confirmed -> new Looked(slice, confirmed)));
    }

    /** Compares these SKUs, those of them that the books have. Fails as the other does. */
    Future<List<CountDifference>> differences(Lane lane, List<Sku> skus) {
        return books(lane, skus)
                .compose(books -> books.counts().isEmpty()
                        ? Future.succeededFuture(List.of())
                        : compare(books).map(Looked::confirmed));
    }

    /** Those that are still there, and of the same size. */
    private Future<List<CountDifference>> confirmed(Lane lane, List<CountDifference> before, int looksLeft) {
        List<Sku> skus = before.stream().map(CountDifference::sku).toList();
        return vertx.timer(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)
                .compose(waited -> books(lane, skus))
                .compose(books -> once(books).recover(failure -> again(failure, lane, skus)))
                .compose(now -> {
                    Map<Sku, CountDifference> then =
                            before.stream().collect(Collectors.toMap(CountDifference::sku, Function.identity()));
                    boolean settled = now.differences().stream()
                            .allMatch(difference -> isAsBefore(difference, then.get(difference.sku())));
                    return settled || looksLeft == 0
                            ? Future.succeededFuture(now.differences())
                            : confirmed(lane, now.differences(), looksLeft - 1);
                });
    }

    private static boolean isAsBefore(CountDifference now, @Nullable CountDifference before) {
        return before != null && now.isAsBefore(before);
    }

    /** One more try after a while, where it may help. */
    private Future<ComparedSlice> again(Throwable failure, Lane lane, List<Sku> skus) {
        return failure instanceof NotComparable
                ? vertx.timer(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)
                        .compose(waited -> books(lane, skus))
                        .compose(this::once)
                : Future.failedFuture(failure);
    }

    private Future<RecordedSlice> books(Lane lane, List<Sku> skus) {
        return book.slice(lane, skus)
                .compose(found -> found.map(Future::succeededFuture)
                        .orElseGet(() -> Future.failedFuture(StaleLane.notInPostgres(lane))));
    }

    private Future<ComparedSlice> once(RecordedSlice books) {
        Lane lane = books.lane();
        return scan.counts(lane, skus(books))
                .compose(counted -> between(lane, books.recordedSeq(), counted.seq())
                        .map(entries -> compared(books, entries, counted)));
    }

    private static ComparedSlice compared(RecordedSlice books, List<LedgerEntry> between, LaneScan.Counted counted) {
        List<FoundCount> redis = counted.counts();
        return ComparedSlice.of(books, between, counted.seq(), redis);
    }

    private Future<List<LedgerEntry>> between(Lane lane, long recordedSeq, long seq) {
        long waiting = seq - recordedSeq;
        if (waiting == 0) {
            return Future.succeededFuture(List.of());
        }
        if (waiting < 0) {
            return Future.failedFuture(
                    new StaleLane(lane, "the ledger ends at " + seq + ", recorded is " + recordedSeq));
        }
        if (waiting > MOST_BETWEEN) {
            return Future.failedFuture(new NotComparable(lane, waiting + " entries are not recorded"));
        }
        return stream.read(lane, recordedSeq, (int) waiting)
                .compose(entries -> entries.size() == waiting
                                && entries.getLast().seq() == seq
                        ? Future.succeededFuture(entries)
                        : Future.failedFuture(new NotComparable(
                                lane, "entries " + (recordedSeq + 1) + " to " + seq + " are recorded and gone")));
    }

    private static List<Sku> skus(RecordedSlice books) {
        return books.counts().stream().map(StockCount::sku).toList();
    }
}
