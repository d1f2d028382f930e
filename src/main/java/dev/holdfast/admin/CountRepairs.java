package dev.holdfast.admin;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.CountBook;
import dev.holdfast.ledger.CountDifference;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Looks at the counts of single SKUs, and sets those in Redis to those of the books. To be used on the event loop of the scan's connection. */
public final class CountRepairs {

    /** A count that changes all the while is tried so often. */
    private static final int TRIES = 20;

    private static final List<String> FIELDS = List.of("capacity", "available", "held", "sold", "version");

    private final CountAudit audit;
    private final CountFindings findings;
    private final LaneScan scan;
    private final CountBook book;

    /** Reads entries of the ledger through the stream. */
    public CountRepairs(Vertx vertx, LedgerStream stream, LaneScan scan, Books books, Metrics metrics) {
        this.audit = new CountAudit(vertx, scan, stream, books.audits());
        this.findings = new CountFindings(books, scan, metrics);
        this.scan = scan;
        this.book = books.counts();
    }

    /** Why the counts of the books must not be written into Redis, for people; empty where they may. */
    public Future<Optional<String>> doubt(Lane lane, Sku sku) {
        return book.doubt(lane, sku)
                .map(doubt -> doubt.map(wrong -> "The counts of PostgreSQL are not right themselves: " + wrong
                        + ". They are not written into Redis. Ask for a rebuild of the sale: it mends them."));
    }

    /** Compares these SKUs and tells of what differs. */
    public Future<Void> tell(Lane lane, List<Sku> skus) {
        return skus.isEmpty()
                ? Future.succeededFuture()
                : audit.differences(lane, skus.subList(0, Math.min(skus.size(), LaneScan.MOST_SKUS)))
                        .compose(differences -> findings.tellAll(lane, differences));
    }

    /**
     * Sets the SKU's counts in Redis to those of the books after the same entry of the ledger; whether they are so then. False, too, where
     * the books would come to less than none, because units that nobody has were sold and a rebuild has to say to whom, and where the counts
     * of the books are not right themselves ({@link #doubt}).
     */
    public Future<Boolean> repair(Lane lane, Sku sku) {
        return doubt(lane, sku)
                .compose(doubt -> doubt.isPresent() ? Future.succeededFuture(false) : repair(lane, sku, TRIES));
    }

    /** The same with many, {@link LaneScan#MOST_SKUS} at most; how many could not be mended. */
    public Future<Long> repairAll(Lane lane, List<Sku> skus) {
        AtomicLong left = new AtomicLong();
        return audit.differences(lane, skus).compose(differences -> {
            Iterator<CountDifference> each = differences.iterator();
            return AsyncLoop.whileTrue(() -> each.hasNext()
                            ? repair(lane, each.next().sku()).map(mended -> {
                                left.addAndGet(mended ? 0 : 1);
                                return true;
                            })
                            : Future.succeededFuture(false))
                    .map(done -> left.get());
        });
    }

    private Future<Boolean> repair(Lane lane, Sku sku, int triesLeft) {
        return audit.differences(lane, List.of(sku)).compose(differences -> {
            if (differences.isEmpty()) {
                return Future.succeededFuture(true);
            }
            CountDifference difference = differences.getFirst();
            return triesLeft == 0 || !difference.postgres().balanced()
                    ? Future.succeededFuture(false)
                    : scan.repair(lane, Part.STOCK, repairs(difference))
                            .compose(tried -> repair(lane, sku, triesLeft - 1));
        });
    }

    private static List<LaneScan.Repair> repairs(CountDifference difference) {
        StockCount wanted = difference.postgres();
        List<Long> counts =
                List.of(wanted.capacity(), wanted.available(), wanted.held(), wanted.sold(), wanted.version());
        List<LaneScan.Repair> repairs = new ArrayList<>();
        for (int i = 0; i < FIELDS.size(); i++) {
            repairs.add(new LaneScan.Repair(
                    difference.sku().value() + '|' + FIELDS.get(i),
                    difference.redis().texts().get(i),
                    Long.toString(counts.get(i)),
                    null));
        }
        return repairs;
    }
}
