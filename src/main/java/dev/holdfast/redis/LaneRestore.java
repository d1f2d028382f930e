package dev.holdfast.redis;

import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Writes one lane anew, under a new epoch, step by step. Nobody can call it before {@link #open}, and a step of an older rebuild
 * changes nothing any more. Every step may be repeated, and fails with {@link StaleLane}, where the lane is to get a later epoch or was
 * emptied meanwhile, and with {@link Unavailable}. What is put is on its way when the step is done, and there after {@link #settled}. To be
 * used on the event loop of its connection.
 */
public final class LaneRestore {

    /** As many as the scripts take: about a millisecond of Redis's time. */
    private static final int MOST_AT_ONCE = 200;

    /** Fields of buyers, which are shorter. */
    private static final int MOST_FIELDS_AT_ONCE = 500;

    /** So that Redis never waits for this end, and other sales' calls wait for a few of these at most. */
    private static final int CALLS_UNDER_WAY = 6;

    /** A call whose answer was lost is repeated so often before somebody has to look. */
    private static final int TRIES = 5;

    private final ScriptCalls calls;
    private final Lane lane;
    private final CallWindow window = new CallWindow(CALLS_UNDER_WAY);
    private long holds;
    private long buyerFields;
    private boolean unanswered;

    /** The lane is named with the epoch that it is to get. */
    public LaneRestore(ScriptCalls calls, Lane lane) {
        this.calls = calls;
        this.lane = lane;
    }

    /** From now on every call finds no lane; its ledger can still be read. */
    public Future<Void> seal() {
        return call(Script.SEAL).mapEmpty();
    }

    /** Whether a call got no answer, so that {@link #seal} may have been done although it failed. */
    public boolean mayHaveSealed() {
        return unanswered;
    }

    /**
     * Empties the lane and begins its epoch; answers since when ended reservations are remembered, ms by the sale's clock.
     *
     * @param retention how long they are; the lane may have had a longer time, which it keeps
     */
    public Future<Long> clear(Sale sale, Duration retention) {
        return call(
                        Script.CLEAR,
                        Long.toString(sale.version()),
                        sale.state().word(),
                        Long.toString(sale.opensAtMs()),
                        Long.toString(sale.closesAtMs()),
                        Long.toString(sale.holdMs()),
                        Long.toString(sale.maxHoldMs()),
                        Long.toString(sale.perCustomerLimit()),
                        Long.toString(sale.clockOffsetMs()),
                        Long.toString(retention.toMillis()))
                .map(reply -> reply.number(1));
    }

    /** Puts SKUs up with their counts, in the order of their names: one call after the other, because that is the order of the lane's list. */
    public Future<Void> stock(List<StockedSku> all) {
        return Chunks.inTurn(
                all,
                MOST_AT_ONCE,
                some -> put(Script.RESTORE_STOCK, MOST_AT_ONCE, some, LaneRestore::write)
                        .compose(put -> settled()));
    }

    /** Puts reservations back, each key once. */
    public Future<Void> reservations(List<RestoredReservation> some) {
        holds += some.size();
        return put(Script.RESTORE_HOLDS, MOST_AT_ONCE, some, LaneRestore::write);
    }

    /** Tells what customers hold or have bought, each customer once. */
    public Future<Void> allowances(List<Allowance> some) {
        List<Field> fields = new ArrayList<>(some.size());
        some.forEach(allowance -> addFields(fields, allowance));
        buyerFields += fields.size();
        return put(Script.RESTORE_BUYERS, MOST_FIELDS_AT_ONCE, fields, LaneRestore::write);
    }

    /** Succeeds when Redis has all that was put; fails where it could not take any of it. */
    public Future<Void> settled() {
        return window.settled();
    }

    /** Puts ended reservations back into the lane when it sells, the newest of a key first; what it has is never replaced. */
    public Future<Void> ended(List<RestoredReservation> some) {
        return put(Script.RESTORE_ENDED, MOST_AT_ONCE, some, LaneRestore::write).compose(put -> settled());
    }

    /**
     * Opens the lane to calls of its epoch; its ledger begins with a mark and the policy. Fails with IllegalStateException where Redis does
     * not have as many reservations and buyers as it was given.
     */
    public Future<Void> open() {
        return call(Script.UNSEAL, Long.toString(holds), Long.toString(buyerFields))
                .compose(reply -> reply.word().equals("OPENED")
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException("lane " + lane + " is not as it was written: "
                                + reply.text(2) + " " + reply.text(1) + " of " + holds + " holds, " + buyerFields
                                + " buyers")));
    }

    /** How many reservations were put back so far. */
    public long restored() {
        return holds;
    }

    private <T> Future<Void> put(Script script, int mostAtOnce, List<T> all, BiConsumer<List<String>, T> write) {
        return Chunks.inTurn(
                inCalls(mostAtOnce, all, write),
                1,
                one -> window.make(() ->
                        call(script, one.getFirst().toArray(String[]::new)).mapEmpty()));
    }

    /** The arguments of each call: of as many elements as a call takes, and not much longer than Redis works on in a few milliseconds. */
    static <T> List<List<String>> inCalls(int mostAtOnce, List<T> all, BiConsumer<List<String>, T> write) {
        List<List<String>> inCalls = new ArrayList<>();
        List<String> call = new ArrayList<>();
        int elements = 0;
        int characters = 0;
        for (T one : all) {
            List<String> words = new ArrayList<>();
            write.accept(words, one);
            int more = words.stream().mapToInt(String::length).sum();
            if (elements == mostAtOnce || (elements > 0 && characters + more > GatheredCalls.MOST_CHARACTERS)) {
                inCalls.add(call);
                call = new ArrayList<>();
                elements = 0;
                characters = 0;
            }
            call.addAll(words);
            elements++;
            characters += more;
        }
        if (elements > 0) {
            inCalls.add(call);
        }
        return inCalls;
    }

    private Future<Reply> call(Script script, String... arguments) {
        return call(TRIES, script, arguments);
    }

    private Future<Reply> call(int triesLeft, Script script, String... arguments) {
        return calls.call(script, lane, arguments)
                .onFailure(failure -> unanswered |= isUnknown(failure))
                .recover(failure -> triesLeft > 1 && isUnknown(failure)
                        ? call(triesLeft - 1, script, arguments)
                        : Future.failedFuture(failure));
    }

    private static boolean isUnknown(Throwable failure) {
        return Unavailable.isBecause(Unavailable.Reason.OUTCOME_UNKNOWN, failure);
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
        arguments.add(RememberedAdjustments.text(sku.adjustments()));
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

    private static void write(List<String> arguments, Field field) {
        arguments.add(field.name());
        arguments.add(field.value());
    }

    /** One for a customer with a single SKU, else one more than there are SKUs: as units_of in include/writes.lua reads them. */
    private static void addFields(List<Field> fields, Allowance allowance) {
        String customer = allowance.customerId().value();
        List<Allowance.Units> all = allowance.units();
        if (all.size() == 1) {
            Allowance.Units only = all.getFirst();
            fields.add(new Field(customer, only.quantity() + " " + only.sku().value()));
            return;
        }
        long total = all.stream().mapToLong(Allowance.Units::quantity).sum();
        fields.add(new Field(customer, Long.toString(total)));
        all.forEach(
                units -> fields.add(new Field(customer + '|' + units.sku().value(), Long.toString(units.quantity()))));
    }

    /** Of the hash of buyers. */
    private record Field(String name, String value) {}
}
