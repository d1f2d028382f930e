package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.Sku;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Every script at least once, as a sale goes. */
final class OneLife {

    private OneLife() {}

    /** On a Redis of its own; runs {@code before} ahead of every call. Fails where a promise is broken or a script was left out. */
    static void live(RedisRoom room, Runnable before) {
        Set<Script> called = EnumSet.noneOf(Script.class);

        goThrough(room, () -> {
            called.addAll(loaded(room));
            before.run();
        });

        called.addAll(loaded(room));
        assertThat(called).containsExactlyInAnyOrder(Script.values());
    }

    private static List<Script> loaded(RedisRoom room) {
        return Arrays.stream(Script.values())
                .filter(script -> room.look()
                        .scriptExists(Scripts.bundled().digest(script))
                        .getFirst())
                .toList();
    }

    private static void goThrough(RedisRoom room, Runnable before) {
        before.run();
        RedisSeed seed = RedisSeed.openSale(room);
        before.run();
        seed.stock("A", 5);
        before.run();
        Reservation sold = seed.held("ann", "A", 2);
        before.run();
        assertThat(seed.extend(sold, 120)).isInstanceOf(ChangeOutcome.Done.class);
        before.run();
        assertThat(seed.replace(sold, "A", 1)).isInstanceOf(ChangeOutcome.Done.class);
        before.run();
        // Asked by the service only where Redis is full.
        assertThat(seed.call(Script.SHRINK, sold.id().key(), Long.toString(sold.heldAtMs()), "A 1", "0")
                        .word())
                .isEqualTo("REPLACED");
        before.run();
        assertThat(seed.confirm(sold)).isInstanceOf(ChangeOutcome.Done.class);
        before.run();
        Receipts receipts = new Receipts(List.of("a secret of at least 32 characters"));
        assertThat(room.await(() -> room.step.reclaim(
                        seed.lane, receipts.read(receipts.of(sold)).orElseThrow())))
                .isInstanceOf(ChangeOutcome.Done.class);
        Reservation given = seed.held("bob", "A", 1);
        before.run();
        assertThat(seed.release(given)).isInstanceOf(ChangeOutcome.Done.class);
        Reservation late = seed.held("cid", "A", 1);
        before.run();
        assertThat(seed.find(late)).isInstanceOf(ChangeOutcome.Done.class);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        before.run();
        assertThat(seed.call(Script.EXPIRE, "100").number(2)).isEqualTo(1);
        before.run();
        assertThat(seed.count("A").sold()).isEqualTo(1);
        before.run();
        assertThat(room.await(() -> room.step.standing(seed.lane)).state()).isEqualTo(SaleStanding.State.OPEN);
        StockAssert.assertConsistent(seed);
        before.run();
        LaneScan scan = new LaneScan(room.calls);
        long audited =
                room.await(() -> scan.counts(seed.lane, List.of(new Sku("A")))).seq();
        before.run();
        assertThat(room.<Long>await(() -> room.stream.lastSeq(seed.lane))).isEqualTo(audited);
        before.run();
        assertThat(room.await(() -> scan.walk(seed.lane, LaneScan.Part.HOLDS, LaneScan.START))
                        .entries())
                .isNotEmpty();
        before.run();
        assertThat(room.await(() -> scan.show(seed.lane, LaneScan.Part.SALE, List.of("state")))
                        .entries())
                .extracting(LaneScan.Entry::value)
                .containsExactly("open");
        before.run();
        assertThat(room.await(() -> scan.repair(
                        seed.lane, LaneScan.Part.SALE, List.of(new LaneScan.Repair("state", "open", "open", null)))))
                .isTrue();
        before.run();
        List<LedgerEntry> ledger = seed.ledger();
        assertThat(ledger).extracting(LedgerEntry::seq).last().isEqualTo(audited);
        assertThat(ledger).hasSize((int) audited).noneMatch(LedgerEntry.Unreadable.class::isInstance);
        before.run();
        room.await(() -> room.stream.trim(seed.lane, recorded(audited)));
        before.run();
        assertThat(room.await(() -> room.step.expiries(seed.lane, new Sku("A"), 10))
                        .soonest())
                .isEmpty();
        before.run();
        assertThat(room.await(
                        () -> room.setup.adjust(seed.lane, new Adjustment(1, "more", new Sku("A"), 2, 5, 6, false))))
                .isEqualTo(new AdjustmentDecision.Applied(0));
        before.run();
        assertThat(seed.call(Script.RETIRE, "0", "0").word()).isEqualTo("IN_USE");
        beginAnew(room, seed, before);
    }

    /** As a rebuild does it. */
    private static void beginAnew(RedisRoom room, RedisSeed seed, Runnable before) {
        Lane next = new Lane(seed.sale.id(), 0, seed.lane.epoch() + 1);
        LaneRestore restore = new LaneRestore(room.calls, next);
        before.run();
        assertThat(seed.call(Script.STOP).word()).isEqualTo("STOPPED");
        before.run();
        room.await(restore::seal);
        before.run();
        room.await(() -> restore.clear(seed.sale, Duration.ofHours(24)));
        before.run();
        room.await(() -> restore.stock(List.of(RestoredLane.sku("A", 6, 4, 2, 0))));
        before.run();
        room.await(() -> restore.reservations(List.of(RestoredLane.held("one", "ann", RedisSeed.cart("A", 2)))));
        before.run();
        room.await(() -> restore.allowances(List.of(RestoredLane.allowance("ann", "A", 2))));
        room.await(restore::settled);
        before.run();
        room.await(() -> restore.open());
        before.run();
        room.await(() -> restore.ended(List.of(RestoredLane.reservation(
                "old", "bob", RedisSeed.cart("A", 1), ReservationState.RELEASED, RestoredLane.HELD_AT_MS + 7))));
        before.run();
        assertThat(room.await(() -> room.step.count(next, new Sku("A")))).isPresent();
    }
}
