package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ledger.KnownSales.Known;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KnownSalesTest {

    private final AtomicLong nanos = new AtomicLong();
    private final KnownSales sales = new KnownSales(nanos::get);
    private final SaleId saleId = new SaleId("shoes");

    @Test
    void anAnswerThatWasOvertakenIsForgotten() {
        Known later = known(ListedSale.LaneState.RECOVERING, 3);
        Known earlier = known(ListedSale.LaneState.OPEN, 2);

        sales.remember(later);
        sales.remember(earlier);

        assertThat(sales.get(saleId)).isEqualTo(later.listed());
    }

    @Test
    void whatSomebodyChangedByHandCountsThoughItsStampIsAsItWas() {
        Known changed = known(ListedSale.LaneState.FROZEN, 2);
        sales.remember(known(ListedSale.LaneState.OPEN, 2));

        sales.remember(changed);

        assertThat(sales.get(saleId)).isEqualTo(changed.listed());
    }

    @Test
    void thatThereIsNoSuchSaleIsRememberedForASecond() {
        sales.rememberAbsent(saleId);

        boolean atOnce = sales.justAbsent(saleId);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        boolean later = sales.justAbsent(saleId);

        assertThat(atOnce).isTrue();
        assertThat(later).isFalse();
    }

    @Test
    void aSaleThatAppearsIsNotAbsentAnyMore() {
        sales.rememberAbsent(saleId);

        sales.remember(known(ListedSale.LaneState.PREPARING, 1));

        assertThat(sales.justAbsent(saleId)).isFalse();
    }

    @Test
    void madeUpSaleIdsCostLittle() {
        for (int i = 0; i < 10_001; i++) {
            sales.rememberAbsent(new SaleId("made-up-" + i));
        }

        assertThat(sales.justAbsent(new SaleId("made-up-0"))).isFalse();
        assertThat(sales.justAbsent(new SaleId("made-up-10000"))).isTrue();
    }

    @Test
    void aSaleThatIsOverIsForgottenTheSecondTimeSoThatAnOldAnswerDoesNotBringItBack() {
        sales.remember(known(ListedSale.LaneState.RETIRED, 3));

        Set<SaleId> first = sales.forgetRetired();
        ListedSale old = sales.remember(known(ListedSale.LaneState.OPEN, 2));
        Set<SaleId> second = sales.forgetRetired();

        assertThat(first).isEmpty();
        assertThat(old.laneState()).isEqualTo(ListedSale.LaneState.RETIRED);
        assertThat(second).containsExactly(saleId);
        assertThat(sales.get(saleId)).isNull();
    }

    private Known known(ListedSale.LaneState state, long stamp) {
        return new Known(new ListedSale(TestBooks.sale(saleId), new Lane(saleId, 0, 1), state), stamp);
    }
}
