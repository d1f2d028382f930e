package dev.holdfast.redis;

import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.HoldId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Receipt;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The atomic step by scripts. To be used on the event loop of its connection. */
public final class RedisAtomicStep implements AtomicStep {

    /** Each round takes back 100 holds: beyond this many the expirer must catch up first. */
    private static final int MOST_ROUNDS = 50;

    private final ScriptCalls calls;
    private final Metrics metrics;
    private final StockFollowers followers;
    private final NextExpiries expiries;

    /**
     * One for each connection.
     *
     * @param followers the same for all connections of a node
     */
    public RedisAtomicStep(ScriptCalls calls, StockFollowers followers, Metrics metrics) {
        this.calls = calls;
        this.followers = followers;
        this.metrics = metrics;
        expiries = new NextExpiries(calls);
    }

    @Override
    public Future<HoldOutcome> hold(Lane lane, HoldId id, String fingerprint, HoldRequest request) {
        Integer holdSeconds = request.holdSeconds();
        String[] arguments = {
            keys(id),
            request.customerId().value(),
            fingerprint,
            holdSeconds == null ? "0" : millis(holdSeconds),
            PackedHold.text(request.cart())
        };
        return whileMoreIsDue(lane, () -> timedHold(lane, arguments)).map(reply -> held(lane, id, reply, request));
    }

    @Override
    public Future<ChangeOutcome> confirm(Lane lane, ReservationId id) {
        return callTwiceAtMost(Script.CONFIRM, lane, id.key(), heldAt(id)).map(reply -> changed(lane, id, reply));
    }

    @Override
    public Future<ChangeOutcome> release(Lane lane, ReservationId id) {
        return callTwiceAtMost(Script.RELEASE, lane, id.key(), heldAt(id)).map(reply -> changed(lane, id, reply));
    }

    @Override
    public Future<ChangeOutcome> extend(Lane lane, ReservationId id, int holdSeconds, @Nullable Long expectedRevision) {
        String[] arguments = {id.key(), heldAt(id), millis(holdSeconds), revision(expectedRevision)};
        return callAsOftenAsIsSafe(Script.EXTEND, expectedRevision, lane, arguments)
                .map(reply -> changed(lane, id, reply));
    }

    @Override
    public Future<ChangeOutcome> replace(Lane lane, ReservationId id, Cart cart, @Nullable Long expectedRevision) {
        String[] arguments = {id.key(), heldAt(id), PackedHold.text(cart), revision(expectedRevision)};
        return whileMoreIsDue(lane, () -> replaceIfThereIsRoom(expectedRevision, lane, arguments))
                .map(reply -> changed(lane, id, reply));
    }

    /** A full Redis still takes what gives units back. */
    private Future<Reply> replaceIfThereIsRoom(@Nullable Long expectedRevision, Lane lane, String... arguments) {
        return callAsOftenAsIsSafe(Script.REPLACE, expectedRevision, lane, arguments)
                .recover(failure -> RedisFailures.isFull(failure)
                        ? callAsOftenAsIsSafe(Script.SHRINK, expectedRevision, lane, arguments)
                                .compose(reply -> reply.word().equals("GROWS")
                                        ? Future.failedFuture(failure)
                                        : Future.succeededFuture(reply))
                        : Future.failedFuture(failure));
    }

    @Override
    public Future<ChangeOutcome> reclaim(Lane lane, Receipt receipt) {
        Reservation.Mark mark = receipt.mark();
        if (mark.epoch() >= lane.epoch()) {
            // Somebody was told of this entry, whoever forgot it: a lane that ends before it lost history.
            calls.witnesses().see(new Lane(lane.saleId(), lane.number(), mark.epoch()), mark.seq());
        }
        if (mark.epoch() > lane.epoch()) {
            return Future.failedFuture(calls.stale(lane, "a receipt tells of the later epoch " + mark.epoch()));
        }
        String[] arguments = {
            receipt.id().key(),
            Long.toString(receipt.heldAtMs()),
            PackedHold.letter(receipt.state()),
            Long.toString(mark.revision()),
            Long.toString(receipt.expiresAtMs() - receipt.heldAtMs()),
            mark.fingerprint(),
            receipt.customerId().value(),
            PackedHold.text(receipt.cart())
        };
        return whileMoreIsDue(lane, () -> callTwiceAtMost(Script.RECLAIM, lane, arguments))
                .map(reply -> switch (reply.word()) {
                    case "RECLAIMED" -> new ChangeOutcome.Done(reservation(lane, receipt.id(), reply));
                    case "TOO_LATE" -> new ChangeOutcome.Ended(receipt.asItEnded());
                    case "KEY_REUSED" -> new ChangeOutcome.NoSuchReservation();
                    default -> changed(lane, receipt.id(), reply);
                });
    }

