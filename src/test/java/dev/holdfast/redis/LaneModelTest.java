package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.FormatMethod;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;

/** Random verbs on one lane answer as a model of a few lines does, and leave the same counts. */
class LaneModelTest {

    private static final List<String> SKUS = List.of("A", "B", "C");
    private static final List<String> BUYERS = List.of("ann", "bob", "cid");
    private static final int CAPACITY = 6;
    private static final int SKU_LIMIT = 4;
    private static final int SALE_LIMIT = 7;
    private static final int VERBS = 150;

    private static RedisRoom room;

    private final long randomSeed = System.nanoTime();
    private final Random random = new Random(randomSeed);
    private final Map<ReservationId, Modelled> model = new LinkedHashMap<>();
    private final List<String> told = new ArrayList<>();
    private RedisSeed seed;
    private long clockMs;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @RepeatedTest(8)
    void redisAndTheModelAgree() {
        seed = RedisSeed.openSale(room).limit(SALE_LIMIT);
        SKUS.forEach(sku -> seed.stock(sku, CAPACITY, SKU_LIMIT, null));

        for (int i = 0; i < VERBS; i++) {
            step();
            // Not after every verb, because counting takes back what is due, and the verbs must do without.
            if (random.nextInt(4) == 0) {
                compareCounts();
            }
        }
        compareCounts();
        StockAssert.assertConsistent(seed);
    }

    private void compareCounts() {
        for (String sku : SKUS) {
            assertThat(seed.count(sku).available())
                    .as("available of %s %s", sku, story())
                    .isEqualTo(free(sku));
        }
    }

