package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentBook;
import dev.holdfast.ledger.AdjustmentOpening;
import dev.holdfast.ledger.AdjustmentRequest;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.StoredAdjustment.State;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;

/**
 * People restock and correct stock while it sells: PostgreSQL has each change before Redis hears of it, Redis decides about it once,
 * and the ledger's entry says that it was so. Whatever fails in between, the change is sent again by itself. Every method fails with
 * {@link Unavailable}.
 */
public final class Adjustments {

    private final SaleBook sales;
    private final AdjustmentBook book;
    private final SaleLock lock;
    private final LaneSender sender;

    /** To be used where the sender is. */
    public Adjustments(Books books, SaleLock lock, LaneSender sender) {
        this.sales = books.sales();
        this.book = books.adjustments();
        this.lock = lock;
        this.sender = sender;
    }

    /**
     * Changes the SKU's capacity, once for each Idempotency-Key. The action must have a reason. Fails with
     * {@link dev.holdfast.ledger.SaleIsLocked} while another change of the same sale goes on.
     */
    public Future<AdjustOutcome> adjust(AdminAction action, SaleId saleId, Sku sku, AdjustmentRequest request) {
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new AdjustOutcome.NoSuchSale())
                        : lock.within(saleId, action, fenced -> adjust(fenced, listed.get(), sku, request)));
    }

    /** Newest first, before this number. */
    public Future<AdjustmentList> list(SaleId saleId, Sku sku, long beforeNumber, int limit) {
        return sales.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new AdjustmentList.NoSuchSale())
                        : book.list(saleId, sku, beforeNumber, limit)
                                .map(found -> found.<AdjustmentList>map(AdjustmentList.Found::new)
                                        .orElseGet(AdjustmentList.NoSuchSku::new)));
    }

    private Future<AdjustOutcome> adjust(AdminAction fenced, ListedSale listed, Sku sku, AdjustmentRequest request) {
        return book.open(fenced, listed.sale().id(), sku, request)
                .compose(opening -> opening instanceof AdjustmentOpening.Waiting waiting
                        ? afterwards(listed, waiting.earlier(), fenced, request)
                        : Future.succeededFuture(opening))
                .compose(opening -> outcome(listed, opening));
    }

    /** One that a crash left on its way is brought to its end first: the next one starts from what comes of it. */
    private Future<AdjustmentOpening> afterwards(
            ListedSale listed, Adjustment earlier, AdminAction action, AdjustmentRequest request) {
        return sender.send(listed, earlier)
                .compose(settled -> book.open(action, listed.sale().id(), earlier.sku(), request));
    }

    private Future<AdjustOutcome> outcome(ListedSale listed, AdjustmentOpening opening) {
        return switch (opening) {
            case AdjustmentOpening.Opened opened -> sent(listed, opened.adjustment(), false);
            case AdjustmentOpening.Known known ->
                known.stored().state() == State.PENDING
                        ? sent(listed, known.stored().adjustment(), true)
                        : Future.succeededFuture(AdjustOutcome.replayed(known.stored()));
            case AdjustmentOpening.KeyReused reused -> Future.succeededFuture(new AdjustOutcome.KeyReused());
            case AdjustmentOpening.Waiting waiting ->
                Future.failedFuture(new Unavailable(
                        Unavailable.Reason.OVERLOADED,
                        "adjustment " + waiting.earlier().id() + " is still under way",
                        null));
            case AdjustmentOpening.OtherVersion other ->
                Future.succeededFuture(new AdjustOutcome.OtherVersion(other.capacity(), other.version()));
            case AdjustmentOpening.OutOfRange range ->
                Future.succeededFuture(new AdjustOutcome.OutOfRange(range.after()));
            case AdjustmentOpening.NoSuchSku none -> Future.succeededFuture(new AdjustOutcome.NoSuchSku());
        };
    }

    private Future<AdjustOutcome> sent(ListedSale listed, Adjustment adjustment, boolean replayed) {
        return sender.send(listed, adjustment)
                .compose(decision -> decided(adjustment, decision, replayed))
                .recover(failure -> failure instanceof Unavailable unavailable
                        ? Future.succeededFuture(new AdjustOutcome.Stored(unavailable.reason()))
                        : Future.failedFuture(failure));
    }

    private Future<AdjustOutcome> decided(Adjustment adjustment, AdjustmentDecision decision, boolean replayed) {
        return switch (decision) {
            case AdjustmentDecision.Applied applied ->
                Future.succeededFuture(new AdjustOutcome.Applied(adjustment, applied.pendingReduction(), replayed));
            case AdjustmentDecision.BelowUse use ->
                Future.succeededFuture(new AdjustOutcome.BelowUse(adjustment, use.held(), use.sold()));
            case AdjustmentDecision.NotTheNext not ->
                Future.succeededFuture(new AdjustOutcome.OtherVersion(adjustment.before(), not.version()));
            case AdjustmentDecision.DecidedBefore before -> asStored(adjustment);
            case AdjustmentDecision.NoSuchSku none ->
                Future.succeededFuture(new AdjustOutcome.Stored(Unavailable.Reason.RECOVERING));
        };
    }

    /** Somebody else has sent it meanwhile, and a later one: the books know what became of it. */
    private Future<AdjustOutcome> asStored(Adjustment adjustment) {
        return book.find(adjustment.id())
                .map(found -> found.filter(stored -> stored.state() == State.APPLIED)
                        .map(AdjustOutcome::replayed)
                        .orElse(new AdjustOutcome.Stored(Unavailable.Reason.OUTCOME_UNKNOWN)));
    }
}
