package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading the outbox on from the last event that was seen. */
class EventBookTest {

    private static final String ADD = """
            insert into events (type, sale_id, subject, at, data) values ($1, $2, 'A', now(), '{}')
            """;

    private final SaleId sale = TestBooks.newSaleId();
    private final SaleId other = TestBooks.newSaleId();
    private TestBooks db;

    @BeforeEach
    void open() {
        db = TestBooks.fresh();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void anEventThatIsCommittedLateIsNotSkipped() {
        Promise<Void> slowDown = Promise.promise();
        Future<Void> slow = db.postgres.inTransaction(
                "slow", connection -> add(connection, "slow", sale).compose(added -> slowDown.future()));
        awaitTurns(1, 0);

        Future<Void> quick = db.postgres.inTransaction("quick", connection -> add(connection, "quick", other));
        awaitTurns(1, 1);
        List<String> whileSlow = types(await(db.books.events().after(0, null, 10)));
        slowDown.complete();
        await(Future.all(slow, quick));

        assertThat(whileSlow).isEmpty();
        assertThat(types(await(db.books.events().after(0, null, 10)))).containsExactly("slow", "quick");
    }

    @Test
    void anEventThatIsRolledBackLeavesAGapThatNobodyWaitsFor() {
        Future<Void> broken = db.postgres.inTransaction(
                "broken",
                connection -> add(connection, "broken", sale).compose(added -> Future.failedFuture("undone")));
        assertThat(TestBooks.failureOf(broken)).isNotNull();

        await(db.postgres.inTransaction("next", connection -> add(connection, "next", sale)));

        assertThat(types(await(db.books.events().after(0, null, 10)))).containsExactly("next");
    }

    @Test
    void eventsAreReadPageByPageInBothDirections() {
        for (String type : List.of("1", "2", "3", "4")) {
            await(db.postgres.inTransaction(
                    type, connection -> add(connection, type, type.equals("3") ? other : sale)));
        }
        EventBook book = db.books.events();

        List<CloudEvent> first = await(book.after(0, null, 2));
        List<CloudEvent> second = await(book.after(first.getLast().id(), null, 2));

        assertThat(types(first)).containsExactly("1", "2");
        assertThat(types(second)).containsExactly("3", "4");
        assertThat(types(await(book.after(first.getLast().id(), sale, 2)))).containsExactly("4");
        assertThat(types(await(book.before(Long.MAX_VALUE, null, 3)))).containsExactly("4", "3", "2");
        assertThat(types(await(book.before(second.getLast().id(), sale, 3)))).containsExactly("2", "1");
        assertThat(await(book.newest())).isEqualTo(second.getLast().id());
    }

    private static Future<Void> add(SqlConnection connection, String type, SaleId saleId) {
        return connection
                .preparedQuery(ADD)
                .execute(Tuple.of(type, saleId.value()))
                .mapEmpty();
    }

    private static List<String> types(List<CloudEvent> events) {
        return events.stream().map(CloudEvent::type).toList();
    }

    /** Until as many transactions have the turn, and as many wait for it. */
    private void awaitTurns(long having, long waiting) {
        await().untilAsserted(() ->
                assertThat(db.sql("""
                        select count(*) filter (where granted), count(*) filter (where not granted)
                        from pg_locks
                        where locktype = 'advisory'
                          and database = (select oid from pg_database where datname = current_database())
                        """).iterator().next().deepToString()).isEqualTo("[" + having + "," + waiting + "]"));
    }
}
