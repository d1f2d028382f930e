package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.rules;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.StoredAdjustment.State;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AppliedAdjustment;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdjustmentBookTest {

    private static final Sku A = new Sku("A");
    private static final AdminAction ACTION =
            new AdminAction(new Author("alice", "console", "trace"), AdminAction.Kind.STOCK_ADJUSTED, "restock");

    private static TestBooks db;

    private Lane lane;
    private SaleId saleId;
    private AdjustmentBook book;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aSkuOnSale() {
        lane = db.openLane();
        saleId = lane.saleId();
        book = db.books.adjustments();
        await(db.books.skus().changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 10)));
        await(db.books.skus().skusApplied(saleId, List.of(rules("A", 10))));
    }

    @Test
    void anAdjustmentIsWrittenDownWithItsActionBeforeAnybodyActsOnIt() {
        Adjustment adjustment = opened("k", 5);

        assertThat(adjustment.version()).isEqualTo(2);
        assertThat(adjustment.before()).isEqualTo(10);
        assertThat(adjustment.after()).isEqualTo(15);
        assertThat(stored(adjustment).state()).isEqualTo(State.PENDING);
        assertThat(capacity()).isEqualTo(10);
        assertThat(trail()).containsExactly("stock.created", "stock.adjusted");
    }

    @Test
    void whatIsAppliedIsWhereTheNextOneStarts() {
        await(book.applied(Map.of(opened("k", 5), 0L)));

        Adjustment next = opened("l", -3);

        assertThat(next.version()).isEqualTo(3);
        assertThat(next.before()).isEqualTo(15);
        assertThat(next.after()).isEqualTo(12);
    }

    @Test
    void aLedgerEntrySettlesWhatACrashLeftOpen() {
        Adjustment adjustment = opened("k", 5);

        await(db.books
                .ledger()
                .commit(
                        lane,
                        0,
                        History.fromTheStart()
                                .stock("A", 10)
                                .adjusted("A", adjustment, 0)
                                .entries(),
                        "me"));

        assertThat(stored(adjustment).state()).isEqualTo(State.APPLIED);
        assertThat(capacity()).isEqualTo(15);
        assertThat(db.stock(lane, "A")).isEqualTo("15/0/0 of 15");
    }

    @Test
    void whatRedisHasInForceIsDoneInAnOlderPostgresThatHasItAsPending() {
        Adjustment pending = opened("k", 5);
        StockedSku redis = new StockedSku(
                rules("A", 18),
                new StockCount(A, 18, 18, 0, 0, 3),
                0,
                pending.number() + 1,
                List.of(
                        new AppliedAdjustment(pending.id(), 2, 10, 15, 0),
                        new AppliedAdjustment("lost", 3, 15, 18, 0)));
        Sale sale = await(db.books.sales().find(saleId)).orElseThrow().sale();

        await(db.books.conclusions().concludeSettings(new LaneSettings(sale, List.of(redis))));

        assertThat(stored(pending).state()).isEqualTo(State.APPLIED);
        assertThat(await(book.open(ACTION, saleId, A, by("k", 5)))).isInstanceOf(AdjustmentOpening.Known.class);
        assertThat(await(book.find("lost")).orElseThrow().adjustment().before()).isEqualTo(15);
        assertThat(capacity()).isEqualTo(18);
    }

    @Test
    void oneThatIsUnderWayKeepsTheNextOneWaiting() {
        Adjustment earlier = opened("k", 5);

        AdjustmentOpening next = await(book.open(ACTION, saleId, A, by("l", 1)));

        assertThat(next).isEqualTo(new AdjustmentOpening.Waiting(earlier));
    }

    @Test
    void aRefusalIsInTheTrailAndItsKeyAndVersionAreFreeAgain() {
        Adjustment refused = opened("k", -5);

        await(book.refused(refused, "held 8, sold 0"));
        await(book.refused(refused, "held 8, sold 0"));
        Adjustment again = opened("k", -5);

        assertThat(stored(refused).state()).isEqualTo(State.REFUSED);
        assertThat(again.version()).isEqualTo(refused.version());
        assertThat(again.number()).isGreaterThan(refused.number());
        assertThat(trail())
                .containsExactly("stock.created", "stock.adjusted", "stock.adjustment-refused", "stock.adjusted");
    }

    @Test
    void ofManyWithOneKeyOneIsOpened() {
        List<Future<AdjustmentOpening>> asked = IntStream.range(0, 8)
                .mapToObj(n -> book.open(ACTION, saleId, A, by("k", 5)))
                .toList();

        List<AdjustmentOpening> openings =
                asked.stream().<AdjustmentOpening>map(TestBooks::await).toList();

        assertThat(openings.stream().filter(AdjustmentOpening.Opened.class::isInstance))
                .hasSize(1);
        assertThat(openings.stream().filter(AdjustmentOpening.Known.class::isInstance))
                .hasSize(7);
    }

    @Test
    void aKeyBelongsToOneSkuOfItsSale() {
        Sku b = new Sku("B");
        await(db.books.skus().changeSku(TestBooks.ACTION, saleId, b, before -> rules("B", 10)));
        await(book.applied(Map.of(opened("k", 5), 0L)));

        assertThat(await(book.open(ACTION, saleId, b, by("k", 5)))).isInstanceOf(AdjustmentOpening.KeyReused.class);
    }

    @Test
    void whatIsOnItsWayForASecondIsSentAgainAndWhatWasToldMustBecomeTrue() {
        Adjustment pending = opened("k", -5);
        db.sql(
                "update adjustments set created_at = now() - interval '2 seconds' where adjustment_id = $1",
                pending.id());

        List<Unapplied> first = await(db.books.unapplied().find());
        await(book.applied(Map.of(pending, 0L)));
        List<Unapplied> told = await(db.books.unapplied().find());
        await(db.books
                .ledger()
                .commit(
                        lane,
                        0,
                        History.fromTheStart()
                                .stock("A", 10)
                                .adjusted("A", pending, 0)
                                .entries(),
                        "me"));
        List<Unapplied> recorded = await(db.books.unapplied().find());

        assertThat(ours(first)).containsExactly(pending);
        assertThat(ours(told))
                .singleElement()
                .satisfies(sent -> assertThat(sent.allowBelowHeld()).isTrue());
        assertThat(ours(recorded)).isEmpty();
    }

    private List<Adjustment> ours(List<Unapplied> unapplied) {
        return unapplied.stream()
                .filter(Unapplied.Adjusting.class::isInstance)
                .map(Unapplied.Adjusting.class::cast)
                .filter(one -> one.listed().sale().id().equals(saleId))
                .map(Unapplied.Adjusting::adjustment)
                .toList();
    }

    private Adjustment opened(String key, long delta) {
        AdjustmentOpening opening = await(book.open(ACTION, saleId, A, by(key, delta)));
        assertThat(opening).isInstanceOf(AdjustmentOpening.Opened.class);
        return ((AdjustmentOpening.Opened) opening).adjustment();
    }

    private static AdjustmentRequest by(String key, long delta) {
        return new AdjustmentRequest(delta, null, null, null, false, key);
    }

    private StoredAdjustment stored(Adjustment adjustment) {
        return await(book.find(adjustment.id())).orElseThrow();
    }

    private long capacity() {
        return db.number("select capacity from adjusted_skus where sale_id = $1", saleId.value());
    }

    private List<String> trail() {
        return db.text(
                        "select string_agg(action, ' ' order by action_id) from admin_actions where sale_id = $1 and subject = 'A'",
                        saleId.value())
                .transform(words -> List.of(words.split(" ", -1)));
    }
}
