package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.ImportAttempt;
import dev.holdfast.ledger.ImportClaim;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.SkuBook;
import dev.holdfast.ledger.SkuBook.SkuChange;
import dev.holdfast.ledger.TooManySkus;
import dev.holdfast.reservation.Chunks;
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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings a file of SKUs into a sale: all that can be done of it into PostgreSQL in one transaction, then into Redis, then this answers
 * every row. Rows that cannot be done change nothing and keep no other row.
 */
public final class StockImport {

    /** A file and what is made of it take some 50 MB while it is at work. */
    private static final int MOST_AT_ONCE = 2;

    /** Of one step to Redis: what the sender sends at once. */
    private static final int SKUS_A_TIME = 500;

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
     * @param claim under which it is remembered what came of it; null for an import without an Idempotency-Key
     * @param progress hears how far it is, on the caller's event loop, from the moment on at which the work begins
     */
    Future<ImportOutcome> run(
            Author author,
            SaleId saleId,
            ImportRequest request,
            @Nullable ImportClaim claim,
            Consumer<ImportProgress> progress) {
        if (atWork.incrementAndGet() > MOST_AT_ONCE) {
            atWork.decrementAndGet();
            return Future.failedFuture(
                    new Unavailable(Unavailable.Reason.OVERLOADED, MOST_AT_ONCE + " imports are at work", null));
        }
        AdminAction action = new AdminAction(author, Kind.STOCK_IMPORTED, null);
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new ImportOutcome.NoSuchSale())
                        : read(request.file())
                                .compose(read -> run(new Job(
                                        action, listed.get(), new ImportRun(read, request.trial()), claim, progress))))
                .recover(StockImport::declined)
                .onComplete(done -> atWork.decrementAndGet());
    }

    /** Brings an import to its end whose changes PostgreSQL has: Redis may not have all of them. Fails with {@link Unavailable}. */
    Future<ImportOutcome> finish(SaleId saleId, ImportRequest request, String storedReport) {
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty() || listed.get().laneState() == ListedSale.LaneState.RETIRED
                        ? Future.succeededFuture()
                        : read(request.file())
                                .compose(read -> skus.find(saleId, new ImportRun(read, false).skus()))
                                .compose(there -> sender.send(listed.get(), List.copyOf(there.values()))))
                .compose(sent -> read(storedReport))
                .<ImportOutcome>map(report -> new ImportOutcome.Imported(report, true))
                .recover(StockImport::stored);
    }

    /** One import on its way. */
    private record Job(
            AdminAction action,
            ListedSale listed,
            ImportRun run,
            @Nullable ImportClaim claim,
            ImportMeter meter) {

        Job(
                AdminAction action,
                ListedSale listed,
                ImportRun run,
                @Nullable ImportClaim claim,
                Consumer<ImportProgress> progress) {
            this(action, listed, run, claim, new ImportMeter(run.rows(), progress));
        }

        SaleId saleId() {
            return listed.sale().id();
        }

        /** The same, fenced. */
        Job under(AdminAction fenced) {
            return new Job(fenced, listed, run, claim, meter);
        }
    }

    private Future<Catalogue> read(byte[] file) {
        return vertx.executeBlocking(() -> CatalogueReader.read(file)).map(Objects::requireNonNull);
    }

    private Future<ImportOutcome> run(Job job) {
        if (job.listed().laneState() == ListedSale.LaneState.RETIRED) {
            return Future.succeededFuture(new ImportOutcome.SaleIsClosed());
        }
        return job.run().isTrial()
                ? tryOut(job)
                : lock.within(job.saleId(), job.action(), LEASE, fenced -> doIt(job.under(fenced)));
    }

    private Future<ImportOutcome> tryOut(Job job) {
        ImportRun run = job.run();
        return skus.find(job.saleId(), run.skus()).compose(before -> {
            List<CapacityChanges.Wish> wishes = run.capacityWishes(before);
            job.meter().begin(1);
            return (wishes.isEmpty()
                            ? Future.succeededFuture(Map.<Sku, String>of())
                            : capacities.trial(job.listed(), wishes))
                    .onSuccess(refused -> run.capacitiesChanged(wishes, refused))
                    .compose(tried -> tried(job, before));
        });
    }

    private Future<ImportOutcome> tried(Job job, Map<Sku, SkuRules> before) {
        ImportRun run = job.run();
        long created = run.wanted(run.skus(), before).stream()
                .filter(rules -> !before.containsKey(rules.sku()))
                .count();
        return skus.count(job.saleId()).map(count -> count + created > SkuBook.MOST_SKUS ? tooMany() : imported(job));
    }

    private Future<ImportOutcome> doIt(Job job) {
        return changedBefore(job)
                .compose(known -> skus.find(job.saleId(), job.run().skus()))
                .compose(before -> changeCapacities(job, before))
                .compose(changed -> change(job));
    }

    private Future<Void> changedBefore(Job job) {
        ImportClaim claim = job.claim();
        return claim == null
                ? Future.succeededFuture()
                : capacities
                        .madeBefore(job.listed(), claim)
                        .onSuccess(job.run()::capacitiesChangedBefore)
                        .mapEmpty();
    }

    private Future<Void> changeCapacities(Job job, Map<Sku, SkuRules> before) {
        ImportRun run = job.run();
        ImportMeter meter = job.meter();
        List<CapacityChanges.Wish> wishes = run.capacityWishes(before);
        // Each SKU is stored and sent.
        meter.begin(wishes.size() + 2L * run.skus().size());
        var attempt = new CapacityChanges.Attempt(attemptOf(job.claim()), meter::did);
        return capacities
                .make(job.action(), job.listed(), wishes, attempt)
                .onSuccess(refused -> run.capacitiesChanged(wishes, refused))
                .mapEmpty();
    }

    private static ImportAttempt attemptOf(@Nullable ImportClaim claim) {
        return claim == null
                ? new ImportAttempt(UUID.randomUUID().toString(), null)
                : new ImportAttempt(claim.importId() + "-" + claim.attempt(), claim.idempotencyKey());
    }

    private Future<ImportOutcome> change(Job job) {
        ImportRun run = job.run();
        ImportClaim claim = job.claim();
        run.onAnswered(job.meter()::did);
        Future<List<SkuChange>> changed = claim == null
                ? skus.changeSkus(job.action(), job.saleId(), run)
                : skus.changeSkus(job.action(), job.saleId(), run, claim, () -> text(run.report()));
        return changed.compose(changes -> {
            job.meter().did(run.skus().size() - changes.size());
            return send(job, changes).map(sent -> imported(job)).recover(StockImport::stored);
        });
    }

    private Future<Void> send(Job job, List<SkuChange> changes) {
        return Chunks.inTurn(
                changes,
                SKUS_A_TIME,
                some -> sender.send(
                                job.listed(),
                                some.stream().map(SkuChange::rules).toList())
                        .onSuccess(sent -> job.meter().did(some.size())));
    }

    /** The report as it is kept. */
    Future<String> text(ImportReport report) {
        return vertx.executeBlocking(() -> ReportText.of(report)).map(Objects::requireNonNull);
    }

    /** A report that was kept. */
    Future<ImportReport> read(String report) {
        return vertx.executeBlocking(() -> ReportText.read(report)).map(Objects::requireNonNull);
    }

    private static ImportOutcome imported(Job job) {
        job.meter().end();
        return new ImportOutcome.Imported(job.run().report(), false);
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
