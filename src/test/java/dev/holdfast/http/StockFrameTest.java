package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding.State;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class StockFrameTest {

    private final StockFrame first = StockFrame.first(new SaleId("demo"), State.OPEN, counts(a(10), b(5)));

    @Test
    void whoKnowsNothingIsToldAll() {
        assertThat(first.since(StockFrame.NONE)).hasToString("""
                event: snapshot
                data: {"saleId":"demo","state":"open","items":[\
                {"sku":"A","capacity":10,"available":10,"held":0,"sold":0,"version":1},\
                {"sku":"B","capacity":5,"available":5,"held":0,"sold":0,"version":1}]}

                """);
    }

    @Test
    void whoKnowsTheFrameBeforeIsToldWhatIsDifferent() {
        StockFrame second = first.next(State.OPEN, counts(a(10), b(4)));

        assertThat(second.since(first.number())).hasToString("""
                event: changes
                data: {"saleId":"demo","state":"open","items":[\
                {"sku":"B","capacity":5,"available":4,"held":1,"sold":0,"version":1}]}

                """);
    }

    @Test
    void whoLaggedIsToldOnceWhatItHasComeTo() {
        StockFrame second = first.next(State.OPEN, counts(a(9), b(5)));
        StockFrame third = second.next(State.OPEN, counts(a(8), b(5)));
        StockFrame fourth = third.next(State.PAUSED, counts(a(8), b(4)));

        assertThat(fourth.since(first.number()).toString())
                .contains("\"state\":\"paused\"", "\"available\":8", "\"available\":4")
                .doesNotContain("\"available\":9");
        assertThat(fourth.since(third.number()).toString()).doesNotContain("\"sku\":\"A\"");
    }

    @Test
    void aSkuThatIsNewIsAChange() {
        StockFrame second = first.next(State.OPEN, counts(a(10), b(5), count("C", 3, 3)));

        assertThat(second.since(first.number()).toString()).contains("\"items\":[{\"sku\":\"C\",\"capacity\":3");
    }

    @Test
    void whereNothingIsDifferentTheFrameIsTheSame() {
        assertThat(first.next(State.OPEN, counts(a(10), b(5)))).isSameAs(first);
        assertThat(first.in(State.OPEN)).isSameAs(first);
    }

    @Test
    void aStateThatChangesIsToldWithoutCounts() {
        StockFrame closed = first.in(State.RECOVERING);

        assertThat(closed.since(first.number()).toString()).contains("\"state\":\"recovering\",\"items\":[]");
    }

    private static StockCounts counts(StockCount... counts) {
        return StockCounts.of(List.of(counts));
    }

    private static StockCount a(long available) {
        return count("A", 10, available);
    }

    private static StockCount b(long available) {
        return count("B", 5, available);
    }

    private static StockCount count(String sku, long capacity, long available) {
        return new StockCount(new Sku(sku), capacity, available, capacity - available, 0, 1);
    }
}
