package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Incident;
import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.Postgres;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.ledger.Unapplied;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a node wrote to PostgreSQL before it died reaches Redis all the same, sent by another node. */
class ResenderTest {

    private static final TestDatabase DATABASE = new TestDatabase();
    private static TestNode node;
    private static Vertx vertx;
    private static Postgres postgres;
    private static Books books;

    private final SaleId saleId = new SaleId("resent-" + UUID.randomUUID());
    private final Api api = node.api();

    @BeforeAll
    static void start() {
        node = TestNode.start(TestServers.redisUri(), DATABASE.uri(), UnaryOperator.identity());
        vertx = Vertx.vertx();
        postgres = Postgres.open(vertx, DATABASE.uri());
        books = Books.on(postgres, InstantSource.system());
    }

    @AfterAll
    static void stop() {
        TestWait.of(postgres.close());
        TestWait.of(vertx.close());
        node.close();
    }

    @Test
    void aSaleThatOnlyPostgresKnowsComesToLife() {
        TestWait.of(books.sales().change(TestBooks.ACTION, saleId, before -> sale()));

        await().untilAsserted(() ->
                assertThat(api.sale(saleId.value(), false).text("state")).isEqualTo("open"));
    }

    @Test
    void aSkuThatOnlyPostgresKnowsGoesOnSaleOnce() {
        api.putSale(saleId.value(), false).must(201);
        Sku sku = new Sku("RED-DRESS-M");

        TestWait.of(books.skus().changeSku(TestBooks.ACTION, saleId, sku, before -> rules(sku, 3)));

        await().untilAsserted(() -> assertThat(api.stock(saleId.value(), sku.value())
                        .body()
                        .path("available")
                        .asInt())
                .isEqualTo(3));
        assertThat(api.hold(saleId.value(), "c-1", sku.value(), 3).status()).isEqualTo(201);
        assertThat(api.hold(saleId.value(), "c-2", sku.value(), 1).code()).isEqualTo("out-of-stock");
    }

    @Test
    void anImportThatACrashCutOffIsBroughtToItsEnd() {
        api.putSale(saleId.value(), false).must(201);
        List<SkuRules> wanted = IntStream.range(0, 1_300)
                .mapToObj(i -> rules(new Sku("S-" + i), 3))
                .toList();

        TestWait.of(books.skus().changeSkus(TestBooks.ACTION, saleId, TestBooks.putting(wanted)));

        await().untilAsserted(() ->
                assertThat(api.stock(saleId.value()).body().path("items")).hasSize(1_300));
        await().untilAsserted(
                        () -> assertThat(TestWait.of(books.unapplied().find())).isEmpty());
    }

    @Test
    void aPauseThatOnlyPostgresKnowsStopsTheSale() {
        api.putSale(saleId.value(), false).must(201);
        api.putStock(saleId.value(), "RED-DRESS-M", 3).must(201);

        TestWait.of(books.sales()
                .change(
                        TestBooks.ACTION,
                        saleId,
                        before -> before.orElseThrow().turned(Sale.Switch.PAUSED, "the stock is counted")));

        await().untilAsserted(() -> assertThat(
                        api.hold(saleId.value(), "c-1", "RED-DRESS-M", 1).code())
                .isEqualTo("sale-paused"));
    }

    @Test
    void anAdjustmentWhoseEntryNeverComesIsNotSentForEverButIsAnIncident() {
        api.putSale(saleId.value(), false).must(201);
        api.putStock(saleId.value(), "RED-DRESS-M", 3).must(201);
        String id = api.adjust(saleId.value(), "RED-DRESS-M", "k", "{\"delta\":5,\"reason\":\"restock\"}")
                .must(201)
                .text("adjustmentId");
        await().until(() ->
                number("select count(*) from adjustments where adjustment_id = ? and recorded_at is not null", id)
                        == 1);

        // As where its entry became a dead letter, and the sale went on.
        update(
                "update adjustments set recorded_at = null, created_at = now() - interval '1 hour' where adjustment_id = ?",
                id);

        await().untilAsserted(
                        () -> assertThat(number("select count(*) from incidents where sale_id = ?", saleId.value()))
                                .isEqualTo(1));
        Incident incident = TestWait.of(books.incidents()
                        .find(
                                new Incidents.Query(
                                        saleId, Incident.State.OPEN, IncidentKind.ADJUSTMENT_NOT_RECORDED, null),
                                null,
                                10))
                .items()
                .getFirst();
        assertThat(incident.subject()).isEqualTo("RED-DRESS-M");
        assertThat(incident.units()).isEqualTo(5);
        assertThat(incident.details()).contains(id);
        assertThat(TestWait.of(books.unapplied().find())).noneMatch(some -> some instanceof Unapplied.Adjusting);
        assertThat(number("select sent_again from adjustments where adjustment_id = ?", id))
                .isBetween(1L, 5L);
        assertThat(api.sale(saleId.value(), false).text("state")).isEqualTo("open");
    }

    private static long number(String sql, String argument) {
        return Long.parseLong(DATABASE.rows(sql, argument).getFirst().getFirst());
    }

    private static void update(String sql, String argument) {
        DATABASE.change(sql, argument);
    }

    private Sale sale() {
        return new Sale(saleId, "Resent", 0, 0, 60_000, 120_000, 0, 0, "EUR", false, Sale.Switch.OPEN, null, 0, 0);
    }

    private static SkuRules rules(Sku sku, long capacity) {
        return new SkuRules(sku, capacity, null, Map.of(), null, 0, null, null, 0);
    }
}
