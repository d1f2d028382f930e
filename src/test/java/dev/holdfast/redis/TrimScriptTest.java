package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.Reservation;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrimScriptTest {

    private static RedisRoom room;

    private RedisSeed seed;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @BeforeEach
    void aSale() {
        seed = RedisSeed.openSale(room).stock("A", 1_000);
    }

    @Test
    void entriesAreKeptBehindTheCursorAsFarAsItIsTold() {
        LongStream.range(0, 400).forEach(i -> seed.held("ann", "A", 1));

        boolean told = trim(402, 250, 1);
        LedgerEntry first = seed.ledger().getFirst();

        assertThat(told).isTrue();
        assertThat(first.seq()).isBetween(150L, 250L);
        assertThat(position()).isEqualTo(new LedgerPosition(402, 402, 1));
    }

    @Test
    void theEntryAtTheCursorStaysWhateverIsAskedFor() {
        LongStream.range(0, 400).forEach(i -> seed.held("ann", "A", 1));

        trim(300, 402, 1);

        assertThat(seed.ledger()).anyMatch(entry -> entry.seq() == 300);
    }

    @Test
    void withinOneLifeOfTheDatabaseALowerCursorComesLate() {
        seed.held("ann", "A", 1);

        trim(3, 3, 1);
        boolean late = trim(2, 2, 1);

        assertThat(late).isTrue();
        assertThat(position().recordedSeq()).isEqualTo(3);
    }

    @Test
    void anOlderDatabaseHasLessAndReadsSaySo() {
        Reservation reservation = seed.held("ann", "A", 1);
        trim(3, 3, 1);
        boolean before = isRecorded(reservation);

        boolean told = trim(2, 2, 2);
        boolean after = isRecorded(reservation);
        // Of whoever still works with the one that is gone.
        boolean zombie = trim(3, 3, 1);
        boolean afterTheZombie = isRecorded(reservation);
        trim(3, 3, 2);

        assertThat(before).isTrue();
        assertThat(told).isTrue();
        assertThat(after).isFalse();
        assertThat(zombie).isFalse();
        assertThat(afterTheZombie).isFalse();
        assertThat(isRecorded(reservation)).isTrue();
        assertThat(position()).isEqualTo(new LedgerPosition(3, 3, 2));
    }

    @ParameterizedTest
    @CsvSource({"recorded_seq, -1, 0, 1", "keep_from, 0, 1e3, 1", "life, 0, 0, 0", "life, 0, 0, nan"})
    void whatIsNoNumberIsABadArgument(String name, String recordedSeq, String keepFrom, String life) {
        Throwable failure = room.failureOf(() -> room.calls.call(Script.TRIM, seed.lane, recordedSeq, keepFrom, life));

        assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(name);
    }

    @CanIgnoreReturnValue
    private boolean trim(long recordedSeq, long keepFrom, long life) {
        return room.await(() -> room.stream.trim(seed.lane, new Recorded(recordedSeq, keepFrom, life)));
    }

    private LedgerPosition position() {
        return room.await(() -> room.stream.position(seed.lane));
    }

    private boolean isRecorded(Reservation reservation) {
        return ((ChangeOutcome.Done) seed.find(reservation)).reservation().recorded();
    }
}