    @Override
    public Future<ChangeOutcome> find(Lane lane, ReservationId id) {
        return calls.call(Script.FIND, lane, id.key(), heldAt(id)).compose(reply -> {
            ChangeOutcome found = changed(lane, id, reply);
            return isOverdue(found, reply) ? takeBack(lane, id, found) : Future.succeededFuture(found);
        });
    }

    /** Shown as expired and still held: no sweep came to it yet, or Redis lost when it is due. */
    private static boolean isOverdue(ChangeOutcome found, Reply reply) {
        return found instanceof ChangeOutcome.Done done
                && done.reservation().state() == ReservationState.EXPIRED
                && PackedHold.parse(reply.text(3)).state() == ReservationState.HELD;
    }

    /** Who is told that it is over may ask for its units. Where Redis does not take writes, what was found is true all the same. */
    private Future<ChangeOutcome> takeBack(Lane lane, ReservationId id, ChangeOutcome found) {
        return calls.call(Script.EXPIRE, lane, "1", "", id.key())
                .compose(swept -> calls.call(Script.FIND, lane, id.key(), heldAt(id)))
                .map(reply -> changed(lane, id, reply))
                .otherwise(found);
    }

    @Override
    public Future<Optional<StockCount>> count(Lane lane, Sku sku) {
        AtomicReference<@Nullable StockReply> last = new AtomicReference<>();
        AtomicInteger rounds = new AtomicInteger();
        return AsyncLoop.whileTrue(() -> calls.call(Script.STOCK, lane, "0", sku.value())
                        .map(StockReply::read)
                        .map(reply -> {
                            last.set(reply);
                            return reply.isMoreDue() && rounds.incrementAndGet() < MOST_ROUNDS;
                        }))
                .map(done -> Objects.requireNonNull(last.get(), "one call at least").counts().stream()
                        .findFirst());
    }

    /** Where it reads stock. */
    public StockFollowers followers() {
        return followers;
    }

    @Override
    public Future<StockCounts> stock(Lane lane) {
        return followers.read(lane);
    }

    @Override
    public Future<Expiries> expiries(Lane lane, Sku sku, int most) {
        return expiries.find(lane, sku, most);
    }

    @Override
    public Future<SaleStanding> standing(Lane lane) {
        return calls.call(Script.SALE, lane).map(RedisAtomicStep::standing);
    }

    private Future<Reply> timedHold(Lane lane, String[] arguments) {
        long start = System.nanoTime();
        return callTwiceAtMost(Script.HOLD, lane, arguments)
                .onComplete(done -> metrics.hold(System.nanoTime() - start));
    }

    /**
     * Where the answer was lost, asks once more with the same id: whatever became of the first call, the second answers the
     * truth and does nothing twice. If that fails too, what the first did is still unknown.
     */
    private Future<Reply> callTwiceAtMost(Script script, Lane lane, String... arguments) {
        return calls.call(script, lane, arguments)
                .recover(failure -> isUnknown(failure) && calls.redis().connected()
                        ? calls.call(script, lane, arguments).recover(again -> Future.failedFuture(failure))
                        : Future.failedFuture(failure));
    }

    /** Where the caller says which revision is meant, a late copy of the call changes nothing, so that it may be made again. */
    private Future<Reply> callAsOftenAsIsSafe(
            Script script, @Nullable Long expectedRevision, Lane lane, String... arguments) {
        return expectedRevision == null
                ? calls.call(script, lane, arguments)
                : callTwiceAtMost(script, lane, arguments);
    }

    private static String revision(@Nullable Long expected) {
        return expected == null ? "0" : Long.toString(expected);
    }

    private static boolean isUnknown(Throwable failure) {
        return Unavailable.isBecause(Reason.OUTCOME_UNKNOWN, failure);
    }

    /** A call takes back 100 due holds at most before it decides: while more are due, it is made again. */
    private Future<Reply> whileMoreIsDue(Lane lane, Call call) {
        return call.make()
                .compose(reply -> isMoreDue(reply) ? afterMoreIsDue(lane, call) : Future.succeededFuture(reply));
    }

    private Future<Reply> afterMoreIsDue(Lane lane, Call call) {
        long start = System.nanoTime();
        return again(lane, call, MOST_ROUNDS - 1)
                .onComplete(done -> metrics.idleUnits(Duration.ofNanos(System.nanoTime() - start)));
    }

    private static Future<Reply> again(Lane lane, Call call, int roundsLeft) {
        if (roundsLeft == 0) {
            return Future.failedFuture(
                    new Unavailable(Reason.OVERLOADED, "too many holds are due on lane " + lane, null));
        }
        return call.make()
                .compose(reply -> isMoreDue(reply) ? again(lane, call, roundsLeft - 1) : Future.succeededFuture(reply));
    }

    private static boolean isMoreDue(Reply reply) {
        return reply.word().equals("MORE_DUE");
    }

