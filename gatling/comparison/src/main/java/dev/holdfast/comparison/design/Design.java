package dev.holdfast.comparison.design;

import io.vertx.core.Future;

/** A way to sell a unit once. Called on event loops: nothing in it may block. */
public interface Design {

    /** Sets units aside, or says why not. The same sale, customer and key have one effect, however often they come. */
    Future<HoldOutcome> hold(HoldRequest request);

    /** Sells what is held. */
    Future<ConfirmOutcome> confirm(String saleId, String reservationId);

    /** Takes back the units of holds that are due; answers how many holds ended. */
    Future<Integer> expire();

    /** Lets go of all connections. */
    Future<Void> close();
}
