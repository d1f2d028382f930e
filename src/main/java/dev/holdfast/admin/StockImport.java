package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.SkuBook;
import dev.holdfast.ledger.SkuBook.SkuChange;
import dev.holdfast.ledger.TooManySkus;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings a file of SKUs into a sale: all that can be done of it into PostgreSQL in one transaction, then into Redis, then this answers
 * every row. Rows that cannot be done change nothing and keep no other row.
 */
public final class StockImport {

    /** A file and what is made of it take some 50 MB while it is at work. */
    private static final int MOST_AT_ONCE = 2;

    /** Ten times what a full file takes. */
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final SaleLock lock;
    private final SaleBook sales;
    private final SkuBook skus;
    private final LaneSender sender;
    private final CapacityChanges capacities;
    private final AtomicInteger atWork = new AtomicInteger();

    /** To be used on the event loop of the sender. */
    public StockImport(Vertx vertx, Books books, SaleLock lock, LaneSender sender, CapacityChanges capacities) {
        this.vertx = vertx;
        this.lock = lock;
        this.sales = books.sales();
        this.skus = books.skus();
        this.sender = sender;
        this.capacities = capacities;
    }

    /**
     * Imports the file. Fails with {@link Unavailable}, having done nothing, or with OUTCOME_UNKNOWN: the same file again does what
     * is left.
     *
     * @param file CSV in UTF-8
     * @param trial to tell what would come of it, and do nothing
     */
    public Future<ImportOutcome> run(Author author, SaleId saleId, byte[] file, boolean trial) {
        if (atWork.incrementAndGet() > MOST_AT_ONCE) {
            atWork.decrementAndGet();
            return Future.failedFuture(
                    new Unavailable(Unavailable.Reason.OVERLOADED, MOST_AT_ONCE + " imports are at work", null));
        }
        AdminAction action = new AdminAction(author, Kind.STOCK_IMPORTED, null);
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new ImportOutcome.NoSuchSale())
                        : read(file).compose(read -> run(action, listed.get(), new ImportRun(read, trial), trial)))
                .recover(StockImport::declined)
                .onComplete(done -> atWork.decrementAndGet());
    }

    private Future<Catalogue> read(byte[] file) {
        return vertx.executeBlocking(() -> CatalogueReader.read(file)).map(Objects::requireNonNull);
    }

    private Future<ImportOutcome> run(AdminAction action, ListedSale listed, ImportRun run, boolean trial) {
        if (listed.laneState() == ListedSale.LaneState.RETIRED) {
            return Future.succeededFuture(new ImportOutcome.SaleIsClosed());
        }
        return trial
                ? runWithin(action, listed, run, true)
                : lock.within(listed.sale().id(), action, LEASE, fenced -> runWithin(fenced, listed, run, false));
    }

    private Future<ImportOutcome> runWithin(AdminAction action, ListedSale listed, ImportRun run, boolean trial) {
        SaleId saleId = listed.sale().id();
        return skus.find(saleId, run.skus())
                .compose(before -> changeCapacities(action, listed, run, before, trial)
                        .compose(changed -> trial ? tried(saleId, run, before) : change(action, listed, run)));
    }

    private Future<Void> changeCapacities(
            AdminAction action, ListedSale listed, ImportRun run, Map<Sku, SkuRules> before, boolean trial) {
        List<CapacityChanges.Wish> wishes = run.capacityWishes(before);
        if (wishes.isEmpty()) {
            return Future.succeededFuture();
        }
        return (trial ? capacities.trial(listed, wishes) : capacities.make(action, listed, wishes))
                .onSuccess(refused -> run.capacitiesChanged(wishes, refused))
                .mapEmpty();
    }

    private Future<ImportOutcome> tried(SaleId saleId, ImportRun run, Map<Sku, SkuRules> before) {
        long created = run.wanted(run.skus(), before).stream()
                .filter(rules -> !before.containsKey(rules.sku()))
                .count();
        return skus.count(saleId)
                .map(count ->
                        count + created > SkuBook.MOST_SKUS ? tooMany() : new ImportOutcome.Imported(run.report()));
    }

    private Future<ImportOutcome> change(AdminAction action, ListedSale listed, ImportRun run) {
        return skus.changeSkus(action, listed.sale().id(), run)
                .compose(changes -> sender.send(
                                listed, changes.stream().map(SkuChange::rules).toList())
                        .<ImportOutcome>map(sent -> new ImportOutcome.Imported(run.report()))
                        .recover(StockImport::stored));
    }

    private static Future<ImportOutcome> stored(Throwable failure) {
        return failure instanceof Unavailable unavailable
                ? Future.succeededFuture(new ImportOutcome.Stored(unavailable.reason()))
                : Future.failedFuture(failure);
    }

    private static Future<ImportOutcome> declined(Throwable failure) {
        return switch (failure) {
            case UnreadableCatalogue unreadable -> Future.succeededFuture(unreadable.outcome());
            case TooManySkus tooMany -> Future.succeededFuture(tooMany());
            default -> Future.failedFuture(failure);
        };
    }

    private static ImportOutcome tooMany() {
        return new ImportOutcome.TooMany("A sale has at most " + SkuBook.MOST_SKUS + " SKUs. Nothing was imported.");
    }
}
