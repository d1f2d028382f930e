package dev.holdfast.redis;

import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Writes one lane anew, under a new epoch, step by step. Nobody can call it before {@link #open}, and a step of an older rebuild
 * changes nothing any more. Every step may be repeated, and fails with {@link StaleLane}, where the lane is to get a later epoch or was
 * emptied meanwhile, and with {@link Unavailable}. To be used on the event loop of its connection.
 */
public final class LaneRestore {

    /** As many as the scripts take: about a millisecond of Redis's time. */
    public static final int MOST_AT_ONCE = 200;

    /** A call whose answer was lost is repeated so often before somebody has to look. */
    private static final int TRIES = 5;

    private final ScriptCalls calls;
    private final Lane lane;
    private long skus;
    private long holds;
    private long buyerFields;

    /** The lane is named with the epoch that it is to get. */
    public LaneRestore(ScriptCalls calls, Lane lane) {
        this.calls = calls;
        this.lane = lane;
    }

    /** From now on every call finds no lane; its ledger can still be read. */
    public Future<Void> seal() {
        return call(Script.SEAL).mapEmpty();
    }

    /** Empties the lane and begins its epoch; answers since when ended reservations are remembered, ms by the sale's clock. */
    public Future<Long> clear(Sale sale) {
        return call(
                        Script.CLEAR,
                        Long.toString(sale.version()),
                        sale.state().word(),
                        Long.toString(sale.opensAtMs()),
                        Long.toString(sale.closesAtMs()),
                        Long.toString(sale.holdMs()),
                        Long.toString(sale.maxHoldMs()),
                        Long.toString(sale.perCustomerLimit()),
                        Long.toString(sale.clockOffsetMs()))
                .map(reply -> reply.number(1));
    }

    /** Puts SKUs up with their counts, in the order of their names; {@link #MOST_AT_ONCE} at most, as with all of these. */
    public Future<Void> stock(List<StockedSku> some) {
        return put(Script.RESTORE_STOCK, some, LaneRestore::write).onSuccess(done -> skus += some.size());
    }

    /** Puts reservations back, each key once. */
    public Future<Void> reservations(List<RestoredReservation> some) {
        return put(Script.RESTORE_HOLDS, some, LaneRestore::write).onSuccess(done -> holds += some.size());
    }

    /** Tells what customers hold or have bought, each customer once. */
    public Future<Void> allowances(List<Allowance> some) {
        return put(Script.RESTORE_BUYERS, some, LaneRestore::write).onSuccess(done -> buyerFields += fields(some));
    }

    /**
     * Opens the lane to calls of its epoch; its ledger begins with a mark and an audit. Fails with IllegalStateException where Redis does
     * not have all that it was given.
     */
    public Future<Void> open(String auditId) {
        return call(Script.UNSEAL, auditId, Long.toString(skus), Long.toString(holds), Long.toString(buyerFields))
                .compose(reply -> reply.word().equals("OPENED")
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException("lane " + lane + " is not as it was written: "
                                + reply.text(2) + " " + reply.text(1) + " of " + skus + " skus, " + holds + " holds, "
                                + buyerFields + " buyers")));
    }

    /** How many reservations were put back so far. */
    public long restored() {
        return holds;
    }

    private <T> Future<Void> put(Script script, List<T> some, BiConsumer<List<String>, T> write) {
        if (some.isEmpty()) {
            return Future.succeededFuture();
        }
        List<String> arguments = new ArrayList<>(some.size() * script.groupSize());
        some.forEach(one -> write.accept(arguments, one));
        return call(script, arguments.toArray(String[]::new)).mapEmpty();
    }

    private Future<Reply> call(Script script, String... arguments) {
        return call(TRIES, script, arguments);
    }

    private Future<Reply> call(int triesLeft, Script script, String... arguments) {
        return calls.call(script, lane, arguments)
                .recover(failure -> triesLeft > 1 && isUnknown(failure)
                        ? call(triesLeft - 1, script, arguments)
                        : Future.failedFuture(failure));
    }

    private static boolean isUnknown(Throwable failure) {
        return failure instanceof Unavailable unavailable && unavailable.reason() == Unavailable.Reason.OUTCOME_UNKNOWN;
    }

    private static void write(List<String> arguments, StockedSku sku) {
        StockCount count = sku.count();
        String productId = sku.rules().productId();
        arguments.add(count.sku().value());
        arguments.add(Long.toString(count.capacity()));
        arguments.add(Long.toString(count.available()));
        arguments.add(Long.toString(count.held()));
        arguments.add(Long.toString(count.sold()));
        arguments.add(Long.toString(count.version()));
        arguments.add(Long.toString(sku.rules().version()));
        arguments.add(Long.toString(sku.rules().perCustomerLimit()));
        arguments.add(productId == null ? "" : productId);
        arguments.add(Long.toString(sku.pendingUnits()));
        arguments.add(Long.toString(sku.adjustmentNo()));
    }

    private static void write(List<String> arguments, RestoredReservation reservation) {
        Long endedAtMs = reservation.endedAtMs();
        arguments.add(reservation.id().key());
        arguments.add(PackedHold.letter(reservation.state()));
        arguments.add(Long.toString(reservation.revision()));
        arguments.add(
                reservation.state() == ReservationState.HELD || endedAtMs == null
                        ? "0"
                        : Long.toString(endedAtMs - reservation.heldAtMs()));
        arguments.add(Long.toString(reservation.heldAtMs()));
        arguments.add(Long.toString(reservation.expiresAtMs() - reservation.heldAtMs()));
        arguments.add(reservation.fingerprint());
        arguments.add(reservation.customerId().value());
        arguments.add(PackedHold.text(reservation.cart()));
    }

    private static void write(List<String> arguments, Allowance allowance) {
        arguments.add(allowance.customerId().value());
        arguments.add(allowance.units().stream()
                .map(units -> units.sku().value() + ' ' + units.quantity())
                .collect(Collectors.joining(" ")));
    }

    /** One for a customer with a single SKU, else one more than there are SKUs: include/writes.lua. */
    private static long fields(List<Allowance> allowances) {
        return allowances.stream()
                .mapToLong(allowance -> allowance.units().size() == 1
                        ? 1
                        : 1 + allowance.units().size())
                .sum();
    }
}
