package dev.holdfast.redis;

import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.Suspects;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for the holds of one SKU that run out next. All carts of a lane stand in one row by their deadlines, so it may have to pass
 * many of others: in short steps, between which Redis goes on selling, and not for ever.
 */
final class NextExpiries {

    /** A step keeps Redis for some 0.1 ms, and for 2 ms where the carts are as long as they may be. */
    private static final int LOOKED_AT_A_STEP = 50;

    private static final int STEPS = 200;

    private static final int HOLDS_FROM = 5;

    private final ScriptCalls calls;

    NextExpiries(ScriptCalls calls) {
        this.calls = calls;
    }

    /** Fails as {@link ScriptCalls#call} does. */
    Future<Expiries> find(Lane lane, Sku sku, int most) {
        return step(lane, sku, most, "0", "0", STEPS, new ArrayList<>());
    }

    private Future<Expiries> step(
            Lane lane, Sku sku, int most, String from, String skip, int stepsLeft, List<Reservation> found) {
        if (stepsLeft == 0) {
            return Future.succeededFuture(new Expiries(List.copyOf(found), false));
        }
        return calls.call(Script.EXPIRIES, lane, sku.value(), from, skip, Integer.toString(LOOKED_AT_A_STEP))
                .compose(reply -> {
                    for (int i = HOLDS_FROM; i < reply.size() && found.size() < most; i += 2) {
                        String packed = reply.text(i + 1);
                        reservation(lane, reply.text(i), packed, reply.number(1))
                                .ifPresent(found::add);
                    }
                    return found.size() == most || reply.number(3) < 0 || units(found, sku) >= reply.number(2)
                            ? Future.succeededFuture(new Expiries(List.copyOf(found), true))
                            : step(lane, sku, most, reply.text(3), reply.text(4), stepsLeft - 1, found);
                });
    }

    /** Behind the last hold there are a day's ended reservations: nobody need look through them. */
    private static long units(List<Reservation> holds, Sku sku) {
        return holds.stream()
                .flatMap(hold -> hold.cart().lines().stream())
                .filter(line -> line.sku().equals(sku))
                .mapToLong(Line::quantity)
                .sum();
    }

    /** One that cannot be read keeps the others from nobody. */
    private Optional<Reservation> reservation(Lane lane, String key, String packed, long nowMs) {
        try {
            PackedHold hold = PackedHold.parse(packed);
            return Optional.of(hold.reservation(lane, ReservationId.of(key, hold.heldAtMs()), nowMs, false));
        } catch (IllegalArgumentException e) {
            calls.witnesses().suspects().add(new Suspects.Hold(lane, key));
            return Optional.empty();
        }
    }
}
