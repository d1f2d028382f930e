package dev.holdfast.ledger;

import static dev.holdfast.ledger.History.cart;
import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.support.PostgresLock;
import dev.holdfast.support.TestServers;
import io.vertx.core.AsyncResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the recorder records of many lanes in one transaction. */
class ManyLanesTest {

    private static final String NODE = "node";
    private static final Cart ONE = cart("A", 1);

    private final String uri = TestServers.freshDatabase();
    private TestBooks db;

    @BeforeEach
    void open() {
        db = TestBooks.migrated(uri);
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void manyLanesAreRecordedInOneTransactionEachWithItsOwnEntries() {
        List<Lane> lanes = lanes(50);
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < lanes.size(); i++) {
            History history = History.fromTheStart().stock("A", 1_000).stock("B", i);
            for (int n = 0; n <= i % 3; n++) {
                history.held("r" + n, cart("A", i + 1)).confirmed("r" + n, cart("A", i + 1));
            }
            batches.add(batch(lanes.get(i), 0, history));
        }

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books.ledger().commit(batches));

        assertThat(db.number("select count(distinct xmin::text) from ledger_batches"))
                .isEqualTo(1);
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            int sold = (i % 3 + 1) * (i + 1);
            assertThat(outcomes.get(lane).result())
                    .isEqualTo(new CommitOutcome.Recorded(batches.get(i).last(), List.of()));
            assertThat(db.recordedSeq(lane)).isEqualTo(batches.get(i).last());
            assertThat(db.stock(lane, "A")).isEqualTo((1_000 - sold) + "/0/" + sold + " of 1000");
            assertThat(db.stock(lane, "B")).isEqualTo(i + "/0/0 of " + i);
            assertThat(db.rowsOf("ledger", lane)).isEqualTo(batches.get(i).last());
            assertThat(db.text(
                            "select string_agg(entry, ',' order by seq) from ledger where sale_id = $1",
                            lane.saleId().value()))
                    .startsWith("stock A,stock B,held r0,confirmed r0");
            assertThat(found(lane, "r0").state()).isEqualTo(ReservationState.CONFIRMED);
        }
    }

    @Test
    void aLaneWhoseCursorMovedIsLeftOutAndTheOthersAreRecorded() {
        List<Lane> lanes = lanes(3);
        await(db.books.ledger().commit(lanes.get(1), 0, putUp().entries(), NODE));

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books
                .ledger()
                .commit(lanes.stream().map(lane -> batch(lane, 0, putUp())).toList()));

        assertThat(outcomes.get(lanes.get(1)).result()).isInstanceOf(CommitOutcome.LostRace.class);
        assertThat(lanes).allSatisfy(lane -> {
            assertThat(db.recordedSeq(lane)).isEqualTo(2);
            assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
            assertThat(db.rowsOf("ledger", lane)).isEqualTo(2);
        });
    }

    @Test
    void aLaneOfAnotherLivingNodeIsLeftOutAndTheOthersAreRecorded() {
        List<Lane> lanes = lanes(2);
        assertThat(await(db.books.leases().renew("other"))).isEqualTo(1);
        assertThat(await(db.books.leases().take("other", 1))).hasSize(1);
        Lane others = await(db.books.leases().held("other")).iterator().next();

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books
                .ledger()
                .commit(lanes.stream().map(lane -> batch(lane, 0, putUp())).toList()));

        assertThat(lanes)
                .allSatisfy(lane -> assertThat(outcomes.get(lane).result())
                        .isInstanceOf(
                                lane.equals(others) ? CommitOutcome.LostRace.class : CommitOutcome.Recorded.class));
        assertThat(db.recordedSeq(others)).isZero();
    }

    @Test
    void aLaneWithAGapIsLeftOutAndTheOthersAreRecorded() {
        List<Lane> lanes = lanes(2);

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books
                .ledger()
                .commit(List.of(
                        batch(lanes.get(0), 0, History.after(3).stock("A", 10)), batch(lanes.get(1), 0, putUp()))));

        assertThat(outcomes.get(lanes.get(0)).result()).isEqualTo(new CommitOutcome.Gap(1, 4));
        assertThat(outcomes.get(lanes.get(1)).result()).isInstanceOf(CommitOutcome.Recorded.class);
    }

    @Test
    void aLaneWhoseBooksDoNotAddUpIsFrozenAloneAndTheOthersAreRecorded() {
        List<Lane> lanes = lanes(9);
        Lane broken = lanes.get(5);
        List<Batch> batches = lanes.stream()
                .map(lane -> batch(lane, 0, lane.equals(broken) ? putUp().held("more", cart("A", 10)) : putUp()))
                .toList();

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books.ledger().commit(batches));

        assertThat(outcomes.get(broken).result()).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.laneState(broken)).isEqualTo("frozen");
        assertThat(db.recordedSeq(broken)).isZero();
        assertThat(lanes).filteredOn(lane -> !lane.equals(broken)).allSatisfy(lane -> {
            assertThat(outcomes.get(lane).result()).isEqualTo(new CommitOutcome.Recorded(2, List.of()));
            assertThat(db.laneState(lane)).isEqualTo("open");
            assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
        });
    }

    @Test
    void anEntryThatCannotBeStoredBecomesADeadLetterOfItsLaneAndNothingElseIsPutAside() {
        List<Lane> lanes = lanes(4);
        Lane odd = lanes.get(2);
        List<Batch> batches = lanes.stream()
                .map(lane -> batch(lane, 0, lane.equals(odd) ? putUp().heldAs("held\0two", "two", ONE) : putUp()))
                .toList();

        await(db.books.ledger().commit(batches));

        assertThat(lanes).allSatisfy(lane -> {
            assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
            assertThat(db.rowsOf("dead_letters", lane)).isEqualTo(lane.equals(odd) ? 1 : 0);
            assertThat(db.recordedSeq(lane)).isEqualTo(lane.equals(odd) ? 3 : 2);
        });
    }

    @Test
    void aLaneWithAnEntryThatNobodyCanReadStopsThereInTheSameTransactionAndTheOthersGoOn() {
        List<Lane> lanes = lanes(3);
        Lane broken = lanes.get(1);
        List<Batch> batches = lanes.stream()
                .map(lane -> lane.equals(broken)
                        ? batch(lane, 0, putUp().unreadable("what is this").held("later", ONE))
                        : batch(lane, 0, putUp().held("later", ONE)))
                .toList();

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books.ledger().commit(batches));

        assertThat(outcomes.get(broken).result()).isInstanceOf(CommitOutcome.Frozen.class);
        assertThat(db.laneState(broken)).isEqualTo("frozen");
        assertThat(db.recordedSeq(broken)).isEqualTo(3);
        assertThat(db.stock(broken, "A")).isEqualTo("9/1/0 of 10");
        assertThat(lanes).filteredOn(lane -> !lane.equals(broken)).allSatisfy(lane -> {
            assertThat(outcomes.get(lane).result()).isInstanceOf(CommitOutcome.Recorded.class);
            assertThat(db.laneState(lane)).isEqualTo("open");
            assertThat(db.stock(lane, "A")).isEqualTo("8/2/0 of 10");
        });
        assertThat(db.number("select count(distinct xmin::text) from ledger_batches"))
                .isEqualTo(1);
    }

    @Test
    void auditsAreComparedAtTheirOwnPlacesInEachLane() {
        List<Lane> lanes = lanes(3);
        StockCount whole = new StockCount(new Sku("A"), 10, 10, 0, 0, 1);
        StockCount held = new StockCount(new Sku("A"), 10, 9, 1, 0, 1);
        List<Batch> batches = List.of(
                batch(
                        lanes.get(0),
                        0,
                        History.fromTheStart()
                                .stock("A", 10)
                                .audit("a", whole)
                                .held("one", ONE)
                                .audit("b", held)),
                batch(lanes.get(1), 0, putUp()),
                batch(lanes.get(2), 0, putUp().audit("c", whole).held("two", ONE)));

        Map<Lane, AsyncResult<CommitOutcome>> outcomes = await(db.books.ledger().commit(batches));

        assertThat(recorded(outcomes.get(lanes.get(0))).audits())
                .extracting(AuditVerdict::auditId, AuditVerdict::balanced)
                .containsExactly(tuple("a", true), tuple("b", true));
        assertThat(recorded(outcomes.get(lanes.get(1))).audits()).isEmpty();
        assertThat(recorded(outcomes.get(lanes.get(2))).audits())
                .extracting(AuditVerdict::balanced)
                .containsExactly(false);
        assertThat(db.stock(lanes.get(2), "A")).isEqualTo("8/2/0 of 10");
        assertThat(db.laneState(lanes.get(2))).isEqualTo("frozen");
        assertThat(db.laneState(lanes.get(0))).isEqualTo("open");
    }

    @Test
    void alertsAreToldOfTheSalesThatTheyAreAbout() {
        List<Lane> lanes = lanes(3);
        for (Lane lane : lanes.subList(0, 2)) {
            await(db.books.skus().changeSku(TestBooks.ACTION, lane.saleId(), new Sku("A"), before -> lowAt(9)));
        }

        await(db.books
                .ledger()
                .commit(lanes.stream().map(lane -> batch(lane, 0, putUp())).toList()));

        assertThat(db.text("select string_agg(type || ' ' || sale_id, ',' order by sale_id) from events"))
                .isEqualTo(String.join(
                        ",",
                        lanes.subList(0, 2).stream()
                                .map(lane -> "dev.holdfast.stock.low " + lane.saleId())
                                .sorted()
                                .toList()));
    }

    @Test
    void aLaneThatSomebodyHoldsOnToDoesNotKeepTheOthers() {
        List<Lane> lanes = lanes(4);
        Lane locked = lanes.get(1);
        Map<Lane, AsyncResult<CommitOutcome>> outcomes;

        try (PostgresLock lock =
                PostgresLock.taken(uri, "select * from lanes where sale_id = '" + locked.saleId() + "' for update")) {
            outcomes = await(db.books
                    .ledger()
                    .commit(lanes.stream().map(lane -> batch(lane, 0, putUp())).toList()));
            assertThat(lock.waiting()).isZero();
        }

        assertThat(outcomes.get(locked).failed()).isTrue();
        assertThat(lanes)
                .filteredOn(lane -> !lane.equals(locked))
                .allSatisfy(lane -> assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10"));
    }

    @Test
    void twoWhoRecordTheSameLanesRecordEachOnce() {
        List<Lane> lanes = lanes(20);
        List<Batch> forwards =
                lanes.stream().map(lane -> batch(lane, 0, putUp())).toList();

        List<Map<Lane, AsyncResult<CommitOutcome>>> all = IntStream.range(0, 6)
                .mapToObj(n -> db.books.ledger().commit(n % 2 == 0 ? forwards : forwards.reversed()))
                .toList()
                .stream()
                .map(TestBooks::await)
                .toList();

        assertThat(lanes).allSatisfy(lane -> {
            assertThat(all.stream().filter(outcomes -> outcomes.get(lane).result() instanceof CommitOutcome.Recorded))
                    .hasSize(1);
            assertThat(db.stock(lane, "A")).isEqualTo("9/1/0 of 10");
        });
    }

    @Test
    void theCursorsOfManyLanesAreFoundTogetherAndThoseThatDoNotSellAreNotAmongThem() {
        List<Lane> lanes = lanes(3);
        await(db.books.ledger().commit(lanes.get(0), 0, putUp().entries(), NODE));
        await(db.books.lanes().reportLost(lanes.get(1), "lost"));
        Lane otherEpoch = new Lane(lanes.get(2).saleId(), 0, lanes.get(2).epoch() + 1);

        Map<Lane, LaneCursor> cursors =
                await(db.books.ledger().cursors(List.of(lanes.get(0), lanes.get(1), otherEpoch)));

        assertThat(cursors).containsOnlyKeys(lanes.get(0));
        assertThat(cursors.get(lanes.get(0)).seq()).isEqualTo(2);
        assertThat(cursors.get(lanes.get(0)).life()).isEqualTo(1);
    }

    private List<Lane> lanes(int count) {
        return IntStream.range(0, count).mapToObj(n -> db.openLane()).toList();
    }

    /** Ten of A, one of them held. */
    private static History putUp() {
        return History.fromTheStart().stock("A", 10).held("one", ONE);
    }

    private static Batch batch(Lane lane, long after, History history) {
        return new Batch(lane, after, history.entries(), NODE);
    }

    private static SkuRules lowAt(long threshold) {
        return new SkuRules(new Sku("A"), 10, null, Map.of(), null, 0, threshold, null, 1);
    }

    private static CommitOutcome.Recorded recorded(AsyncResult<CommitOutcome> outcome) {
        return (CommitOutcome.Recorded) outcome.result();
    }

    private Reservation found(Lane lane, String name) {
        return await(db.books.reservations().find(lane.saleId(), History.id(name)))
                .orElseThrow();
    }
}
