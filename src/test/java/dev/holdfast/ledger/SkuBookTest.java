package dev.holdfast.ledger;

import static dev.holdfast.ledger.TestBooks.await;
import static dev.holdfast.ledger.TestBooks.rules;
import static dev.holdfast.ledger.TestBooks.sale;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.SkuBook.SkuChange;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import io.vertx.core.Future;
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
                .contains(new Unapplied(await(db.books.sales().find(preparing)).orElseThrow(), List.of()))
                .contains(new Unapplied(await(db.books.sales().find(saleId)).orElseThrow(), List.of(rules("A", 10))));
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

    private static SkuRules limited(long perCustomerLimit) {
        return new SkuRules(A, 10, null, Map.of(), null, perCustomerLimit, null, null, 1);
    }
}
