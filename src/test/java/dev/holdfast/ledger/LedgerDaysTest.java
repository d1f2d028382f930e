package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerDaysTest {

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
    void oldDaysAreDroppedOneByOneAndTheRestOfTheLedgerStays() {
        commit(0, History.fromTheStart().stock("A", 5).held("one", cart("A", 1)));
        dayOf(40, "shoes", 3);
        dayOf(32, "shoes", 4);
        dayOf(29, "shoes", 5);

        List<Integer> steps = List.of(drop(monthAgo()), drop(monthAgo()), drop(monthAgo()));

        assertThat(steps).containsExactly(1, 1, 0);
        assertThat(db.number("select count(*) from ledger where sale_id = 'shoes'"))
                .isEqualTo(5);
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(2);
        assertThat(db.stock(lane, "A")).isEqualTo("4/1/0 of 5");
        commit(2, History.after(2).held("two", cart("A", 1)));
    }

    @Test
    void theLastDayIsNeverDroppedWhateverIsAskedFor() {
        commit(0, History.fromTheStart().stock("A", 5));

        int dropped = drop(Instant.now().plus(Duration.ofDays(100)));

        assertThat(dropped).isZero();
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(1);
    }

    @Test
    void whileSomebodyReadsTheLedgerADayIsLeftAndTheRecorderGoesOn() {
        dayOf(40, "shoes", 3);

        Throwable gaveUp = db.whileReading(
                "ledger",
                () -> book.remove(NODE, OldRows.LEDGER_DAYS, monthAgo(), 1)
                        .<Throwable>transform(done -> Future.succeededFuture(done.cause()))
                        .compose(failure -> db.books
                                .ledger()
                                .commit(
                                        lane,
                                        0,
                                        History.fromTheStart().stock("A", 5).entries(),
                                        NODE)
                                .map(committed -> failure)));
        int later = drop(monthAgo());

        assertThat(gaveUp)
                .isInstanceOfSatisfying(
                        PgException.class,
                        lockTimeout -> assertThat(lockTimeout.getSqlState()).isEqualTo("55P03"));
        assertThat(later).isEqualTo(1);
        assertThat(db.stock(lane, "A")).isEqualTo("5/0/0 of 5");
    }

    @Test
    void daysAreMadeAheadOnce() {
        Instant inAMonth = Instant.now().plus(Duration.ofDays(30));

        int made = await(book.makeLedgerDays(NODE, inAMonth));
        int again = await(book.makeLedgerDays(NODE, inAMonth));
        int dayAfter = await(book.makeLedgerDays(NODE, inAMonth.plus(Duration.ofDays(1))));

        assertThat(made).isEqualTo(1 + HousekeepingBook.DAYS_AHEAD);
        assertThat(again).isZero();
        assertThat(dayAfter).isEqualTo(1);
    }

    @Test
    void daysAreMadeWhileTheRecorderWorks() {
        Future<Integer> made = db.postgres.inTransaction(
                "record",
                recorder -> recorder.query(
                                "insert into ledger_batches (sale_id, lane, epoch, first_seq, entries) values ('s', 0, 1, 1, '{x}')")
                        .execute()
                        .compose(inserted ->
                                book.makeLedgerDays(NODE, Instant.now().plus(Duration.ofDays(30)))));

        assertThat(await(made)).isEqualTo(1 + HousekeepingBook.DAYS_AHEAD);
    }

    @Test
    void whatComesOnADayWithoutATableIsKeptAndLeavesByItsAge() {
        db.sql("drop table " + db.text("select partition::text from ledger_days order by ends_at limit 1"));
        commit(0, History.fromTheStart().stock("A", 5).held("one", cart("A", 1)));

        int made = await(book.makeLedgerDays(NODE, Instant.now()));
        int young = await(book.remove(NODE, OldRows.LATE_LEDGER, monthAgo(), 10));
        db.sql("update ledger_batches set recorded_at = now() - interval '31 days'");
        int old = await(book.remove(NODE, OldRows.LATE_LEDGER, monthAgo(), 10));

        assertThat(made).isZero();
        assertThat(young).isZero();
        assertThat(old).isEqualTo(1);
        assertThat(db.rowsOf("ledger", lane)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aDayThatIsAttachedUnderTheRecorderCostsNoEntry(int holds) {
        db.sql("drop table " + db.text("select partition::text from ledger_days order by ends_at limit 1"));
        History history = History.fromTheStart();
        history.stock("A", 5);
        Future<CommitOutcome> first = whileTodayIsAttached(history.entries().getFirst());
        for (int i = 0; i < holds; i++) {
            history.held("hold-" + i, cart("A", 1));
        }

        Throwable refused = failureOf(first);
        commit(0, history);

        assertThat(refused).isInstanceOfSatisfying(PgException.class, violation -> {
            assertThat(violation.getSqlState()).isEqualTo("23514");
            assertThat(violation.getConstraint()).isNull();
        });
        assertThat(db.rowsOf("dead_letters", lane)).isZero();
        assertThat(db.laneState(lane)).isEqualTo("open");
        assertThat(db.rowsOf("ledger", lane)).isEqualTo(1 + holds);
        assertThat(db.stock(lane, "A")).isEqualTo((5 - holds) + "/" + holds + "/0 of 5");
    }

    /** The recorder finds no table for today, and waits for the lock of the one that takes its place until that is there. */
    private Future<CommitOutcome> whileTodayIsAttached(LedgerEntry entry) {
        AtomicReference<Future<CommitOutcome>> recording = new AtomicReference<>();
        await(db.postgres.inTransaction(
                "attach a day",
                connection -> connection
                        .query("select make_ledger_days((now() at time zone 'UTC')::date, 1) as made")
                        .execute()
                        .compose(made -> {
                            assertThat(made.iterator().next().getInteger("made"))
                                    .isEqualTo(1);
                            recording.set(db.books.ledger().commit(lane, 0, List.of(entry), NODE));
                            return untilSomebodyWaitsForALock();
                        })));
        return recording.get();
    }

    private Future<Void> untilSomebodyWaitsForALock() {
        return db.postgres
                .query("look for a lock", """
                        select count(*) as waiting from pg_locks l join pg_database d on d.oid = l.database
                        where not l.granted and d.datname = current_database()
                        """, Tuple.tuple())
                .compose(rows -> rows.iterator().next().getLong("waiting") > 0
                        ? Future.succeededFuture()
                        : db.vertx.timer(10).compose(waited -> untilSomebodyWaitsForALock()));
    }

    @Test
    void aRoleThatOwnsNothingMayDoItAndNoOther() {
        dayOf(40, "shoes", 3);
        String role = "service_" + UUID.randomUUID().toString().replace("-", "");
        db.sql("create role " + role);

        Throwable stranger = failureOf(dropAs(role));
        db.sql("grant execute on function drop_ledger_day(timestamptz) to " + role);
        int dropped = await(dropAs(role));

        assertThat(stranger)
                .isInstanceOfSatisfying(
                        PgException.class,
                        refused -> assertThat(refused.getSqlState()).isEqualTo("42501"));
        assertThat(dropped).isEqualTo(1);
        db.sql("drop owned by " + role);
        db.sql("drop role " + role);
    }

    private Future<Integer> dropAs(String role) {
        return db.postgres.inTransaction(
                "drop as " + role,
                (SqlConnection connection) -> connection
                        .query("set local role " + role)
                        .execute()
                        .compose(is -> connection
                                .query("select drop_ledger_day(now() - interval '30 days') as removed")
                                .execute())
                        .map(rows -> rows.iterator().next().getInteger("removed")));
    }

    /** A day of some time ago, with so many entries in one batch. */
    private void dayOf(int daysAgo, String sale, int entries) {
        String name = "ledger_batches_ago_" + daysAgo;
        db.sql("""
                create table %1$s partition of ledger_batches
                for values from ((current_date - %2$d)::timestamptz) to ((current_date - %2$d + 1)::timestamptz)
                """.formatted(name, daysAgo));
        db.sql("""
                insert into ledger_batches (sale_id, lane, epoch, first_seq, entries, recorded_at)
                values ($1, 0, 1, $2, array_fill('entry'::text, array[$3::integer]), (current_date - $4::integer)::timestamptz)
                """, sale, (long) daysAgo * 100, entries, daysAgo);
    }

    private void commit(long after, History history) {
        assertThat(await(db.books.ledger().commit(lane, after, history.entries(), NODE)))
                .isInstanceOf(CommitOutcome.Recorded.class);
    }

    private int drop(Instant before) {
        return await(book.remove(NODE, OldRows.LEDGER_DAYS, before, 100));
    }

    private static Instant monthAgo() {
        return Instant.now().minus(Duration.ofDays(30));
    }
}