    private void step() {
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> hold();
            case 4 -> end(ReservationState.CONFIRMED);
            case 5 -> end(ReservationState.RELEASED);
            case 6, 7 -> replace();
            case 8 -> repeat();
            default -> advance();
        }
    }

    private void hold() {
        ReservationId id = seed.newId();
        String buyer = BUYERS.get(random.nextInt(BUYERS.size()));
        Cart cart = randomCart();
        tell("hold %s %s %s", id, buyer, cart.lines());

        HoldOutcome outcome = seed.hold(id, buyer, cart, null);

        Class<?> refusal = refusal(buyer, cart, Map.of());
        assertThat(answer(outcome)).as(story()).isEqualTo(refusal);
        if (refusal == null) {
            model.put(id, new Modelled(buyer, cart, ReservationState.HELD, clockMs + RedisSeed.HOLD_MS));
        }
    }

    private void repeat() {
        ReservationId id = anyId();
        if (id == null) {
            return;
        }
        tell("repeat %s", id);

        HoldOutcome outcome = seed.hold(id, "anyone", randomCart(), null);

        assertThat(outcome).as(story()).isInstanceOf(HoldOutcome.Replayed.class);
        assertThat(((HoldOutcome.Replayed) outcome).reservation().state())
                .as(story())
                .isEqualTo(model.get(id).state);
    }

    private void end(ReservationState wanted) {
        ReservationId id = anyId();
        if (id == null) {
            return;
        }
        tell("%s %s", wanted, id);
        Modelled before = model.get(id);

        ChangeOutcome outcome = room.await(() -> wanted == ReservationState.CONFIRMED
                ? room.step.confirm(seed.lane, id)
                : room.step.release(seed.lane, id));

        ReservationState after = before.state == ReservationState.HELD ? wanted : before.state;
        assertThat(reservation(outcome).state()).as(story()).isEqualTo(after);
        assertThat(outcome instanceof ChangeOutcome.Done).as(story()).isEqualTo(after == wanted);
        model.put(id, new Modelled(before.buyer, before.cart, after, before.deadlineMs));
    }

    private void replace() {
        ReservationId id = anyId();
        if (id == null) {
            return;
        }
        Cart cart = randomCart();
        tell("replace %s %s", id, cart.lines());
        Modelled before = model.get(id);

        ChangeOutcome outcome = room.await(() -> room.step.replace(seed.lane, id, cart, null));

        if (before.state != ReservationState.HELD) {
            assertThat(outcome).as(story()).isInstanceOf(ChangeOutcome.Ended.class);
            return;
        }
        Class<?> refusal = cart.equals(before.cart) ? null : refusal(before.buyer, cart, units(before.cart));
        assertThat(answer(outcome)).as(story()).isEqualTo(refusal);
        if (refusal == null) {
            model.put(id, new Modelled(before.buyer, cart, ReservationState.HELD, before.deadlineMs));
        }
    }

    /** In steps so great that the time the test itself takes does not matter. */
    private void advance() {
        Duration time = Duration.ofSeconds(20);
        tell("advance %s", time);
        seed.advance(time);
        clockMs += time.toMillis();
        model.replaceAll((id, r) -> r.state == ReservationState.HELD && r.deadlineMs - clockMs <= 0
                ? new Modelled(r.buyer, r.cart, ReservationState.EXPIRED, r.deadlineMs)
                : r);
    }

    /** Null where the cart can be had. */
    private Class<?> refusal(String buyer, Cart cart, Map<String, Integer> own) {
        int ownUnits = own.values().stream().mapToInt(Integer::intValue).sum();
        boolean overSale = taken(buyer, null) - ownUnits + cart.units() > SALE_LIMIT;
        boolean overSku = cart.lines().stream().anyMatch(line -> {
            String sku = line.sku().value();
            return taken(buyer, sku) - own.getOrDefault(sku, 0) + line.quantity() > SKU_LIMIT;
        });
        if (overSale || overSku) {
            return Refusal.PurchaseLimit.class;
        }
        boolean isShort = cart.lines().stream().anyMatch(line -> {
            String sku = line.sku().value();
            return line.quantity() > free(sku) + own.getOrDefault(sku, 0);
        });
        return isShort ? Refusal.OutOfStock.class : null;
    }

    private long free(String sku) {
        return CAPACITY
                - model.values().stream()
                        .filter(Modelled::takesUnits)
                        .mapToLong(r -> units(r.cart).getOrDefault(sku, 0))
                        .sum();
    }

    private long taken(String buyer, String sku) {
        return model.values().stream()
                .filter(r -> r.takesUnits() && r.buyer.equals(buyer))
                .flatMap(r -> r.cart.lines().stream())
                .filter(line -> sku == null || line.sku().value().equals(sku))
                .mapToLong(Line::quantity)
                .sum();
    }

    private static Map<String, Integer> units(Cart cart) {
        return cart.lines().stream().collect(Collectors.toMap(line -> line.sku().value(), Line::quantity));
    }

    private Cart randomCart() {
        TreeMap<String, Line> lines = new TreeMap<>();
        for (int i = random.nextInt(SKUS.size()); i >= 0; i--) {
            String sku = SKUS.get(random.nextInt(SKUS.size()));
            lines.put(sku, new Line(new Sku(sku), 1 + random.nextInt(3)));
        }
        return Cart.of(lines.values());
    }

    private ReservationId anyId() {
        List<ReservationId> ids = List.copyOf(model.keySet());
        return ids.isEmpty() ? null : ids.get(random.nextInt(ids.size()));
    }

    private static Class<?> answer(HoldOutcome outcome) {
        return outcome instanceof HoldOutcome.Refused refused
                ? refused.refusal().getClass()
                : null;
    }

    private static Class<?> answer(ChangeOutcome outcome) {
        return outcome instanceof ChangeOutcome.Refused refused
                ? refused.refusal().getClass()
                : null;
    }

    private static Reservation reservation(ChangeOutcome outcome) {
        return outcome instanceof ChangeOutcome.Done done
                ? done.reservation()
                : ((ChangeOutcome.Ended) outcome).reservation();
    }

    @FormatMethod
    private void tell(String format, Object... arguments) {
        told.add(format.formatted(arguments));
    }

    private String story() {
        return "[seed %d, %s]".formatted(randomSeed, told);
    }

    private record Modelled(String buyer, Cart cart, ReservationState state, long deadlineMs) {

        boolean takesUnits() {
            return state == ReservationState.HELD || state == ReservationState.CONFIRMED;
        }
    }
}
