package dev.holdfast.comparison.design;

import dev.holdfast.comparison.design.HoldOutcome.Held;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Decides nothing and keeps nothing: the ceiling, what the HTTP facade alone can do. */
public final class BareAnswer implements Design {

    private static final long FIRST_ID = 1_000_000_000_000_000_000L;

    private final AtomicLong ids = new AtomicLong(FIRST_ID);

    @Override
    public Future<HoldOutcome> hold(HoldRequest request) {
        long nowMs = System.currentTimeMillis();
        return Future.succeededFuture(new Held(new Reservation(
                "bare" + ids.incrementAndGet(),
                request.saleId(),
                request.sku(),
                request.quantity(),
                request.customerId(),
                "held",
                nowMs,
                nowMs + request.holdMs())));
    }

    @Override
    public Future<ConfirmOutcome> confirm(String saleId, String reservationId) {
        return Future.succeededFuture(new ConfirmOutcome.Unknown());
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
