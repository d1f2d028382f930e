package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReservationHistoryTest {

    private static final String KEY = "k".repeat(22);
    private static final long HELD_AT_MS = 1_763_640_000_000L;
    private static final ReservationId ID = ReservationId.of(KEY, HELD_AT_MS);

    /** Transactions of the recorder with nothing but other people's entries. */
    private static final String NOISE = """
            insert into ledger_batches (sale_id, lane, epoch, first_seq, entries)
            select $1, 0, $2, $3 + 10 * n, array_fill('held ' || repeat('o', 22) || ' 1 0 1763640000000 60000 print c A 1', array[10])
            from generate_series(0, $4::bigint - 1) n
            """;

    private static final String BATCH = """
            insert into ledger_batches (sale_id, lane, epoch, first_seq, entries) values ($1, 0, $2, $3, $4)
            """;

    private static final String RESERVATION = """
            insert into reservations (sale_id, lane, epoch, reservation_id, customer_id, state, lines, units, held_at, expires_at,
                                      ended_at, revision, fingerprint, seq)
            values ($1, 0, $2, $3, 'c', 'confirmed', '{"A":1}', 1, timestamptz 'epoch' + $4 * interval '1 millisecond', now(), now(),
                    $5, 'print', $6)
            """;

    private static TestBooks db;

    private Lane lane;
    private ReservationHistory history;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aLane() {
        lane = db.openLane();
        history = new ReservationHistory(db.postgres, ReservationHistoryTest::read, ReservationHistory.USUAL_PATIENCE);
    }

    @Test
    void transitionsAreFoundWhateverLiesBetweenThem() {
        batch(1, "stock 1 A 100 1", entry("held", 1), null);
        noise(11, ReservationHistory.BATCHES_A_STEP + 5);
        batch(10_001, entry("extended", 2), "sale 1 2");
        noise(10_011, 3 * ReservationHistory.BATCHES_A_STEP);
        batch(20_001, "sale 1 3", entry("confirmed", 3));
        noise(20_011, 10);

        Found<RecordedTransition, LedgerPlace> found = find(20_002, 3, null, 20);

        assertThat(found.items())
                .extracting(item -> item.transition().kind())
                .containsExactly(Kind.CONFIRMED, Kind.EXTENDED, Kind.HELD);
        assertThat(found.items())
                .extracting(RecordedTransition::place)
                .containsExactly(place(20_002), place(10_001), place(2));
        assertThat(found.next()).isNull();
    }

    @Test
    void aPageEndsWhereItsLimitIsAndTheNextGoesOnThere() {
        batch(1, entry("held", 1), entry("extended", 2), entry("extended", 3), entry("confirmed", 4));

        Found<RecordedTransition, LedgerPlace> first = find(4, 4, null, 2);
        Found<RecordedTransition, LedgerPlace> second = find(4, 4, first.next(), 2);

        assertThat(first.items())
                .extracting(item -> item.transition().revision())
                .containsExactly(4L, 3L);
        assertThat(first.next()).isEqualTo(place(3));
        assertThat(second.items())
                .extracting(item -> item.transition().revision())
                .containsExactly(2L, 1L);
        assertThat(second.next()).isNull();
    }

    @Test
    void aCallThatTookLongEnoughSaysWhereToGoOn() {
        history = new ReservationHistory(db.postgres, ReservationHistoryTest::read, Duration.ZERO);
        batch(1, entry("held", 1));
        noise(11, ReservationHistory.BATCHES_A_STEP);
        batch(30_001, entry("confirmed", 2));

        Found<RecordedTransition, LedgerPlace> first = find(30_001, 2, null, 20);
        Found<RecordedTransition, LedgerPlace> second = find(30_001, 2, first.next(), 20);

        assertThat(first.items()).extracting(item -> item.transition().kind()).containsExactly(Kind.CONFIRMED);
        assertThat(first.next()).isNotNull();
        assertThat(second.items()).extracting(item -> item.transition().kind()).containsExactly(Kind.HELD);
        assertThat(second.next()).isNull();
    }

    @Test
    void aReservationThatOutlivedAnEpochHasBothOfItsPlaces() {
        db.sql(BATCH, lane.saleId().value(), lane.epoch() - 1, 7L, new String[] {entry("held", 1)});
        batch(1, entry("confirmed", 2));

        Found<RecordedTransition, LedgerPlace> found = find(1, 2, null, 20);

        assertThat(found.items())
                .extracting(RecordedTransition::place)
                .containsExactly(place(1), new LedgerPlace(lane.epoch() - 1, 7));
    }

    @Test
    void whatItsKeyStoodForBeforeIsNotItsHistory() {
        batch(
                1,
                entry("held", 1).replace("" + HELD_AT_MS, "" + (HELD_AT_MS - 100_000_000)),
                entry("held", 1),
                entry("released", 2));

        Found<RecordedTransition, LedgerPlace> found = find(3, 2, null, 20);

        assertThat(found.items()).extracting(item -> item.place().seq()).containsExactly(3L, 2L);
    }

    @Test
    void whereTheBeginningIsADeadLetterTheRestIsTold() {
        batch(1, "stock 1 A 100 1", null, entry("confirmed", 2));

        Found<RecordedTransition, LedgerPlace> found = find(3, 2, null, 20);

        assertThat(found.items()).extracting(item -> item.place().seq()).containsExactly(3L);
        assertThat(found.next()).isNull();
    }

    private Found<RecordedTransition, LedgerPlace> find(long lastSeq, long revision, LedgerPlace after, int limit) {
        db.sql("delete from reservations where sale_id = $1", lane.saleId().value());
        db.sql(RESERVATION, lane.saleId().value(), lane.epoch(), ID.value(), HELD_AT_MS, revision, lastSeq);
        RecordedReservation recorded = await(new ReservationSearch(db.postgres).find(lane.saleId(), ID))
                .orElseThrow();
        return await(history.find(recorded, after, limit));
    }

    private LedgerPlace place(long seq) {
        return new LedgerPlace(lane.epoch(), seq);
    }

    private void batch(long firstSeq, String... entries) {
        db.sql(BATCH, lane.saleId().value(), lane.epoch(), firstSeq, entries);
    }

    private void noise(long firstSeq, long batches) {
        db.sql(NOISE, lane.saleId().value(), lane.epoch(), firstSeq, batches);
    }

    private static String entry(String op, long revision) {
        return op + " " + KEY + " " + revision + " 0 " + HELD_AT_MS + " 60000 print c A 1";
    }

    /** As much of the ledger's text as is told here. */
    private static LedgerEntry read(long seq, String text) {
        String[] words = text.split(" ", -1);
        long heldAtMs = Long.parseLong(words[4]);
        return new Transition(
                seq,
                text,
                Kind.valueOf(words[0].toUpperCase(Locale.ROOT)),
                ReservationId.of(words[1], heldAtMs),
                heldAtMs,
                Long.parseLong(words[2]),
                heldAtMs,
                heldAtMs,
                "print",
                new CustomerId("c"),
                History.cart("A", 1),
                null);
    }
}
