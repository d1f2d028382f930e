package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
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
        room.look().hset(seed.keys().sale(), "seq", "3");

        List<LedgerEntry> entries = room.await(() -> room.stream.read(seed.lane, 1, 10));

        assertThat(entries).hasOnlyElementsOfType(LedgerEntry.Unreadable.class);
        assertThat(entries).extracting(LedgerEntry::seq).containsExactly(2L, 3L);
        assertThat(entries).extracting(LedgerEntry::text).containsExactly("bought everything", "{other=field}");
    }

    @Test
    void entriesOfAnotherEpochMeanThatTheLaneIsStale() {
        RedisSeed seed = RedisSeed.openSale(room);
        Lane older = new Lane(seed.sale.id(), 0, 6);

        assertThat(room.<List<LedgerEntry>>await(() -> room.stream.read(older, 0, 10)))
                .isEmpty();
        assertThat(room.failureOf(() -> room.stream.lastSeq(older))).isInstanceOf(StaleLane.class);
        assertThat(room.failureOf(() -> room.stream.trim(older, recorded(1)))).isInstanceOf(StaleLane.class);
        assertThat(room.failureOf(() -> new LaneScan(room.calls).counts(older, List.of(new Sku("A")))))
                .isInstanceOf(StaleLane.class);
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
    void whatSomebodyElseWroteBehindTheLanesLastEntryIsNotRead() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        long last = room.await(() -> room.stream.lastSeq(seed.lane));
        room.look().xadd(seed.keys().ledger(), new XAddArgs().id("7-" + (last + 1)), Map.of("e", "stock 1 B 5 1"));
        room.look().xadd(seed.keys().ledger(), Map.of("e", "stock 1 C 5 1"));

        List<LedgerEntry> entries = room.await(() -> room.stream.read(seed.lane, 0, 10));

        assertThat(entries).extracting(LedgerEntry::seq).last().isEqualTo(last);
        assertThat(room.failureOf(() -> room.stream.lastSeq(seed.lane)))
                .isInstanceOf(StaleLane.class)
                .hasMessageContaining("ends with the entry");
    }
}
