package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentBook;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.ImportAttempt;
import dev.holdfast.ledger.ImportClaim;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/** Changes the capacities of many SKUs that are there: each as an adjustment, because it sells meanwhile. */
public final class CapacityChanges {

    /**
     * A capacity that a file asks for.
     *
     * @param capacity units
     */
    record Wish(Sku sku, long capacity) {}

    /**
     * One attempt at one import.
     *
     * @param did hears how many more are decided
     */
    record Attempt(ImportAttempt of, IntConsumer did) {}

    /** Of one transaction: bounds how long another admin of the SKU waits. */
    private static final int SKUS_A_TIME = 500;

    private final AdjustmentBook book;
    private final LaneSender sender;
    private final AtomicStep step;

    /** The sender and the step use the same connection. */
    public CapacityChanges(Books books, LaneSender sender, AtomicStep step) {
        this.book = books.adjustments();
        this.sender = sender;
        this.step = step;
    }

    /**
     * Makes them, and answers for each that was not made why not, for people. Fails with
     * {@link dev.holdfast.reservation.Unavailable}; some may be made then, or will be.
     */
    Future<Map<Sku, String>> make(AdminAction action, ListedSale listed, List<Wish> wishes, Attempt attempt) {
        AdminAction adjusting = action.because("import of a file");
        Map<Sku, String> refusals = new HashMap<>();
        return Chunks.inTurn(
                        wishes,
                        SKUS_A_TIME,
                        some -> makeSome(adjusting, listed, some, attempt.of(), refusals)
                                .onSuccess(made -> attempt.did().accept(some.size())))
                .map(refusals);
    }

    /**
     * The SKUs whose capacities the import has changed before: an earlier attempt, of which what it left undecided is decided first, or one that
     * PostgreSQL has lost since.
     */
    Future<Set<Sku>> madeBefore(ListedSale listed, ImportClaim claim) {
        return book.concludedOfImport(listed.sale().id(), claim.idempotencyKey())
                .compose(lost -> claim.isTakenOver()
                        ? madeByEarlierAttempt(listed, claim).map(made -> {
                            Set<Sku> all = new HashSet<>(made);
                            all.addAll(lost);
                            return all;
                        })
                        : Future.succeededFuture(lost));
    }

    private Future<Set<Sku>> madeByEarlierAttempt(ListedSale listed, ImportClaim claim) {
        SaleId saleId = listed.sale().id();
        String importId = claim.importId().toString();
        return book.ofImport(saleId, importId)
                .compose(made -> {
                    List<Adjustment> undecided = made.getOrDefault(false, List.of());
                    return undecided.isEmpty()
                            ? Future.succeededFuture(made)
                            : sender.sendAll(listed, undecided).compose(sent -> book.ofImport(saleId, importId));
                })
                .map(made -> made.getOrDefault(true, List.of()).stream()
                        .map(Adjustment::sku)
                        .collect(Collectors.toSet()));
    }

    /** Answers for each that could not be made now why not. Fails as {@link #make} does. */
    Future<Map<Sku, String>> trial(ListedSale listed, List<Wish> wishes) {
        return step.stock(listed.lane()).map(counts -> {
            Map<Sku, String> refusals = new HashMap<>();
            for (Wish wish : wishes) {
                counts.of(wish.sku())
                        .filter(count -> wish.capacity() < count.held() + count.sold())
                        .ifPresent(count -> refusals.put(wish.sku(), belowUse(count.held(), count.sold())));
            }
            return refusals;
        });
    }

    private Future<Void> makeSome(
            AdminAction action,
            ListedSale listed,
            List<Wish> wishes,
            ImportAttempt attempt,
            Map<Sku, String> refusals) {
        Map<Sku, Long> capacities = new LinkedHashMap<>();
        wishes.forEach(wish -> capacities.put(wish.sku(), wish.capacity()));
        return book.openAll(action, listed.sale().id(), capacities, attempt)
                .compose(opened -> sender.sendAll(listed, opened))
                .map(decisions -> {
                    capacities.keySet().forEach(sku -> refusals.put(sku, "another adjustment of it is under way"));
                    decisions.forEach((adjustment, decision) -> tell(adjustment.sku(), decision, refusals));
                    return null;
                });
    }

    private static void tell(Sku sku, AdjustmentDecision decision, Map<Sku, String> refusals) {
        switch (decision) {
            case AdjustmentDecision.Applied applied -> refusals.remove(sku);
            case AdjustmentDecision.DecidedBefore before -> refusals.remove(sku);
            case AdjustmentDecision.BelowUse use -> refusals.put(sku, belowUse(use.held(), use.sold()));
            case AdjustmentDecision.NotTheNext not -> refusals.put(sku, "somebody else changed its capacity");
            case AdjustmentDecision.NoSuchSku none ->
                refusals.put(sku, "its new capacity is stored, but not in force yet: look before you ask again");
        }
    }

    private static String belowUse(long held, long sold) {
        return "capacity is below what is held (" + held + ") and sold (" + sold + ")";
    }
}
