package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.LedgerText;
import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.ReservationId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What customers bought is summed behind the recorder, and comes to what the books count as sold. */
class PurchaseBookTest {

    private static final String NODE = "node";
    private static final long HELD_AT_MS = 1_763_640_000_123L;

    private static TestBooks db;

    private Lane lane;
    private PurchaseBook purchases;
    private long seq;
    private int keys;

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
        purchases = db.books.purchases();
        record("stock 1763640000123 A 1000 1", "stock 1763640000123 B 1000 1");
    }

    @Test
    void whatIsConfirmedIsSummedOnceHoweverOftenItIsAskedFor() {
        record(bought("ann", "A 2"), bought("bob", "A 1 B 3"));
        await(purchases.sum(lane));
        await(purchases.sum(lane));
        String first = sums();
        record(bought("ann", "A 1"), held("cat", "B 9"));
        await(purchases.sum(lane));

        assertThat(first).isEqualTo("ann A 2, bob A 1, bob B 3");
        assertThat(sums()).isEqualTo("ann A 3, bob A 1, bob B 3");
        assertThat(addUp()).isTrue();
        assertThat(await(purchases.behind(List.of(lane)))).isEmpty();
    }

    @Test
    void manyBatchesAreSummedInSteps() {
        for (int i = 0; i < 250; i++) {
            record(bought("c-" + i % 7, "A 1"));
        }
        long behind = await(purchases.behind(List.of(lane))).getFirst().entries();

        await(purchases.sum(lane));

        assertThat(behind).isEqualTo(502);
        assertThat(db.number("select sum(units)::bigint from purchases where sale_id = $1", saleId()))
                .isEqualTo(250);
        assertThat(addUp()).isTrue();
    }

    @Test
    void aLaneThatWasThereBeforeIsSummedFromItsReservations() {
        record(bought("ann", "A 2"), bought("bob", "A 1 B 3"), held("cat", "A 4"));
        db.sql("delete from purchases_summed where sale_id = $1", saleId());
        db.sql("insert into bought_units values ($1, 0, 'old', 'A', 5)", saleId());

        await(purchases.sum(lane));
        record(bought("dan", "B 1"));
        await(purchases.sum(lane));

        assertThat(sums()).isEqualTo("ann A 2, bob A 1, bob B 3, dan B 1, old A 5");
    }

    @Test
    void sumsThatDoNotComeToWhatIsSoldAreNotTakenForRight() {
        record(bought("ann", "A 2"));
        await(purchases.sum(lane));
        db.sql("update purchases set units = units + 1 where sale_id = $1", saleId());
        boolean wrong = addUp();

        await(purchases.sumAnew(lane));

        assertThat(wrong).isFalse();
        assertThat(addUp()).isTrue();
        assertThat(sums()).isEqualTo("ann A 2");
    }

    @Test
    void aRebuildReadsThemTogetherWithWhatIsHeld() {
        record(bought("ann", "A 2"), held("ann", "A 1"), held("bob", "B 3"), bought("cat", "A 1 B 1"));
        await(purchases.sum(lane));
        Rebuild rebuild = await(db.books.rebuilds().begin(lane.saleId(), RebuildSource.POSTGRES, 0, TestBooks.ACTION))
                .orElseThrow();
        List<String> all = new ArrayList<>();

        await(db.books
                .rebuilds()
                .read(
                        rebuild,
                        snapshot -> snapshot.allowances(HELD_AT_MS, some -> {
                            some.forEach(allowance -> all.add(told(allowance)));
                            return Future.succeededFuture();
                        })));

        assertThat(all).containsExactlyInAnyOrder("ann A 3", "bob B 3", "cat A 1 B 1");
    }

    private static String told(Allowance allowance) {
        StringBuilder text = new StringBuilder(allowance.customerId().value());
        allowance.units().stream()
                .map(units -> " " + units.sku() + " " + units.quantity())
                .sorted()
                .forEach(text::append);
        return text.toString();
    }

    private String[] bought(String customer, String lines) {
        String facts = facts(customer, lines);
        String key = key(keys++);
        return new String[] {"held " + key + " 1 0 " + facts, "confirmed " + key + " 2 5 " + facts};
    }

    private String[] held(String customer, String lines) {
        return new String[] {"held " + key(keys++) + " 1 0 " + facts(customer, lines)};
    }

    private static String facts(String customer, String lines) {
        return HELD_AT_MS + " 60000 print " + customer + " " + lines;
    }

    private static String key(int number) {
        String digits = Integer.toString(number);
        return "k".repeat(ReservationId.KEY_LENGTH - digits.length()) + digits;
    }

    private void record(String[]... reservations) {
        List<String> texts = new ArrayList<>();
        for (String[] reservation : reservations) {
            texts.addAll(List.of(reservation));
        }
        record(texts.toArray(String[]::new));
    }

    private void record(String... texts) {
        List<LedgerEntry> entries = new ArrayList<>();
        for (String text : texts) {
            entries.add(LedgerText.parse(seq + entries.size() + 1, text));
        }
        assertThat(await(db.books.ledger().commit(lane, seq, entries, NODE)))
                .isInstanceOf(CommitOutcome.Recorded.class);
        seq += entries.size();
    }

    private boolean addUp() {
        return await(
                db.postgres.inTransaction("test", connection -> new LaneSnapshot(connection, lane).purchasesAddUp()));
    }

    private String sums() {
        return db.text("""
                select string_agg(customer_id || ' ' || sku || ' ' || units, ', ' order by customer_id, sku)
                from purchases where sale_id = $1
                """, saleId());
    }

    private String saleId() {
        return lane.saleId().value();
    }
}
