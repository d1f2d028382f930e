package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Books;
import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.design.ConfirmOutcome;
import dev.holdfast.comparison.design.Design;
import dev.holdfast.comparison.design.HoldOutcome;
import dev.holdfast.comparison.design.HoldRequest;
import dev.holdfast.comparison.design.Reservation;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sells from memory, with one fault. */
final class FaultyDesign implements Design {

    /** What is wrong with it. */
    enum Fault {
        NONE,
        SELLS_ONE_TOO_MANY,
        FORGETS_KEYS,
        ACKNOWLEDGES_WITHOUT_WRITING,
        LOSES_A_UNIT,
        COUNTS_TOO_FEW,
        DOES_NOT_CONFIRM;

        boolean showsIn(Verdict verdict) {
            return switch (this) {
                case NONE -> verdict.right();
                case SELLS_ONE_TOO_MANY -> verdict.oversold() == 1;
                case FORGETS_KEYS -> verdict.unasked() > 0;
                case ACKNOWLEDGES_WITHOUT_WRITING, DOES_NOT_CONFIRM -> verdict.lost() > 0;
                case LOSES_A_UNIT -> verdict.leaked() > 0;
                case COUNTS_TOO_FEW -> verdict.invented() > 0;
            };
        }
    }

    private final Fault fault;
    private final long capacity;
    private final Map<String, Reservation> byKey = new HashMap<>();
    private final Map<String, Reservation> byId = new HashMap<>();
    private long available;
    private long ids;

    FaultyDesign(Fault fault, long capacity) {
        this.fault = fault;
        this.capacity = capacity;
        available = fault == Fault.SELLS_ONE_TOO_MANY ? capacity + 1 : capacity;
        if (fault == Fault.LOSES_A_UNIT) {
            available--;
        }
    }

    @Override
    public synchronized Future<HoldOutcome> hold(HoldRequest request) {
        Reservation known = byKey.get(request.idempotencyKey());
        if (known != null && fault != Fault.FORGETS_KEYS) {
            return Future.succeededFuture(new HoldOutcome.Replayed(known));
        }
        if (available == 0) {
            return Future.succeededFuture(new HoldOutcome.OutOfStock(0));
        }
        ids++;
        available--;
        Reservation held =
                new Reservation("id-" + ids, request.saleId(), request.sku(), 1, request.customerId(), "held", 0, 1);
        byKey.put(request.idempotencyKey(), held);
        if (fault != Fault.ACKNOWLEDGES_WITHOUT_WRITING || ids % 10 != 0) {
            byId.put(held.id(), held);
        }
        return Future.succeededFuture(new HoldOutcome.Held(held));
    }

    @Override
    public synchronized Future<ConfirmOutcome> confirm(String saleId, String reservationId) {
        Reservation found = byId.get(reservationId);
        if (found == null) {
            return Future.succeededFuture(new ConfirmOutcome.Unknown());
        }
        return Future.succeededFuture(
                fault == Fault.DOES_NOT_CONFIRM
                        ? new ConfirmOutcome.TooLate(found)
                        : new ConfirmOutcome.Confirmed(found));
    }

    synchronized Books books() {
        long free = fault == Fault.COUNTS_TOO_FEW ? available + 1 : Math.max(0, capacity - byId.size());
        if (fault == Fault.LOSES_A_UNIT) {
            free = available;
        }
        return new Books(List.of(new Books.SkuBook("SKU-0000", capacity, free, byId.size())), byId.size());
    }

    @Override
    public Future<Integer> expire() {
        return Future.succeededFuture(0);
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
