package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import io.lettuce.core.XAddArgs;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The stream, with the scripts position, trim and audit. */
class RedisLedgerStreamTest {

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
    void entriesAreReadInPiecesWithoutAGap() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 1);
        seed.held("ann", "A", 1);

        List<LedgerEntry> first = room.await(() -> room.stream.read(seed.lane, 0, 3));
        List<LedgerEntry> second = room.await(() -> room.stream.read(seed.lane, 3, 3));
        List<LedgerEntry> none = room.await(() -> room.stream.read(seed.lane, 4, 3));

        assertThat(first).extracting(LedgerEntry::seq).containsExactly(1L, 2L, 3L);
        assertThat(second).extracting(LedgerEntry::seq).containsExactly(4L);
        assertThat(none).isEmpty();
        assertThat(room.<Long>await(() -> room.stream.lastSeq(seed.lane))).isEqualTo(4);
    }

    @Test
    void theMarkOfTheEpochHasSeqZero() {
        RedisSeed seed = RedisSeed.openSale(room);

        List<LedgerEntry> all = room.await(() -> room.stream.read(seed.lane, -1, 10));

        assertThat(all.getFirst()).isEqualTo(new LedgerEntry.EpochBegun(0, "epoch"));
    }

    @Test
    void whatNobodyCanReadIsHandedOnAsSuch() {
        RedisSeed seed = RedisSeed.openSale(room);
        room.look().xadd(seed.keys().ledger(), new XAddArgs().id("7-2"), Map.of("e", "bought everything"));
        room.look().xadd(seed.keys().ledger(), new XAddArgs().id("7-3"), Map.of("other", "field"));

        List<LedgerEntry> entries = room.await(() -> room.stream.read(seed.lane, 1, 10));

        assertThat(entries).hasOnlyElementsOfType(LedgerEntry.Unreadable.class);
        assertThat(entries).extracting(LedgerEntry::seq).containsExactly(2L, 3L);
        assertThat(entries).extracting(LedgerEntry::text).containsExactly("bought everything", "{other=field}");
    }

    @Test
    void entriesOfAnotherEpochMeanThatTheLaneIsStale() {
        RedisSeed seed = RedisSeed.openSale(room);
        Lane older = new Lane(seed.sale.id(), 0, 6);

        assertThat(room.failureOf(() -> room.stream.read(older, 0, 10))).isInstanceOf(StaleLane.class);
        assertThat(room.failureOf(() -> room.stream.lastSeq(older))).isInstanceOf(StaleLane.class);
        assertThat(room.failureOf(() -> room.stream.trim(older, recorded(1)))).isInstanceOf(StaleLane.class);
        assertThat(room.failureOf(() -> room.stream.audit(older, "a"))).isInstanceOf(StaleLane.class);
    }

    @Test
    void aLostStreamIsNotAnEmptyOne() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        room.look().del(seed.keys().ledger());

        Throwable failure = room.failureOf(() -> room.stream.lastSeq(seed.lane));

        assertThat(failure).isInstanceOf(StaleLane.class);
    }

    @Test
    void trimDropsOnlyWhatIsRecordedAndKeepsTheEnd() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1000);
        LongStream.range(0, 400).forEach(i -> seed.held("ann", "A", 1));

        room.await(() -> room.stream.trim(seed.lane, recorded(350)));
        List<LedgerEntry> rest = room.await(() -> room.stream.read(seed.lane, 350, 1000));
        long length = room.look().xlen(seed.keys().ledger());
        room.await(() -> room.stream.trim(seed.lane, recorded(402)));
        room.await(() -> room.stream.trim(seed.lane, recorded(100)));

        assertThat(rest).extracting(LedgerEntry::seq).first().isEqualTo(351L);
        assertThat(rest).hasSize(52);
        assertThat(length).isBetween(52L, 200L);
        assertThat(room.<Long>await(() -> room.stream.lastSeq(seed.lane))).isEqualTo(402);
        assertThat(room.look().hget(seed.keys().sale(), "recorded_seq")).isEqualTo("402");
    }

    @Test
    void anAuditTellsTheCountsAtItsPlace() {
        RedisSeed seed = RedisSeed.openSale(room).stock("B", 5).stock("A", 9);
        seed.held("ann", "A", 2);
        seed.confirm(seed.held("ann", "B", 1));

        long seq = room.await(() -> room.stream.audit(seed.lane, "audit-1"));

        LedgerEntry.Audited entry = (LedgerEntry.Audited) seed.ledger().getLast();
        assertThat(entry.seq()).isEqualTo(seq);
        assertThat(entry.auditId()).isEqualTo("audit-1");
        assertThat(entry.counts())
                .containsExactly(
                        new StockCount(new Sku("A"), 9, 7, 2, 0, 1), new StockCount(new Sku("B"), 5, 4, 0, 1, 1));
    }

    @Test
    void anAuditOfALaneWithoutStockCountsNothing() {
        RedisSeed seed = RedisSeed.openSale(room);

        room.await(() -> room.stream.audit(seed.lane, "audit-1"));

        assertThat(((LedgerEntry.Audited) seed.ledger().getLast()).counts()).isEmpty();
    }
}
