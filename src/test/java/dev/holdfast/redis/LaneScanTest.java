package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.redis.LaneScan.Entry;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.redis.LaneScan.Repair;
import dev.holdfast.redis.LaneScan.Step;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What audits and inspections read of a lane, and what repairs write: audit, scan, look and repair. */
class LaneScanTest {

    private static RedisRoom room;
    private static LaneScan scan;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
        scan = new LaneScan(room.calls);
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void countsAreOfOnePlaceOfTheLedgerAndNothingIsWritten() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 5);
        seed.held("ann", "A", 2);
        seed.confirm(seed.held("ann", "B", 1));
        long last = room.await(() -> room.stream.lastSeq(seed.lane));

        LaneScan.Counted counted =
                room.await(() -> scan.counts(seed.lane, List.of(new Sku("B"), new Sku("NONE"), new Sku("A"))));

        assertThat(counted.seq()).isEqualTo(last);
        assertThat(counted.counts().get(0).count()).isEqualTo(new StockCount(new Sku("B"), 5, 4, 0, 1, 1));
        assertThat(counted.counts().get(1).isAbsent()).isTrue();
        assertThat(counted.counts().get(2).count()).isEqualTo(new StockCount(new Sku("A"), 9, 7, 2, 0, 1));
        assertThat(room.<Long>await(() -> room.stream.lastSeq(seed.lane))).isEqualTo(last);
    }

    @Test
    void countsThatCannotBeReadAreToldAsTheyAre() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        room.look().hset(seed.keys().stock(), "A|held", "0x10");
        room.look().hdel(seed.keys().stock(), "A|sold");

        LaneScan.Counted counted = room.await(() -> scan.counts(seed.lane, List.of(new Sku("A"))));

        assertThat(counted.counts().getFirst().texts()).containsExactly("9", "9", "0x10", "", "1");
        assertThat(counted.counts().getFirst().count()).isNull();
        assertThat(counted.counts().getFirst().isAbsent()).isFalse();
    }

    @Test
    void aWalkMeetsAllThatIsThereAllTheWhile() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2_000);
        List<Reservation> before = IntStream.range(0, 700)
                .mapToObj(i -> seed.held("c-" + i, "A", 1))
                .toList();
        Set<String> met = new HashSet<>();
        String cursor = LaneScan.START;
        int steps = 0;

        do {
            String from = cursor;
            Step step = room.await(() -> scan.walk(seed.lane, Part.HOLDS, from));
            step.entries().forEach(entry -> {
                met.add(entry.name());
                assertThat(entry.due()).isNotNull();
                assertThat(HoldValue.parse(entry.name(), entry.value())).isPresent();
            });
            assertThat(step.entries()).as("a small step").hasSizeLessThan(300);
            cursor = step.next();
            steps++;
            seed.held("late-" + steps, "A", 1);
        } while (!cursor.equals(LaneScan.START));

        assertThat(steps).isGreaterThan(3);
        assertThat(met).containsAll(before.stream().map(held -> held.id().key()).toList());
    }

    @Test
    void aWalkOverWhatIsDueTellsThoseAloneThatHaveNoHold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 2);
        room.look().zadd(seed.keys().due(), 5e12, "nobody");

        Step step = room.await(() -> scan.walkDue(seed.lane, LaneScan.START));

        assertThat(step.isLast()).isTrue();
        assertThat(step.entries()).containsExactly(new Entry("nobody", null, 5e12));
    }

    @Test
    void whatIsRepairedIsWrittenOnlyWhereAllIsAsItWasSeen() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        List<Repair> stale = List.of(new Repair("A|available", "9", "7", null), new Repair("A|held", "5", "2", null));

        boolean written = room.await(() -> scan.repair(seed.lane, Part.STOCK, stale));

        assertThat(written).isFalse();
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
        assertThat(seed.ledger()).noneMatch(LedgerEntry.Repaired.class::isInstance);
    }

    @Test
    void aRepairIsDoneOnceHoweverOftenItIsAsked() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        String key = held.id().key();
        String packed = room.look().hget(seed.keys().holds(), key);
        room.look().hdel(seed.keys().holds(), key);
        room.look().zrem(seed.keys().due(), key);
        List<Repair> repair = List.of(new Repair(key, null, packed, held.expiresAtMs()));

        boolean first = room.await(() -> scan.repair(seed.lane, Part.HOLDS, repair));
        boolean second = room.await(() -> scan.repair(seed.lane, Part.HOLDS, repair));

        assertThat(first).isTrue();
        assertThat(second).isTrue();
        assertThat(seed.ledger())
                .filteredOn(LedgerEntry.Repaired.class::isInstance)
                .extracting(entry -> entry.text().endsWith(" holds " + key))
                .containsExactly(true);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void rulesThatAreSetUpAnewPutASkuBackAmongThoseOfItsProduct() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1, 0, "P").stock("B", 9, 0, "Q");
        SkuRules rules = new SkuRules(new Sku("B"), 9, "P", Map.of(), null, 3, null, null, 1);
        room.look().hset(seed.keys().stock(), "B|rules", "rubbish");

        boolean stale = room.await(() -> scan.setRules(seed.lane, rules, "1"));
        boolean done = room.await(() -> scan.setRules(seed.lane, rules, "rubbish"));

        assertThat(stale).isFalse();
        assertThat(done).isTrue();
        assertThat(room.look().hgetall(seed.keys().stock()))
                .containsEntry("B|rules", "1")
                .containsEntry("B|limit", "3")
                .containsEntry("B|product", "0 P")
                .containsEntry("|page|0|P", "A B")
                .containsEntry("|product|Q", "0")
                .containsEntry("B|available", "9");
    }

    @Test
    void aRepairTakesAwayWhatIsNobodys() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        room.look().hset(seed.keys().holds(), "rubbish", "rubbish");
        room.look().zadd(seed.keys().due(), 5e12, "orphan");

        room.await(() -> scan.repair(
                seed.lane,
                Part.HOLDS,
                List.of(new Repair("rubbish", "rubbish", null, null), new Repair("orphan", null, null, null))));

        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatIsShownIsInTheOrderOfTheNames() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 2);

        Step shown = room.await(() -> scan.show(seed.lane, Part.BUYERS, List.of("nobody", "ann")));

        assertThat(shown.entries())
                .extracting(Entry::name, Entry::value)
                .containsExactly(tuple("nobody", null), tuple("ann", "2 A"));
    }
}
