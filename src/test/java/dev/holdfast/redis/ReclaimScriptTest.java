package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Receipt;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import io.lettuce.core.RestoreArgs;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Redis that has gone back to an older past, and callers who have receipts of what it has forgotten. */
class ReclaimScriptTest {

    private static final Receipts RECEIPTS = new Receipts(List.of("a secret of at least 32 characters"));

    private RedisRoom before;
    /** A node that was not told of what is lost. */
    private RedisRoom after;

    private RedisSeed seed;

    @BeforeEach
    void openSale() {
        before = RedisRoom.shared();
        after = RedisRoom.shared();
        seed = RedisSeed.openSale(before).stock("A", 5);
    }

    @AfterEach
    void close() {
        before.close();
        after.close();
    }

    @Test
    void aLostHoldIsHeldAgainForWhatIsLeftOfItsTime() {
        Past past = new Past();
        Reservation hold = seed.held("ann", "A", 2);
        past.comesBack();

        Reservation reclaimed = done(reclaim(hold));
        Reservation again = done(reclaim(hold));

        assertThat(reclaimed.state()).isEqualTo(ReservationState.HELD);
        assertThat(reclaimed.expiresAtMs()).isEqualTo(hold.expiresAtMs());
        assertThat(reclaimed.id()).isEqualTo(hold.id());
        assertThat(again.revision()).isEqualTo(reclaimed.revision());
        assertThat(seed.units("A")).containsExactly(3L, 2L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostConfirmIsConfirmedAgain() {
        Reservation hold = seed.held("ann", "A", 2);
        Past past = new Past();
        Reservation confirmed = done(seed.confirm(hold));
        past.comesBack();

        Reservation reclaimed = done(reclaim(confirmed));
        Reservation again = done(reclaim(confirmed));

        assertThat(reclaimed.state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(again.revision()).isEqualTo(reclaimed.revision());
        assertThat(seed.units("A")).containsExactly(3L, 0L, 2L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostConfirmIsConfirmedAgainAlsoWhereItsHoldIsOverSince() {
        Reservation hold = seed.held("ann", "A", 2);
        Past past = new Past();
        Reservation confirmed = done(seed.confirm(hold));
        past.comesBack();
        RedisSeed later = new RedisSeed(after, seed).advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        assertThat(later.call(Script.EXPIRE, "100").number(2)).isEqualTo(1);

        Reservation reclaimed = done(reclaim(confirmed));

        assertThat(reclaimed.state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(seed.units("A")).containsExactly(3L, 0L, 2L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aHoldAndItsConfirmThatAreBothLostAreSoldAgain() {
        Past past = new Past();
        Reservation confirmed = done(seed.confirm(seed.held("ann", "A", 2)));
        past.comesBack();

        Reservation reclaimed = done(reclaim(confirmed));

        assertThat(reclaimed.state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(reclaimed.revision()).isEqualTo(2);
        assertThat(seed.units("A")).containsExactly(3L, 0L, 2L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatSomebodyElseHasByNowIsNotTakenAway() {
        Past past = new Past();
        Reservation confirmed = done(seed.confirm(seed.held("ann", "A", 2)));
        past.comesBack();
        new RedisSeed(after, seed).held("bob", "A", 4);

        ChangeOutcome refused = reclaim(confirmed);

        assertThat(((ChangeOutcome.Refused) refused).refusal()).isInstanceOf(Refusal.OutOfStock.class);
        assertThat(seed.units("A")).containsExactly(1L, 4L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLimitHoldsForWhatIsReclaimed() {
        seed.limit(2);
        Past past = new Past();
        Reservation hold = seed.held("ann", "A", 2);
        past.comesBack();
        new RedisSeed(after, seed).held("ann", "A", 1);

        ChangeOutcome refused = reclaim(hold);

        assertThat(((ChangeOutcome.Refused) refused).refusal()).isInstanceOf(Refusal.PurchaseLimit.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostHoldWhoseTimeIsOverIsExpired() {
        Past past = new Past();
        Reservation hold = seed.held("ann", "A", 2);
        past.comesBack();
        new RedisSeed(after, seed).advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        ChangeOutcome outcome = reclaim(hold);

        assertThat(((ChangeOutcome.Ended) outcome).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostReleaseIsReleasedAgain() {
        Reservation hold = seed.held("ann", "A", 2);
        Past past = new Past();
        Reservation released = done(seed.release(hold));
        past.comesBack();

        Reservation reclaimed = done(reclaim(released));

        assertThat(reclaimed.state()).isEqualTo(ReservationState.RELEASED);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostReleaseIsReleasedAgainAlsoWhereItsHoldWasLost() {
        seed.limit(2);
        Past past = new Past();
        Reservation released = done(seed.release(seed.held("ann", "A", 2)));
        past.comesBack();
        new RedisSeed(after, seed).held("ann", "A", 2);

        Reservation reclaimed = done(reclaim(released));
        Reservation again = done(reclaim(released));

        assertThat(reclaimed.state()).isEqualTo(ReservationState.RELEASED);
        assertThat(reclaimed.revision()).isEqualTo(2);
        assertThat(again.revision()).isEqualTo(2);
        assertThat(seed.units("A")).containsExactly(3L, 2L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostReleaseWhoseUnitsOthersHaveIsStillSaidToBeReleased() {
        Past past = new Past();
        Reservation released = done(seed.release(seed.held("ann", "A", 2)));
        past.comesBack();
        new RedisSeed(after, seed).held("bob", "A", 4);

        Reservation told = ((ChangeOutcome.Ended) reclaim(released)).reservation();

        assertThat(told.state()).isEqualTo(ReservationState.RELEASED);
        assertThat(told.endedAtMs()).isEqualTo(released.endedAtMs());
        assertThat(seed.units("A")).containsExactly(1L, 4L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostReleaseTakesBackWhatIsDueWhereItsUnitsAreInIt() {
        Past past = new Past();
        Reservation released = done(seed.release(seed.held("ann", "A", 2)));
        past.comesBack();
        RedisSeed later = new RedisSeed(after, seed);
        later.held("bob", "A", 4);
        later.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        assertThat(done(reclaim(released)).state()).isEqualTo(ReservationState.RELEASED);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLostExtensionIsGivenAgain() {
        Reservation hold = seed.held("ann", "A", 2);
        Past past = new Past();
        Reservation extended = done(seed.extend(hold, 120));
        past.comesBack();

        Reservation reclaimed = done(reclaim(extended));

        assertThat(reclaimed.expiresAtMs()).isEqualTo(extended.expiresAtMs());
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whereNothingIsLostAReceiptChangesNothing() {
        Reservation hold = seed.held("ann", "A", 1);
        Reservation confirmed = done(seed.confirm(hold));
        Reservation other = seed.held("bob", "A", 1);
        Reservation released = done(seed.release(other));

        assertThat(done(reclaim(hold)).state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(done(reclaim(confirmed)).revision()).isEqualTo(confirmed.revision());
        assertThat(done(reclaim(released)).revision()).isEqualTo(released.revision());
        assertThat(((ChangeOutcome.Ended) reclaim(other)).reservation().state()).isEqualTo(ReservationState.RELEASED);
        assertThat(seed.units("A")).containsExactly(4L, 0L, 1L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anExpiredHoldIsNotReclaimed() {
        Reservation hold = seed.held("ann", "A", 1);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        assertThat(seed.call(Script.EXPIRE, "100").number(2)).isEqualTo(1);

        ChangeOutcome outcome = reclaim(hold);

        assertThat(((ChangeOutcome.Ended) outcome).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
    }

    /** The lane was rebuilt since it lost its history: receipts are of the epoch before. */
    private ChangeOutcome reclaim(Reservation told) {
        Receipt receipt = RECEIPTS.read(RECEIPTS.of(told)).orElseThrow();
        Reservation.Mark mark = receipt.mark();
        Receipt ofTheEpochBefore = new Receipt(
                receipt.saleId(),
                receipt.id(),
                receipt.customerId(),
                receipt.state(),
                receipt.cart(),
                receipt.heldAtMs(),
                receipt.expiresAtMs(),
                receipt.endedAtMs(),
                new Reservation.Mark(mark.revision(), mark.epoch() - 1, mark.seq(), mark.fingerprint()));
        return after.await(() -> after.step.reclaim(seed.lane, ofTheEpochBefore));
    }

    @Test
    void aReceiptOfAnEntryThatTheLaneDoesNotHaveTellsOfALoss() {
        Past past = new Past();
        Receipt receipt = RECEIPTS.read(RECEIPTS.of(seed.held("ann", "A", 2))).orElseThrow();
        past.comesBack();

        assertThatThrownBy(() -> after.await(() -> after.step.reclaim(seed.lane, receipt)))
                .hasMessageContaining("the ledger ends at");
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
    }

    private static Reservation done(ChangeOutcome outcome) {
        assertThat(outcome).isInstanceOf(ChangeOutcome.Done.class);
        return ((ChangeOutcome.Done) outcome).reservation();
    }

    /** All that the lane has now. */
    private final class Past {

        private final Map<String, byte[]> keys = new HashMap<>();

        Past() {
            for (String key : seed.keys().inOrder()) {
                byte[] value = before.look().dump(key);
                if (value != null) {
                    keys.put(key, value);
                }
            }
        }

        /** As from an older file. */
        void comesBack() {
            before.look().del(seed.keys().inOrder());
            keys.forEach((key, value) -> assertThat(before.look().restore(key, value, new RestoreArgs()))
                    .isEqualTo("OK"));
        }
    }
}
