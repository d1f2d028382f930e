package dev.holdfast.admin;

import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.ImportBook;
import dev.holdfast.ledger.ImportClaim;
import dev.holdfast.ledger.ImportLost;
import dev.holdfast.ledger.ImportStanding;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sha256;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports each file once for an Idempotency-Key, whatever node it comes to and however often: who comes again gets the result, and while
 * the file is being imported joins the one that does it. An import goes on when its caller has gone, and where its node ends the next
 * who asks takes it over. Safe for all threads of one node.
 */
public final class Imports {

    private static final Logger LOG = LoggerFactory.getLogger(Imports.class);

    /** How often whoever waits for another's import looks at it. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    /** How often an import tells PostgreSQL how far it is, and that its node lives: several times in a lease. */
    private static final Duration RENEWAL = Duration.ofSeconds(1);

    /** Each has its file in memory, in case that it has to take the import over. */
    private static final int MOST_WAITING = 8;

    private final Vertx vertx;
    private final SaleBook sales;
    private final ImportBook book;
    private final StockImport stock;
    private final AtomicInteger waiting = new AtomicInteger();

    /** The book is that of these books. */
    public Imports(Vertx vertx, Books books, StockImport stock) {
        this.vertx = vertx;
        this.sales = books.sales();
        this.book = new ImportBook(books.postgres());
        this.stock = stock;
    }

    /** Who follows an import, on the event loop that asked for it. */
    public interface Follower {

        /** It is so far by now. */
        void progressed(ImportProgress progress);

        /** Whether an answer can still be taken: who has gone need not wait for what others do. */
        boolean isThere();
    }

    /** Imports the file, as {@link StockImport} does; key null for every time it is asked. */
    public Future<ImportOutcome> run(
            Author author, SaleId saleId, ImportRequest request, @Nullable String key, Follower follower) {
        if (key == null) {
            return stock.run(author, saleId, request, null, follower::progressed);
        }
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new ImportOutcome.NoSuchSale())
                        : fingerprint(request)
                                .compose(print -> new Asked(author, saleId, request, key, follower).answer(print)));
    }

    private Future<String> fingerprint(ImportRequest request) {
        return vertx.executeBlocking(() -> {
                    MessageDigest digest = Sha256.begin();
                    digest.update((byte) (request.trial() ? 1 : 0));
                    return HexFormat.of().formatHex(digest.digest(request.file()));
                })
                .map(Objects::requireNonNull);
    }

    /** What one caller asked for. */
    private final class Asked {

        private final Author author;
        private final SaleId saleId;
        private final ImportRequest request;
        private final String key;
        private final Follower follower;
        private ImportProgress progress = new ImportProgress(0, 0);
        private boolean isWaiting;
        private @Nullable ImportOutcome outcome;

        Asked(Author author, SaleId saleId, ImportRequest request, String key, Follower follower) {
            this.author = author;
            this.saleId = saleId;
            this.request = request;
            this.key = key;
            this.follower = follower;
        }

        Future<ImportOutcome> answer(String fingerprint) {
            return AsyncLoop.whileTrue(
                            () -> book.claim(saleId, key, fingerprint).compose(this::isToLookAgain))
                    .onComplete(over -> stopWaiting())
                    .map(over -> Objects.requireNonNull(outcome, "the loop ends with an outcome"));
        }

        private Future<Boolean> isToLookAgain(ImportStanding standing) {
            return switch (standing) {
                case ImportStanding.Running running -> waited(running);
                case ImportStanding.Claimed mine ->
                    done(mine.claim(), () -> stock.run(author, saleId, request, mine.claim(), this::progressed));
                case ImportStanding.ClaimedStored mine ->
                    done(mine.claim(), () -> stock.finish(saleId, request, mine.report()));
                case ImportStanding.Done before ->
                    stock.read(before.report()).map(report -> ended(new ImportOutcome.Imported(report, true)));
                case ImportStanding.OtherFile other -> Future.succeededFuture(ended(new ImportOutcome.KeyReused()));
            };
        }

        private boolean ended(ImportOutcome with) {
            outcome = with;
            return false;
        }

        private Future<Boolean> waited(ImportStanding.Running running) {
            if (!follower.isThere() || !startWaiting()) {
                return Future.failedFuture(
                        new Unavailable(Unavailable.Reason.OVERLOADED, "the import is under way elsewhere", null));
            }
            progressed(new ImportProgress(running.rowsDone(), running.rows()));
            return vertx.timer(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS).map(true);
        }

        private boolean startWaiting() {
            if (!isWaiting) {
                isWaiting = waiting.incrementAndGet() <= MOST_WAITING;
                if (!isWaiting) {
                    waiting.decrementAndGet();
                }
            }
            return isWaiting;
        }

        private void stopWaiting() {
            if (isWaiting) {
                waiting.decrementAndGet();
            }
        }

        /** An attempt that takes an import over begins again, but how far it is does not fall. */
        private void progressed(ImportProgress now) {
            if (now.of() > 0 && (progress.of() == 0 || now.rows() > progress.rows())) {
                progress = now;
                follower.progressed(now);
            }
        }

        private Future<Boolean> done(ImportClaim claim, Supplier<Future<ImportOutcome>> work) {
            stopWaiting();
            isWaiting = false;
            long renewal = vertx.setPeriodic(RENEWAL.toMillis(), tick -> renew(claim));
            return work.get()
                    .onComplete(over -> vertx.cancelTimer(renewal))
                    .compose(came -> settled(claim, came), failure -> givenUp(claim, failure));
        }

        private void renew(ImportClaim claim) {
            book.renew(claim, progress.rows(), progress.of())
                    .onFailure(failure -> LOG.debug("{} was not renewed: {}", claim, failure.getMessage()));
        }

        private Future<Boolean> settled(ImportClaim claim, ImportOutcome came) {
            boolean isEnd = came instanceof ImportOutcome.Imported;
            Future<Void> noted = came instanceof ImportOutcome.Imported imported && request.trial()
                    ? stock.text(imported.report()).compose(text -> book.end(claim, text))
                    : isEnd ? book.end(claim, null) : book.giveUp(claim);
            return noted.recover(failure -> notNoted(claim, failure)).map(done -> ended(came));
        }

        private Future<Boolean> givenUp(ImportClaim claim, Throwable failure) {
            if (failure instanceof ImportLost) {
                LOG.warn("{} was held up for longer than its lease: another attempt goes on", claim);
                return Future.succeededFuture(true);
            }
            return book.giveUp(claim)
                    .recover(lost -> notNoted(claim, lost))
                    .compose(noted -> Future.failedFuture(failure));
        }

        /** Its lease runs out by itself, and whoever asks next ends it. */
        private static Future<Void> notNoted(ImportClaim claim, Throwable failure) {
            LOG.info("the end of {} is not noted: {}", claim, failure.getMessage());
            return Future.succeededFuture();
        }
    }
}