    /**
     * Without a key the id was made for this request alone: what came before can only be its own first attempt. That may have ended since,
     * where this node stood still.
     */
    private static HoldOutcome heldBefore(Reservation reservation, HoldRequest request) {
        return request.idempotencyKey() != null || reservation.asOfReading().state() != ReservationState.HELD
                ? new HoldOutcome.Replayed(reservation)
                : new HoldOutcome.Held(reservation);
    }

    private HoldOutcome held(Lane lane, HoldId id, Reply reply, HoldRequest request) {
        return switch (reply.word()) {
            case "HELD" -> new HoldOutcome.Held(justHeld(lane, id.id(), reply, request));
            case "REPLAYED" -> heldBefore(reservation(lane, replayed(id, reply), reply), request);
            case "KEY_REUSED" -> new HoldOutcome.KeyReused();
            case "HOLD_TOO_LONG" -> new HoldOutcome.HoldTooLong(reply.number(1));
            default -> new HoldOutcome.Refused(RefusalReply.read(reply));
        };
    }

    /** As hold.lua takes them. */
    private static String keys(HoldId id) {
        ReservationId other = id.other();
        return other == null ? id.id().key() : id.id().key() + ' ' + other.key();
    }

    /** Under which of its keys it was held before: the script says so where it is the other one. */
    private static ReservationId replayed(HoldId id, Reply reply) {
        return reply.size() > 4 ? new ReservationId(reply.text(4)) : id.id();
    }

    private ChangeOutcome changed(Lane lane, ReservationId id, Reply reply) {
        return switch (reply.word()) {
            case "CONFIRMED", "RELEASED" -> new ChangeOutcome.Done(reservation(lane, id, reply));
            case "EXTENDED", "REPLACED" -> new ChangeOutcome.Done(stillHeld(lane, id, reply));
            case "FOUND" -> new ChangeOutcome.Done(reservation(lane, id, reply).asOfReading());
            case "ENDED" -> new ChangeOutcome.Ended(reservation(lane, id, reply));
            case "OTHER_REVISION" -> new ChangeOutcome.OtherRevision(reservation(lane, id, reply));
            case "NOT_FOUND" -> new ChangeOutcome.NoSuchReservation();
            default -> new ChangeOutcome.Refused(RefusalReply.read(reply));
        };
    }

    /** It is what was asked for, from now on: only when is news. */
    private Reservation justHeld(Lane lane, ReservationId id, Reply reply, HoldRequest request) {
        PackedHold hold = PackedHold.parse(reply.text(1), request.customerId(), request.cart());
        if (hold.seq() <= reply.known()) {
            throw calls.stale(lane, "a new hold is at " + hold.seq() + ", this node knew of " + reply.known());
        }
        calls.witnesses().news().dueIn(lane, hold.expiresAtMs() - hold.heldAtMs());
        return told(lane, hold.reservation(lane, ReservationId.of(id.key(), hold.heldAtMs()), hold.heldAtMs(), false));
    }

    private Reservation stillHeld(Lane lane, ReservationId id, Reply reply) {
        Reservation reservation = reservation(lane, id, reply);
        calls.witnesses().news().dueIn(lane, reservation.expiresAtMs() - reply.number(1));
        return reservation;
    }

    private Reservation reservation(Lane lane, ReservationId id, Reply reply) {
        PackedHold hold = read(lane, id, reply.text(3));
        ReservationId wholeId = ReservationId.of(id.key(), hold.heldAtMs());
        return told(
                lane,
                hold.reservation(lane, wholeId, reply.number(1), reply.text(2).equals("1")));
    }

    private Reservation told(Lane lane, Reservation reservation) {
        calls.witnesses().tell(lane, reservation);
        return reservation;
    }

    /** The scripts read less closely: what has a customer or a SKU that nobody can have was written by somebody else. */
    private PackedHold read(Lane lane, ReservationId id, String packed) {
        try {
            return PackedHold.parse(packed);
        } catch (IllegalArgumentException e) {
            calls.witnesses().suspects().add(new Suspects.Hold(lane, id.key()));
            throw new Unavailable(
                    Reason.RECOVERING,
                    "What Redis has of this reservation cannot be read: its incident says what to do.",
                    "lane " + lane + ": " + e.getMessage(),
                    e);
        }
    }

    private static SaleStanding standing(Reply reply) {
        return SaleStanding.of(
                Sale.Switch.valueOf(reply.text(2).toUpperCase(Locale.ROOT)),
                reply.number(3),
                reply.number(4),
                reply.number(1),
                true,
                reply.number(6));
    }

    private static String heldAt(ReservationId id) {
        return Long.toString(id.heldAtMs());
    }

    private static String millis(int seconds) {
        return Long.toString(Duration.ofSeconds(seconds).toMillis());
    }

    private interface Call {
        Future<Reply> make();
    }
}
