package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.ledger.SkuBook;
import dev.holdfast.ledger.TooManySkus;
import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * People set up and steer a sale: PostgreSQL first, then Redis, then this answers. Where Redis is away the change stays in
 * PostgreSQL and is sent again by itself. Every method fails with {@link dev.holdfast.reservation.Unavailable}, and every change with
 * {@link dev.holdfast.ledger.SaleIsLocked} while another one of the same sale goes on.
 */
public final class SaleAdmin {

    private static final long MOST_OFFSET_SECONDS = 10L * 366 * 24 * 3600;

    private final SaleBook book;
    private final SkuBook skus;
    private final SaleLock lock;
    private final LaneSender sender;
    private final AtomicStep step;

    /** The step and the sender use the same connection. */
    public SaleAdmin(Books books, SaleLock lock, LaneSender sender, AtomicStep step) {
        this.book = books.sales();
        this.skus = books.skus();
        this.lock = lock;
        this.sender = sender;
        this.step = step;
    }

    /** Creates the sale or replaces its policy. */
    public Future<AdminOutcome> putSale(Author author, SaleId saleId, SaleDraft draft) {
        return changed(
                new AdminAction(author, Kind.SALE_CHANGED, null),
                saleId,
                before -> applied(saleId, draft, before.orElse(null)));
    }

    /** Pauses, resumes or closes the sale, for a reason. */
    public Future<AdminOutcome> turn(Author author, SaleId saleId, Sale.Switch to, String reason) {
        return changed(new AdminAction(author, kind(to), reason), saleId, before -> {
            Sale sale = before.orElseThrow(() -> new Declined(new AdminOutcome.NoSuchSale()));
            if (sale.state() == Sale.Switch.CLOSED && to != Sale.Switch.CLOSED) {
                throw new Declined(new AdminOutcome.SaleIsClosed());
            }
            return sale.turned(to, reason);
        });
    }

    /** Moves the sale's window, for a reason. Where only the window had closed the sale, it takes reservations again. */
    public Future<AdminOutcome> changeWindow(Author author, SaleId saleId, WindowChange window, String reason) {
        return book.find(saleId)
                .compose(listed -> listed.isPresent() && listed.get().laneState() == ListedSale.LaneState.RETIRED
                        ? Future.succeededFuture(new AdminOutcome.SaleIsClosed())
                        : moveWindow(new AdminAction(author, Kind.SALE_WINDOW_CHANGED, reason), saleId, window));
    }

    private Future<AdminOutcome> moveWindow(AdminAction action, SaleId saleId, WindowChange window) {
        return changed(action, saleId, before -> {
            Sale sale = before.orElseThrow(() -> new Declined(new AdminOutcome.NoSuchSale()));
            if (sale.state() == Sale.Switch.CLOSED) {
                throw new Declined(new AdminOutcome.SaleIsClosed());
            }
            Sale moved = window.of(sale);
            if (moved.closesAtMs() != 0 && moved.closesAtMs() <= moved.opensAtMs()) {
                throw new Declined(window.refused());
            }
            return moved;
        });
    }

    /** Advances a rehearsal's clock. */
    public Future<AdminOutcome> advanceClock(Author author, SaleId saleId, long advanceSeconds) {
        return changed(new AdminAction(author, Kind.SALE_CLOCK_ADVANCED, null), saleId, before -> {
            Sale sale = before.orElseThrow(() -> new Declined(new AdminOutcome.NoSuchSale()));
            if (!sale.rehearsal()) {
                throw new Declined(new AdminOutcome.NotARehearsal());
            }
            if (sale.clockOffsetMs() / 1000 + advanceSeconds > MOST_OFFSET_SECONDS) {
                throw new Declined(
                        new AdminOutcome.Invalid("/advanceSeconds", "a rehearsal is ten years ahead at most"));
            }
            return sale.advanced(advanceSeconds * 1000);
        });
    }

