package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Searches in a sale that is larger than one of them may look through. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReservationSearchTest {

    private static final int ALL = 25_000;

    /** Numbered by their age: 1 was held last. Every 10,000th is still held. */
    private static final String MANY = """
            insert into reservations (sale_id, lane, epoch, reservation_id, customer_id, state, lines, units, held_at, expires_at,
                                      ended_at, revision, fingerprint, seq)
            select $1, 0, $2, $3 || n, case when n % 5000 = 0 then 'rare' else 'usual' end,
                   case when n % 10000 = 0 then 'held' else 'expired' end,
                   case when n % 5000 = 0 then '{"A":1,"B":2}' else '{"A":1}' end::json, 1,
                   timestamptz 'epoch' + (1763640000000 - n) * interval '1 millisecond', now(),
                   case when n % 10000 = 0 then null else now() end, 2, 'print', n
            from generate_series(1, 25000) n
            """;

    /** What makes an id of a moment: base 36, as Java writes it. */
    private static final String WITH_MOMENT = """
            update reservations set reservation_id = $2 where sale_id = $1 and held_at = timestamptz 'epoch' + $3 * interval '1 millisecond'
            """;

    private TestBooks db;
    private Lane lane;
    private ReservationSearch search;

    @BeforeAll
    void aLargeSale() {
        db = TestBooks.fresh();
        lane = db.openLane();
        db.sql(MANY, lane.saleId().value(), lane.epoch(), "r".repeat(22));
        for (int n : new int[] {1, 2, 3, 5_000, 10_000, 15_000, 20_000, 25_000}) {
            long heldAtMs = 1_763_640_000_000L - n;
            db.sql(
                    WITH_MOMENT,
                    lane.saleId().value(),
                    ReservationId.of("r".repeat(22), heldAtMs).value(),
                    heldAtMs);
        }
        search = new ReservationSearch(db.postgres);
    }

    @AfterAll
    void close() {
        db.close();
    }

    @Test
    void aSearchThatIsNotOverSaysSoAndGoesOnToTheEnd() {
        List<Long> held = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        ReservationId after = null;
        do {
            Found<RecordedReservation, ReservationId> found =
                    await(search.find(query(ReservationState.HELD, null, null), after, 20));
            found.items().forEach(item -> held.add(item.place().seq()));
            sizes.add(found.items().size());
            after = found.next();
        } while (after != null);

        assertThat(held).containsExactly(10_000L, 20_000L);
        assertThat(sizes).containsExactly(1, 1, 0);
    }

    @Test
    void aSearchForASkuIsBoundedLikewise() {
        Found<RecordedReservation, ReservationId> found = await(search.find(query(null, null, "B"), null, 20));

        assertThat(found.items()).extracting(item -> item.place().seq()).containsExactly(5_000L, 10_000L);
        assertThat(found.next()).isNotNull();
    }

    @Test
    void aCustomersReservationsAreFoundWithoutPassingThoseOfOthers() {
        Found<RecordedReservation, ReservationId> found = await(search.find(query(null, "rare", null), null, 20));

        assertThat(found.items()).hasSize(ALL / 5_000);
        assertThat(found.next()).isNull();
    }

    @Test
    void whatIsFoundAtOnceIsNotLookedFurtherFor() {
        Found<RecordedReservation, ReservationId> found = await(search.find(query(null, null, null), null, 3));

        assertThat(found.items()).extracting(item -> item.place().seq()).containsExactly(1L, 2L, 3L);
        assertThat(found.next()).isEqualTo(found.items().getLast().reservation().id());
    }

    @Test
    void theEndOfAHoldWritesNoIndex() {
        List<String> columns = new ArrayList<>();

        db.sql("""
                select a.attname
                from pg_index i
                join pg_attribute a on a.attrelid = i.indexrelid
                where i.indrelid = 'reservations'::regclass
                """).forEach(row -> columns.add(row.getString(0)));

        assertThat(columns).containsOnly("sale_id", "held_at", "reservation_id", "customer_id");
    }

    private ReservationSearch.Query query(
            @Nullable ReservationState state, @Nullable String customerId, @Nullable String sku) {
        return new ReservationSearch.Query(
                lane.saleId(),
                state,
                customerId == null ? null : new CustomerId(customerId),
                sku == null ? null : new Sku(sku),
                null,
                null);
    }
}
