package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A sale of its own in Redis, and short ways to buy in it. */
final class RedisSeed {

    static final long HOLD_MS = 60_000;
    static final long MAX_HOLD_MS = 300_000;
    static final String FINGERPRINT = "Zm9v";

    final RedisRoom room;
    final Lane lane;
    Sale sale;
    private int reservations;

    private RedisSeed(RedisRoom room, Sale sale) {
        this.room = room;
        this.sale = sale;
        lane = new Lane(sale.id(), 0, 7);
    }

    /** The same sale over another connection. */
    RedisSeed(RedisRoom room, RedisSeed other) {
        this(room, other.sale);
        reservations = other.reservations;
    }

    /** Open, without limits or stock. */
    static RedisSeed openSale(RedisRoom room) {
        SaleId id = new SaleId("sale-" + UUID.randomUUID());
        Sale sale = new Sale(id, "Test", 0, 0, HOLD_MS, MAX_HOLD_MS, 0, 0, "EUR", true, Sale.Switch.OPEN, null, 0, 1);
        RedisSeed seed = new RedisSeed(room, sale);
        LaneSetup.Setting setting = room.await(() -> room.setup.setSale(seed.lane, sale, true));
        assertThat(setting).isEqualTo(LaneSetup.Setting.APPLIED);
        return seed;
    }

    @CanIgnoreReturnValue
    RedisSeed stock(String sku, long capacity) {
        return stock(sku, capacity, 0, null);
    }

    @CanIgnoreReturnValue
    RedisSeed stock(String sku, long capacity, long limit, String product) {
        return rules(new SkuRules(new Sku(sku), capacity, product, Map.of(), null, limit, null, null, 1));
    }

    @CanIgnoreReturnValue
    RedisSeed rules(SkuRules rules) {
        room.await(() -> room.setup.setStock(lane, rules));
        return this;
    }

    @CanIgnoreReturnValue
    RedisSeed limit(long perCustomer) {
        return set(s -> copy(s, s.opensAtMs(), s.closesAtMs(), perCustomer, s.state(), s.clockOffsetMs()));
    }

    @CanIgnoreReturnValue
    RedisSeed window(long opensAtMs, long closesAtMs) {
        return set(s -> copy(s, opensAtMs, closesAtMs, s.perCustomerLimit(), s.state(), s.clockOffsetMs()));
    }

    @CanIgnoreReturnValue
    RedisSeed state(Sale.Switch state) {
        return set(s -> copy(s, s.opensAtMs(), s.closesAtMs(), s.perCustomerLimit(), state, s.clockOffsetMs()));
    }

    /** Moves the sale's clock. */
    @CanIgnoreReturnValue
    RedisSeed advance(Duration time) {
        return set(s -> copy(
                s,
                s.opensAtMs(),
                s.closesAtMs(),
                s.perCustomerLimit(),
                s.state(),
                s.clockOffsetMs() + time.toMillis()));
    }

    ReservationId newId() {
        return new ReservationId("reservation-%010d".formatted(++reservations));
    }

    /** All up to here is recorded, and Redis need not keep it. */
    static Recorded recorded(long seq) {
        return new Recorded(seq, seq, 1);
    }

    static Cart cart(Object... skusAndQuantities) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < skusAndQuantities.length; i += 2) {
            lines.add(new Line(new Sku((String) skusAndQuantities[i]), (Integer) skusAndQuantities[i + 1]));
        }
        return Cart.of(lines);
    }

    Future<HoldOutcome> tryHold(ReservationId id, String customer, Cart cart, Integer holdSeconds) {
        HoldRequest request = new HoldRequest(sale.id(), new CustomerId(customer), cart, holdSeconds, "key");
        return room.step.hold(lane, id, FINGERPRINT, request);
    }

    /** At another node. */
    Future<HoldOutcome> tryHoldAt(RedisRoom other, String sku, int quantity) {
        HoldRequest request = new HoldRequest(sale.id(), new CustomerId("ann"), cart(sku, quantity), null, "key");
        return other.step.hold(lane, newId(), FINGERPRINT, request);
    }

    @CanIgnoreReturnValue
    HoldOutcome hold(ReservationId id, String customer, Cart cart, Integer holdSeconds) {
        return room.await(() -> tryHold(id, customer, cart, holdSeconds));
    }

    @CanIgnoreReturnValue
    HoldOutcome hold(String customer, Object... skusAndQuantities) {
        return hold(newId(), customer, cart(skusAndQuantities), null);
    }

    /** A hold that must succeed. */
    @CanIgnoreReturnValue
    Reservation held(String customer, Object... skusAndQuantities) {
        HoldOutcome outcome = hold(customer, skusAndQuantities);
        assertThat(outcome).isInstanceOf(HoldOutcome.Held.class);
        return ((HoldOutcome.Held) outcome).reservation();
    }

    @CanIgnoreReturnValue
    ChangeOutcome confirm(Reservation reservation) {
        return room.await(() -> room.step.confirm(lane, reservation.id()));
    }

    @CanIgnoreReturnValue
    ChangeOutcome release(Reservation reservation) {
        return room.await(() -> room.step.release(lane, reservation.id()));
    }

    @CanIgnoreReturnValue
    ChangeOutcome extend(Reservation reservation, int seconds) {
        return room.await(() -> room.step.extend(lane, reservation.id(), seconds, null));
    }

    @CanIgnoreReturnValue
    ChangeOutcome replace(Reservation reservation, Object... skusAndQuantities) {
        return room.await(() -> room.step.replace(lane, reservation.id(), cart(skusAndQuantities), null));
    }

    @CanIgnoreReturnValue
    ChangeOutcome find(Reservation reservation) {
        return room.await(() -> room.step.find(lane, reservation.id()));
    }

    /** Counts after what is due was taken back. */
    @CanIgnoreReturnValue
    StockCount count(String sku) {
        return room.await(() -> room.step.count(lane, new Sku(sku))).orElseThrow();
    }

    /** Counts as they stand: available, held, sold. */
    List<Long> units(String sku) {
        return room.look().hmget(keys().stock(), sku + "|available", sku + "|held", sku + "|sold").stream()
                .map(field -> Long.valueOf(field.getValue()))
                .toList();
    }

    @CanIgnoreReturnValue
    Reply call(Script script, String... arguments) {
        return room.await(() -> room.calls.call(script, lane, arguments));
    }

    List<LedgerEntry> ledger() {
        return room.await(() -> room.stream.read(lane, 0, 10_000));
    }

    LaneKeys keys() {
        return LaneKeys.of(lane);
    }

    private RedisSeed set(UnaryOperator<Sale> change) {
        sale = change.apply(sale);
        LaneSetup.Setting setting = room.await(() -> room.setup.setSale(lane, sale, false));
        assertThat(setting).isEqualTo(LaneSetup.Setting.APPLIED);
        return this;
    }

    private static Sale copy(Sale s, long opensAtMs, long closesAtMs, long limit, Sale.Switch state, long offsetMs) {
        return new Sale(
                s.id(),
                s.name(),
                opensAtMs,
                closesAtMs,
                s.holdMs(),
                s.maxHoldMs(),
                limit,
                s.reclaimMs(),
                s.currency(),
                s.rehearsal(),
                state,
                s.stateReason(),
                offsetMs,
                s.version() + 1);
    }
}