    /** Puts a SKU up for sale, or changes its rules but never its capacity. */
    public Future<AdminOutcome> putStock(Author author, SaleId saleId, Sku sku, StockDraft draft) {
        return book.find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(new AdminOutcome.NoSuchSale())
                        : putStock(new AdminAction(author, Kind.STOCK_CHANGED, null), listed.get(), sku, draft));
    }

    /** Sales after {@code after} (a sale id; empty string for the first page) in the order of their ids. */
    public Future<List<Sale>> list(String after, int limit) {
        return book.list(after, limit);
    }

    private Future<AdminOutcome> putStock(AdminAction action, ListedSale listed, Sku sku, StockDraft draft) {
        if (listed.laneState() == ListedSale.LaneState.RETIRED) {
            return Future.succeededFuture(new AdminOutcome.SaleIsClosed());
        }
        SaleId saleId = listed.sale().id();
        return lock.within(
                        saleId,
                        action,
                        fenced -> skus.changeSku(
                                        fenced, saleId, sku, before -> applied(sku, draft, before.orElse(null)))
                                .compose(change -> sender.send(listed, List.of(change.rules()))
                                        .compose(sent -> counted(listed, sku))
                                        .<AdminOutcome>map(count ->
                                                new AdminOutcome.StockSet(change.rules(), count, change.created()))
                                        .recover(SaleAdmin::stored)))
                .recover(SaleAdmin::declined)
                .compose(outcome -> outcome instanceof AdminOutcome.CapacityDiffers differs
                        ? counted(listed, sku)
                                .map(count -> new AdminOutcome.CapacityDiffers(differs.capacity(), count.version()))
                        : Future.succeededFuture(outcome));
    }

    private Future<StockCount> counted(ListedSale listed, Sku sku) {
        return step.count(listed.lane(), sku)
                .compose(count -> count.isEmpty()
                        ? Future.failedFuture(new Unavailable(
                                Unavailable.Reason.RECOVERING,
                                "lane " + listed.lane() + " does not have " + sku + " yet",
                                null))
                        : Future.succeededFuture(count.get()));
    }

    private Future<AdminOutcome> changed(AdminAction action, SaleId saleId, Function<Optional<Sale>, Sale> edit) {
        return lock.within(
                        saleId,
                        action,
                        fenced -> book.change(fenced, saleId, edit)
                                .compose(change -> sender.send(change.listed())
                                        .<AdminOutcome>map(sent -> new AdminOutcome.SaleSet(
                                                change.listed().sale(), change.created()))
                                        .recover(SaleAdmin::stored)))
                .recover(SaleAdmin::declined);
    }

    private static Kind kind(Sale.Switch to) {
        return switch (to) {
            case OPEN -> Kind.SALE_RESUMED;
            case PAUSED -> Kind.SALE_PAUSED;
            case CLOSED -> Kind.SALE_CLOSED;
        };
    }

    private static Future<AdminOutcome> stored(Throwable failure) {
        return failure instanceof Unavailable unavailable
                ? Future.succeededFuture(new AdminOutcome.Stored(unavailable.reason()))
                : Future.failedFuture(failure);
    }

    private static Future<AdminOutcome> declined(Throwable failure) {
        if (failure instanceof TooManySkus) {
            return Future.succeededFuture(
                    new AdminOutcome.Invalid("/sku", "a sale has at most " + SkuBook.MOST_SKUS + " SKUs"));
        }
        return failure instanceof Declined declined
                ? Future.succeededFuture(declined.outcome)
                : Future.failedFuture(failure);
    }

    private static Sale applied(SaleId saleId, SaleDraft draft, @Nullable Sale before) {
        String currency = draft.currency() == null ? "EUR" : draft.currency();
        boolean rehearsal = Boolean.TRUE.equals(draft.rehearsal());
        if (before != null && before.rehearsal() != rehearsal) {
            throw new Declined(new AdminOutcome.Invalid("/rehearsal", "a sale is a rehearsal from its start or never"));
        }
        if (before != null && !before.currency().equals(currency)) {
            throw new Declined(
                    new AdminOutcome.Invalid("/currency", "prices are in " + before.currency() + " already"));
        }
        Sale sale = new Sale(
                saleId,
                draft.name() == null ? saleId.value() : draft.name(),
                draft.opensAtMs() == null ? 0 : draft.opensAtMs(),
                draft.closesAtMs() == null ? 0 : draft.closesAtMs(),
                draft.effectiveHoldSeconds() * 1000L,
                draft.effectiveMaxHoldSeconds() * 1000L,
                draft.perCustomerLimit() == null ? 0 : draft.perCustomerLimit(),
                draft.effectiveReclaimSeconds() * 1000L,
                currency,
                rehearsal,
                before == null ? Sale.Switch.OPEN : before.state(),
                before == null ? null : before.stateReason(),
                before == null ? 0 : before.clockOffsetMs(),
                before == null ? 0 : before.version());
        if (sale.state() == Sale.Switch.CLOSED && before != null && !sale.hasWindowOf(before)) {
            throw new Declined(new AdminOutcome.SaleIsClosed());
        }
        return sale;
    }

    private static SkuRules applied(Sku sku, StockDraft draft, @Nullable SkuRules before) {
        if (before != null && before.capacity() != draft.capacity()) {
            throw new Declined(new AdminOutcome.CapacityDiffers(before.capacity(), 0));
        }
        return new SkuRules(
                sku,
                draft.capacity(),
                draft.productId(),
                draft.attributes(),
                draft.price(),
                draft.perCustomerLimit() == null ? 0 : draft.perCustomerLimit(),
                draft.lowStockThreshold(),
                draft.reorderQuantity(),
                before == null ? 0 : before.version());
    }

    /** Carries an outcome out of an edit, which rolls its transaction back. */
    private static final class Declined extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient AdminOutcome outcome;

        Declined(AdminOutcome outcome) {
            super(outcome.toString(), null, false, false);
            this.outcome = outcome;
        }
    }
}
