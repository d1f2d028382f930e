package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.failureOf;
import static dev.holdfast.ledger.TestBooks.putting;
import static dev.holdfast.ledger.TestBooks.rules;
import static dev.holdfast.ledger.TestBooks.sale;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.SkuBook.SkuChange;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SkuBookTest {

    private static final Sku A = new Sku("A");
    private static final AdminAction IMPORT =
            new AdminAction(TestBooks.ACTION.author(), AdminAction.Kind.STOCK_IMPORTED, null);

    private static TestBooks db;

    private SkuBook skus;
    private Lane lane;
    private SaleId saleId;

    @BeforeAll
    static void open() {
        db = TestBooks.fresh();
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void aSale() {
        skus = db.books.skus();
        lane = db.openLane();
        saleId = lane.saleId();
        await(db.books.sales().saleApplied(saleId, 1));
    }

    @Test
    void everyRuleComesBackAsItWentInAttributesInTheirOrder() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("size", "M");
        attributes.put("colour", "red");
        attributes.put("a", "last");
        SkuRules full = new SkuRules(A, 10, "dress", attributes, 4_999L, 2, 3L, 50L, 1);

        SkuChange change = await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> full));

        assertThat(change).isEqualTo(new SkuChange(full, true));
        assertThat(await(skus.skus(saleId))).containsExactly(full);
        assertThat(await(skus.skus(saleId)).getFirst().attributes().keySet()).containsExactly("size", "colour", "a");
    }

    @Test
    void everyRealChangeCountsAsAVersionAndOthersDoNot() {
        await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 10)));

        SkuChange same = await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 10)));
        SkuChange limited = await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> limited(2)));

        assertThat(same.rules().version()).isEqualTo(1);
        assertThat(limited).isEqualTo(new SkuChange(SkuRows.withVersion(limited(2), 2), false));
        assertThat(await(skus.skus(saleId))).containsExactly(SkuRows.withVersion(limited(2), 2));
    }

    @Test
    void ofManyWhoCreateASkuAtOnceOneCreatesIt() {
        List<Future<SkuChange>> changes = IntStream.range(0, 8)
                .mapToObj(n -> skus.changeSku(TestBooks.ACTION, saleId, A, before -> before.orElse(rules("A", 10))))
                .toList();

        assertThat(changes.stream().map(TestBooks::await).filter(SkuChange::created))
                .hasSize(1);
    }

    @Test
    void whatRedisDoesNotHaveYetIsUnapplied() {
        SaleId preparing = TestBooks.newSaleId();
        await(db.books.sales().change(TestBooks.ACTION, preparing, before -> sale(preparing)));
        await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 10)));

        List<Unapplied> before = await(db.books.unapplied().find());
        await(skus.skusApplied(saleId, List.of(rules("A", 10))));
        List<Unapplied> after = await(db.books.unapplied().find());

        assertThat(before)
                .contains(new Unapplied.Policy(
                        await(db.books.sales().find(preparing)).orElseThrow()))
                .contains(new Unapplied.Rules(
                        await(db.books.sales().find(saleId)).orElseThrow(), List.of(rules("A", 10))));
        assertThat(after)
                .extracting(unapplied -> unapplied.listed().sale().id())
                .doesNotContain(saleId);
    }

    @Test
    void aLateConfirmationDoesNotTakeBackALaterOne() {
        await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 10)));
        await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> limited(2)));

        await(skus.skusApplied(saleId, List.of(SkuRows.withVersion(limited(2), 2))));
        await(skus.skusApplied(saleId, List.of(rules("A", 10))));

        assertThat(await(db.books.unapplied().find()))
                .noneMatch(unapplied -> unapplied.listed().lane().equals(lane));
    }

    @Test
    void manyAreCreatedAndChangedAtOnceAndTheTrailHasEachAndAll() {
        await(skus.changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 10)));
        await(skus.changeSku(TestBooks.ACTION, saleId, new Sku("B"), before -> rules("B", 5)));
        List<SkuRules> wanted = List.of(rules("C", 7), limited(2), rules("B", 5));

        List<SkuChange> changes = await(skus.changeSkus(IMPORT, saleId, putting(wanted)));

        assertThat(changes)
                .containsExactly(
                        new SkuChange(SkuRows.withVersion(limited(2), 2), false), new SkuChange(rules("C", 7), true));
        assertThat(await(skus.skus(saleId)))
                .containsExactly(SkuRows.withVersion(limited(2), 2), rules("B", 5), rules("C", 7));
        List<String> trail = new ArrayList<>();
        db.sql(
                        "select action, subject, before, after from admin_actions where sale_id = $1 order by action_id offset 3",
                        saleId.value())
                .forEach(row -> trail.add(
                        row.getString(0) + ' ' + row.getString(1) + ' ' + version(row, 2) + ' ' + version(row, 3)));
        assertThat(trail)
                .containsExactly("stock.changed A 1 2", "stock.created C null 1", "stock.imported null null told");
    }

    @Test
    void whoImportsAndWhoCreatesOneDoNotLoseEachOther() {
        List<Future<?>> changes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            List<SkuRules> wanted =
                    IntStream.range(0, 600).mapToObj(n -> rules("S" + n, 1)).toList();
            changes.add(skus.changeSkus(IMPORT, saleId, putting(wanted)));
            Sku one = new Sku("S" + 7 * i);
            changes.add(skus.changeSku(TestBooks.ACTION, saleId, one, before -> before.orElse(rules(one.value(), 1))));
        }

        changes.forEach(TestBooks::await);
        await(skus.skusApplied(saleId, await(skus.skus(saleId))));

        assertThat(await(skus.count(saleId))).isEqualTo(600);
        assertThat(db.number(
                        "select count(*) from admin_actions where sale_id = $1 and action = 'stock.created'",
                        saleId.value()))
                .isEqualTo(600);
    }

    @Test
    void aSaleHasNoMoreSkusThanItsLaneCanCount() {
        db.sql("""
                insert into skus (sale_id, sku, attributes, per_customer_limit, capacity, version, applied_version)
                select $1, 'S' || n, '{}', 0, 1, 1, 1 from generate_series(1, $2::int) n
                """, saleId.value(), SkuBook.MOST_SKUS);

        Throwable one = failureOf(skus.changeSku(TestBooks.ACTION, saleId, A, before -> rules("A", 1)));
        Throwable many = failureOf(skus.changeSkus(IMPORT, saleId, putting(List.of(rules("A", 1), rules("S1", 9)))));

        assertThat(one).isInstanceOf(TooManySkus.class);
        assertThat(many).isInstanceOf(TooManySkus.class);
        assertThat(await(skus.count(saleId))).isEqualTo(SkuBook.MOST_SKUS);
        assertThat(db.number(
                        "select count(*) from admin_actions where sale_id = $1 and action like 'stock%'",
                        saleId.value()))
                .isZero();
    }

    private static String version(Row row, int column) {
        JsonObject json = row.getJsonObject(column);
        return json == null ? "null" : String.valueOf(json.getValue("version", "told"));
    }

    private static SkuRules limited(long perCustomerLimit) {
        return new SkuRules(A, 10, null, Map.of(), null, perCustomerLimit, null, null, 1);
    }
}
