package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reservations stand in a table for each day on which they were held. */
class ReservationDaysTest {

    private static final String NODE = "node";

    private TestBooks db;
    private HousekeepingBook book;
    private Lane lane;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
        book = new HousekeepingBook(db.postgres);
        lane = db.openLane();
        assertThat(await(book.begin(NODE, Duration.ZERO))).isTrue();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void eachStandsInTheTableOfItsDayAndChangesThere() {
        Instant now = Instant.now();
        History history = History.fromTheStart().stock("A", 9).later(now.toEpochMilli() - History.HELD_AT_MS);

        commit(history.held("today", cart("A", 1)).confirmed("today", cart("A", 1)));

        assertThat(db.text("select tableoid::regclass::text from reservations")).isEqualTo(tableOf(now));
        assertThat(db.text("select state from reservations")).isEqualTo("confirmed");
        assertThat(db.number("select count(*) from only reservations")).isZero();
    }

    @Test
    void oneThatWasHeldOnADayWithoutATableIsKeptToo() {
        History history = History.fromTheStart().stock("A", 9);

        commit(history.held("long-ago", cart("A", 1)).confirmed("long-ago", cart("A", 1)));

        assertThat(db.text("select tableoid::regclass::text from reservations")).isEqualTo("reservations_default");
        assertThat(db.text("select state from reservations")).isEqualTo("confirmed");
    }

    @Test
    void daysAreMadeAheadOnce() {
        Instant inAMonth = Instant.now().plus(Duration.ofDays(30));

        int made = await(book.makeReservationDays(NODE, inAMonth));
        int again = await(book.makeReservationDays(NODE, inAMonth));
        int dayAfter = await(book.makeReservationDays(NODE, inAMonth.plus(Duration.ofDays(1))));

        assertThat(made).isEqualTo(1 + HousekeepingBook.DAYS_AHEAD);
        assertThat(again).isZero();
        assertThat(dayAfter).isEqualTo(1);
    }

    @Test
    void oldOnesLeaveByTheirOwnPlaceAndTheirDayWhenNothingIsLeftOfIt() {
        dayOf(40, 3, "confirmed");
        dayOf(35, 2, "released");
        dayOf(33, 1, "held");
        dayOf(20, 4, "confirmed");

        List<Integer> dropped = List.of(drop(), drop());
        int first = await(book.remove(NODE, OldRows.RESERVATIONS, monthAgo(), 2));
        int then = await(book.remove(NODE, OldRows.RESERVATIONS, monthAgo(), 100));
        List<Integer> after = List.of(drop(), drop(), drop());

        assertThat(dropped).containsExactly(0, 0);
        assertThat(first).isEqualTo(2);
        assertThat(then).isEqualTo(3);
        assertThat(after).containsExactly(1, 1, 0);
        assertThat(db.number("select count(*) from reservations where state = 'held'"))
                .isEqualTo(1);
        assertThat(db.number("select count(*) from reservations where state = 'confirmed'"))
                .isEqualTo(4);
        assertThat(db.number("select sum(units) from past_reservations where state = 'confirmed'"))
                .isEqualTo(3);
    }

    @Test
    void daysThatAreYetToComeStay() {
        int dropped =
                await(book.remove(NODE, OldRows.RESERVATION_DAYS, Instant.now().plus(Duration.ofDays(100)), 100));

        assertThat(dropped).isZero();
    }

    /** A day of some time ago, with so many reservations of this state, each of one unit. */
    private void dayOf(int daysAgo, int reservations, String state) {
        db.sql("""
                create table reservations_ago_%1$d partition of reservations
                for values from ((current_date - %1$d)::timestamptz) to ((current_date - %1$d + 1)::timestamptz)
                """.formatted(daysAgo));
        db.sql("""
                insert into reservations (sale_id, lane, epoch, reservation_id, customer_id, state, lines, units, held_at, expires_at,
                                          revision, fingerprint, seq, recorded_at)
                select $1, 0, $2::bigint, 'r' || n, 'c', $3, '{"A":1}', 1, (current_date - $4::integer)::timestamptz + n * interval '1 second',
                       (current_date - $4::integer)::timestamptz, 1, 'print', 1, (current_date - $4::integer)::timestamptz
                from generate_series(1, $5::integer) n
                """, lane.saleId().value(), lane.epoch(), state, daysAgo, reservations);
    }

    private void commit(History history) {
        assertThat(await(db.books.ledger().commit(lane, 0, history.entries(), NODE)))
                .isInstanceOf(CommitOutcome.Recorded.class);
    }

    private int drop() {
        return await(book.remove(NODE, OldRows.RESERVATION_DAYS, monthAgo(), 100));
    }

    private static String tableOf(Instant time) {
        return "reservations_"
                + LocalDate.ofInstant(time, ZoneOffset.UTC).toString().replace("-", "");
    }

    private static Instant monthAgo() {
        return Instant.now().minus(Duration.ofDays(30));
    }
}
