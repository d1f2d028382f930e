package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static dev.holdfast.ledger.TestBooks.sale;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.holdfast.ledger.SaleBook.SaleChange;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.PostgresLock;
import dev.holdfast.support.TestServers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SaleBookTest {

    private static String uri;
    private static TestBooks db;

    private SaleId saleId;
    private SaleBook sales;

    @BeforeAll
    static void open() {
        uri = TestServers.migratedDatabase();
        db = TestBooks.migrated(uri);
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aNewSaleId() {
        saleId = TestBooks.newSaleId();
        sales = db.books.sales();
    }

    @Test
    void aNewSaleHasVersionOneAndALaneThatIsBeingPrepared() {
        SaleChange change =
                await(sales.change(TestBooks.ACTION, saleId, before -> SaleRows.withVersion(sale(saleId), 77)));

        assertThat(change.created()).isTrue();
        assertThat(change.listed().sale()).isEqualTo(sale(saleId));
        assertThat(change.listed().laneState()).isEqualTo(LaneState.PREPARING);
        assertThat(change.listed().lane().epoch()).isPositive();
        assertThat(await(sales.find(saleId))).contains(change.listed());
    }

    @Test
    void everySettingComesBackAsItWentIn() {
        Sale full = new Sale(
                saleId,
                "Été — 100 %",
                1_763_640_000_123L,
                1_763_640_999_999L,
                1,
                2,
                3,
                4_000,
                "JPY",
                true,
                Sale.Switch.PAUSED,
                "coffee",
                4,
                1);

        await(sales.change(TestBooks.ACTION, saleId, before -> full));

        assertThat(await(sales.refresh(saleId))).map(ListedSale::sale).contains(full);
    }

    @Test
    void everyRealChangeCountsAsAVersionAndOthersDoNot() {
        await(sales.change(TestBooks.ACTION, saleId, before -> sale(saleId)));

        SaleChange same =
                await(sales.change(TestBooks.ACTION, saleId, before -> SaleRows.withVersion(before.orElseThrow(), 5)));
        SaleChange paused = await(sales.change(TestBooks.ACTION, saleId, before -> paused(before.orElseThrow())));

        assertThat(same.listed().sale().version()).isEqualTo(1);
        assertThat(paused.listed().sale().version()).isEqualTo(2);
        assertThat(paused.created()).isFalse();
        assertThat(await(sales.find(saleId)))
                .map(ListedSale::sale)
                .contains(paused.listed().sale());
    }

    @Test
    void whatAnEditThrowsIsTheFailureAndNothingIsWritten() {
        IllegalStateException refusal = new IllegalStateException("closed stays closed");

        Throwable failure = failureOf(sales.change(TestBooks.ACTION, saleId, before -> {
            throw refusal;
        }));

        assertThat(failure).isSameAs(refusal);
        assertThat(await(sales.refresh(saleId))).isEmpty();
    }

    @Test
    void ofManyWhoCreateASaleAtOnceOneCreatesItAndTheOthersFindIt() {
        List<Future<SaleChange>> changes = IntStream.range(0, 8)
                .mapToObj(n -> sales.change(TestBooks.ACTION, saleId, before -> before.orElse(sale(saleId))))
                .toList();

        List<SaleChange> done = changes.stream().map(TestBooks::await).toList();

        assertThat(done.stream().filter(SaleChange::created)).hasSize(1);
        assertThat(done.stream().map(SaleChange::listed).distinct()).hasSize(1);
    }

    @Test
    void ofManyWhoChangeASaleAtOnceEveryOneSeesTheOneBefore() {
        await(sales.change(TestBooks.ACTION, saleId, before -> sale(saleId)));

        List<Future<SaleChange>> changes = IntStream.range(0, 8)
                .mapToObj(n -> sales.change(TestBooks.ACTION, saleId, before -> advanced(before.orElseThrow(), 1_000)))
                .toList();
        changes.forEach(TestBooks::await);

        assertThat(await(sales.find(saleId)).orElseThrow().sale().clockOffsetMs())
                .isEqualTo(8_000);
        assertThat(await(sales.find(saleId)).orElseThrow().sale().version()).isEqualTo(9);
    }

    @Test
    void aLaneIsOpenedOnlyInItsOwnEpoch() {
        ListedSale listed = await(sales.change(TestBooks.ACTION, saleId, before -> sale(saleId)))
                .listed();

        await(sales.laneOpened(new Lane(saleId, 0, listed.lane().epoch() + 1)));
        LaneState afterOther = await(sales.find(saleId)).orElseThrow().laneState();
        await(sales.laneOpened(listed.lane()));

        assertThat(afterOther).isEqualTo(LaneState.PREPARING);
        assertThat(await(sales.find(saleId)).orElseThrow().laneState()).isEqualTo(LaneState.OPEN);
    }

    @Test
    void anotherNodeFollows() {
        try (TestBooks other = TestBooks.migrated(uri)) {
            await(other.books.sales().start());
            await(sales.change(TestBooks.ACTION, saleId, before -> sale(saleId)));
            await(sales.change(TestBooks.ACTION, saleId, before -> paused(before.orElseThrow())));

            await().untilAsserted(() -> assertThat(other.books.sales().known())
                    .extracting(
                            listed -> listed.sale().id(),
                            listed -> listed.sale().state())
                    .contains(tuple(saleId, Sale.Switch.PAUSED)));
            other.books.sales().stop();
        }
    }

    @Test
    void whatATransactionThatTookLongCommitsIsFollowedToo() {
        try (TestBooks other = TestBooks.migrated(uri)) {
            await(sales.change(TestBooks.ACTION, saleId, before -> sale(saleId)));
            SaleId later = TestBooks.newSaleId();
            await(other.books.sales().start());

            try (PostgresLock late = PostgresLock.taken(
                    uri, "update sales set state = 'paused', version = version + 1 where sale_id = '" + saleId + "'")) {
                await(sales.change(TestBooks.ACTION, later, before -> sale(later)));
                await().until(() -> stateOn(other, later).isPresent());
                assertThat(stateOn(other, saleId)).contains(Sale.Switch.OPEN);
                late.commit();
            }

            await().until(() -> stateOn(other, saleId).equals(Optional.of(Sale.Switch.PAUSED)));
            other.books.sales().stop();
        }
    }

    @Test
    void whatDidNotChangeIsNotReadAgain() {
        try (TestBooks other = TestBooks.migrated(uri)) {
            await(sales.change(TestBooks.ACTION, saleId, before -> sale(saleId)));
            await(other.books.sales().start());
            SaleId later = TestBooks.newSaleId();

            // A change behind the back of the trigger, which no version counts, shows what is read.
            db.sql("alter table sales disable trigger sales_changed");
            db.sql("update sales set version = version + 1, name = 'Hats' where sale_id = $1", saleId.value());
            db.sql("alter table sales enable trigger sales_changed");
            await(sales.change(TestBooks.ACTION, later, before -> sale(later)));
            await().until(() -> stateOn(other, later).isPresent());
            await(sales.change(TestBooks.ACTION, later, before -> paused(before.orElseThrow())));
            await().until(() -> stateOn(other, later).equals(Optional.of(Sale.Switch.PAUSED)));

            assertThat(other.books.sales().known())
                    .filteredOn(listed -> listed.sale().id().equals(saleId))
                    .extracting(listed -> listed.sale().name())
                    .containsExactly("Shoes");
            other.books.sales().stop();
        }
    }

    @Test
    void aCursorThatMovesIsNoChangeOfASale() {
        Lane lane = db.openLane();
        long before = db.number(
                "select changed_in from lanes where sale_id = $1", lane.saleId().value());

        await(db.books
                .ledger()
                .commit(lane, 0, History.fromTheStart().stock("A", 1).entries(), "node"));
        long moved = db.number(
                "select changed_in from lanes where sale_id = $1", lane.saleId().value());
        await(db.books.lanes().reportLost(lane, "lost"));

        assertThat(moved).isEqualTo(before);
        assertThat(db.number(
                        "select changed_in from lanes where sale_id = $1",
                        lane.saleId().value()))
                .isGreaterThan(before);
    }

    @Test
    void aSaleThatIsOverIsForgottenAndWhoeverRemembersItIsTold() {
        try (TestBooks other = TestBooks.migrated(uri)) {
            Lane lane = db.openLane();
            Set<SaleId> forgotten = ConcurrentHashMap.newKeySet();
            other.books.sales().onForgotten(forgotten::addAll);
            await(other.books.sales().start());

            db.sql(
                    "update lanes set state = 'retired', version = version + 1 where sale_id = $1",
                    lane.saleId().value());

            await().until(() -> forgotten.contains(lane.saleId()));
            assertThat(other.books.sales().known())
                    .extracting(listed -> listed.sale().id())
                    .doesNotContain(lane.saleId());
            other.books.sales().stop();
        }
    }

    private static Optional<Sale.Switch> stateOn(TestBooks node, SaleId saleId) {
        return node.books.sales().known().stream()
                .filter(listed -> listed.sale().id().equals(saleId))
                .map(listed -> listed.sale().state())
                .findAny();
    }

    @Test
    void salesAreListedByTheirIds() {
        List<SaleId> ids = List.of(new SaleId("list-A"), new SaleId("list-a"), new SaleId("list-b"));
        ids.forEach(id -> await(sales.change(TestBooks.ACTION, id, before -> sale(id))));

        List<Sale> first = await(sales.list("list-", 2));
        List<Sale> second = await(sales.list(first.getLast().id().value(), 1));

        assertThat(first).extracting(Sale::id).containsExactly(ids.get(0), ids.get(1));
        assertThat(second).extracting(Sale::id).containsExactly(ids.get(2));
    }

    @Test
    void whatIsKnownIsAnsweredWhilePostgresqlIsAway() {
        var server = TestServers.ownPostgres();
        try (TestBooks own = TestBooks.migrated(server.uri())) {
            await(own.books.sales().start());
            await(own.books.sales().change(TestBooks.ACTION, saleId, before -> sale(saleId)));
            server.kill();

            Optional<ListedSale> known = await(own.books.sales().find(saleId));
            Throwable unknown = failureOf(own.books.sales().find(TestBooks.newSaleId()));
            await().until(() -> !own.postgres.up());
            server.restart();

            assertThat(known).isPresent();
            assertThat(unknown)
                    .isInstanceOfSatisfying(
                            Unavailable.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Unavailable.Reason.POSTGRES_UNAVAILABLE));
            await().until(own.postgres::up);
            assertThat(await(own.books.sales().refresh(saleId))).isPresent();
        } finally {
            server.kill();
        }
    }

    @Test
    void answersComeOnTheCallersContext() {
        Context caller = db.vertx.getOrCreateContext();
        Promise<Context> answered = Promise.promise();

        caller.runOnContext(now -> sales.refresh(saleId).onComplete(done -> answered.complete(Vertx.currentContext())));

        assertThat(await(answered.future())).isSameAs(caller);
    }

    private static Sale paused(Sale sale) {
        return new Sale(
                sale.id(),
                sale.name(),
                sale.opensAtMs(),
                sale.closesAtMs(),
                sale.holdMs(),
                sale.maxHoldMs(),
                sale.perCustomerLimit(),
                sale.reclaimMs(),
                sale.currency(),
                sale.rehearsal(),
                Sale.Switch.PAUSED,
                "why not",
                sale.clockOffsetMs(),
                sale.version());
    }

    private static Sale advanced(Sale sale, long ms) {
        return new Sale(
                sale.id(),
                sale.name(),
                sale.opensAtMs(),
                sale.closesAtMs(),
                sale.holdMs(),
                sale.maxHoldMs(),
                sale.perCustomerLimit(),
                sale.reclaimMs(),
                sale.currency(),
                true,
                sale.state(),
                sale.stateReason(),
                sale.clockOffsetMs() + ms,
                sale.version());
    }
}
