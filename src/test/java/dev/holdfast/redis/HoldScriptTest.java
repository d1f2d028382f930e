package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import io.vertx.core.CompositeFuture;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HoldScriptTest {

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void aCartWithStockIsSetAsideWhole() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5).stock("B", 3);

        Reservation reservation = seed.held("ann", "A", 2, "B", 3);

        assertThat(reservation.state()).isEqualTo(ReservationState.HELD);
        assertThat(reservation.saleId()).isEqualTo(seed.sale.id());
        assertThat(reservation.customerId()).isEqualTo(new CustomerId("ann"));
        assertThat(reservation.cart()).isEqualTo(cart("A", 2, "B", 3));
        assertThat(reservation.expiresAtMs() - reservation.heldAtMs()).isEqualTo(RedisSeed.HOLD_MS);
        assertThat(reservation.readAtMs()).isEqualTo(reservation.heldAtMs());
        assertThat(reservation.endedAtMs()).isNull();
        assertThat(reservation.recorded()).isFalse();
        assertThat(seed.units("A")).containsExactly(3L, 2L, 0L);
        assertThat(seed.units("B")).containsExactly(0L, 3L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aRequestWithTwoKeysIsTheOneThatWasMadeUnderEither() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        ReservationId first = seed.newId();
        ReservationId second = seed.newId();
        Reservation before = ((HoldOutcome.Held) seed.hold(second, "ann", cart("A", 2), null)).reservation();

        HoldOutcome found = hold(seed, new HoldId(first, second), 2);
        HoldOutcome afterwards = hold(seed, new HoldId(second, first), 2);

        assertThat(((HoldOutcome.Replayed) found).reservation().id()).isEqualTo(before.id());
        assertThat(((HoldOutcome.Replayed) afterwards).reservation().id()).isEqualTo(before.id());
        assertThat(seed.units("A")).containsExactly(7L, 2L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aNewRequestWithTwoKeysIsHeldUnderTheFirstHoweverOftenItComesAtOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        HoldId both = new HoldId(seed.newId(), seed.newId());

        List<HoldOutcome> outcomes = room.await(() -> Future.join(
                        ask(seed, both, 2), ask(seed, HoldId.of(seed.newId()), 1), ask(seed, both, 2))
                .map(CompositeFuture::list));
        HoldOutcome inTheOtherOrder = hold(seed, new HoldId(requireNonNull(both.other()), both.id()), 2);

        assertThat(outcomes.get(0)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(outcomes.get(1)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(outcomes.get(2)).isInstanceOf(HoldOutcome.Replayed.class);
        ReservationId id = ((HoldOutcome.Held) outcomes.get(0)).reservation().id();
        assertThat(id.key()).isEqualTo(both.id().key());
        assertThat(((HoldOutcome.Replayed) outcomes.get(2)).reservation().id()).isEqualTo(id);
        assertThat(((HoldOutcome.Replayed) inTheOtherOrder).reservation().id()).isEqualTo(id);
        assertThat(seed.units("A")).containsExactly(6L, 3L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aHoldUnderTheSecondKeyThatIsDueShowsAsExpired() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        ReservationId second = seed.newId();
        seed.hold(second, "ann", cart("A", 2), null);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS + 1));

        HoldOutcome found = hold(seed, new HoldId(seed.newId(), second), 2);

        assertThat(((HoldOutcome.Replayed) found).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
    }

    private static HoldOutcome hold(RedisSeed seed, HoldId id, int units) {
        return room.await(() -> ask(seed, id, units));
    }

    private static Future<HoldOutcome> ask(RedisSeed seed, HoldId id, int units) {
        HoldRequest request = new HoldRequest(seed.sale.id(), new CustomerId("ann"), cart("A", units), null, "key");
        return room.step.hold(seed.lane, id, RedisSeed.FINGERPRINT, request);
    }

    @Test
    void theLedgerTellsTheHold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);

        Reservation reservation = seed.held("ann", "A", 2);

        LedgerEntry.Transition entry = (LedgerEntry.Transition) seed.ledger().getLast();
        assertThat(entry.kind()).isEqualTo(LedgerEntry.Kind.HELD);
        assertThat(entry.id()).isEqualTo(reservation.id());
        assertThat(entry.revision()).isEqualTo(1);
        assertThat(entry.heldAtMs()).isEqualTo(reservation.heldAtMs());
        assertThat(entry.atMs()).isEqualTo(reservation.heldAtMs());
        assertThat(entry.expiresAtMs()).isEqualTo(reservation.expiresAtMs());
        assertThat(entry.customerId()).isEqualTo(reservation.customerId());
        assertThat(entry.cart()).isEqualTo(reservation.cart());
        assertThat(entry.fingerprint()).isEqualTo(RedisSeed.FINGERPRINT);
    }

    @Test
    void theCallerMayAskForItsOwnTimeUpToTheMaximum() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);

        HoldOutcome longest = seed.hold(seed.newId(), "ann", cart("A", 1), 300);
        HoldOutcome tooLong = seed.hold(seed.newId(), "ann", cart("A", 1), 301);

        Reservation reservation = ((HoldOutcome.Held) longest).reservation();
        assertThat(reservation.expiresAtMs() - reservation.heldAtMs()).isEqualTo(RedisSeed.MAX_HOLD_MS);
        assertThat(tooLong).isEqualTo(new HoldOutcome.HoldTooLong(RedisSeed.MAX_HOLD_MS));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theSameRequestAgainHoldsNothingMore() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1);
        Reservation first = seed.held("ann", "A", 1);

        HoldOutcome again = seed.hold(first.id(), "ann", cart("A", 1), null);

        assertThat(again).isInstanceOf(HoldOutcome.Replayed.class);
        Reservation replayed = ((HoldOutcome.Replayed) again).reservation();
        assertThat(replayed.heldAtMs()).isEqualTo(first.heldAtMs());
        assertThat(seed.units("A")).containsExactly(0L, 1L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theSameRequestAgainShowsWhatBecameOfIt() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 3);
        Reservation sold = seed.held("ann", "A", 1);
        Reservation given = seed.held("bob", "A", 1);
        Reservation forgotten = seed.held("cid", "A", 1);
        seed.confirm(sold);
        seed.release(given);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        seed.state(Sale.Switch.CLOSED);

        List<ReservationState> states = new ArrayList<>();
        for (Reservation reservation : List.of(sold, given, forgotten)) {
            HoldOutcome again = seed.hold(reservation.id(), "ann", cart("A", 1), null);
            states.add(((HoldOutcome.Replayed) again).reservation().state());
        }

        assertThat(states)
                .containsExactly(ReservationState.CONFIRMED, ReservationState.RELEASED, ReservationState.EXPIRED);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anotherRequestUnderTheSameIdIsRefused() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation first = seed.held("ann", "A", 1);
        HoldRequest other = new HoldRequest(seed.sale.id(), new CustomerId("ann"), cart("A", 2), null, "key");

        HoldOutcome outcome = room.await(() -> room.step.hold(seed.lane, first.id(), "b3RoZXI", other));

        assertThat(outcome).isEqualTo(new HoldOutcome.KeyReused());
        StockAssert.assertConsistent(seed);
    }

    @Test
    void limitsAreGivenBackByReleaseAndExpiryButNotByConfirm() {
        RedisSeed seed = RedisSeed.openSale(room).limit(1).stock("A", 9);

        seed.release(seed.held("ann", "A", 1));
        seed.held("ann", "A", 1);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        seed.confirm(seed.held("ann", "A", 1));
        HoldOutcome afterPurchase = seed.hold("ann", "A", 1);

        assertThat(afterPurchase).isEqualTo(new HoldOutcome.Refused(new Refusal.PurchaseLimit(1, 1, null)));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aUnitInAHoldThatIsDueGoesToTheNextBuyer() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1);
        Reservation first = seed.held("ann", "A", 1);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        Reservation second = seed.held("bob", "A", 1);

        assertThat(second.state()).isEqualTo(ReservationState.HELD);
        LedgerEntry.Transition expiry =
                (LedgerEntry.Transition) seed.ledger().get(seed.ledger().size() - 2);
        assertThat(expiry.kind()).isEqualTo(LedgerEntry.Kind.EXPIRED);
        assertThat(expiry.id()).isEqualTo(first.id());
        assertThat(expiry.endedAtMs()).isEqualTo(first.expiresAtMs());
        StockAssert.assertConsistent(seed);
    }

    @Test
    void moreDueHoldsThanOneCallTakesBackAreTakenBackByMore() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 250);
        for (int i = 0; i < 250; i++) {
            seed.held("buyer-" + i, "A", 1);
        }
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        seed.held("bob", "A", 250);

        assertThat(seed.units("A")).containsExactly(0L, 250L, 0L);
        assertThat(room.meters.counter("holdfast.idle.unit.seconds").count()).isPositive();
        StockAssert.assertConsistent(seed);
    }

    @Test
    void twentyLinesAreOneCart() {
        RedisSeed seed = RedisSeed.openSale(room);
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < Cart.MAX_LINES; i++) {
            seed.stock("SKU-" + i, 10_000);
            lines.add(new Line(new Sku("SKU-" + i), Line.MAX_QUANTITY));
        }

        HoldOutcome outcome = seed.hold(seed.newId(), "ann", Cart.of(lines), null);

        assertThat(outcome).isInstanceOf(HoldOutcome.Held.class);
        assertThat(((HoldOutcome.Held) outcome).reservation().cart()).isEqualTo(Cart.of(lines));
        StockAssert.assertConsistent(seed);
    }
}
