package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.redis.LedgerWords;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Capacity that is to go as holds end, and is free: its holds ended while the lane did not know of it, or by what the rebuild concluded. It
 * goes before the lane sells, as it would have gone in Redis; else it would be sold. Lives on one event loop.
 */
public final class SurplusCapacity {

    private final Rebuild rebuild;
    private final long nowMs;
    private final Books books;
    private final ConcludedEntries entries;
    private final Supplier<Future<Void>> beforeTheFirst;

    /**
     * @param nowMs by the sale's clock
     * @param entries of this rebuild, which may have some already
     * @param beforeTheFirst as in {@link PutBack}
     */
    public SurplusCapacity(
            Rebuild rebuild, long nowMs, Books books, ConcludedEntries entries, Supplier<Future<Void>> beforeTheFirst) {
        this.rebuild = rebuild;
        this.nowMs = nowMs;
        this.books = books;
        this.entries = entries;
        this.beforeTheFirst = beforeTheFirst;
    }

    /** Takes it out of the books. Fails with {@link dev.holdfast.ledger.Overtaken}, and as PostgreSQL does. */
    public Future<Void> takeOut() {
        return books.conclusions().stock(rebuild.to()).compose(stock -> {
            List<String> texts = new ArrayList<>();
            List<RebuildFinding> findings = new ArrayList<>();
            for (StockedSku sku : stock.values()) {
                long units = Math.min(sku.pendingUnits(), sku.count().available());
                if (units > 0) {
                    texts.add(LedgerWords.shrunk(sku, units, nowMs));
                    findings.add(finding(sku, units));
                }
            }
            return texts.isEmpty()
                    ? Future.succeededFuture()
                    : beforeTheFirst
                            .get()
                            .compose(begun -> entries.write(texts))
                            .compose(written -> entries.list(findings));
        });
    }

    private static RebuildFinding finding(StockedSku sku, long units) {
        Sku name = sku.count().sku();
        return RebuildFinding.of(
                RebuildFinding.Kind.SKU_CONCLUDED,
                name,
                units + " units of its capacity were to go as holds end, and are free: they are gone, "
                        + (sku.pendingUnits() - units) + " are still to go");
    }
}
