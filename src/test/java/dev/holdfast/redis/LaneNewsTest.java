package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.LaneNews.Item;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LaneNewsTest {

    private final AtomicLong nanos = new AtomicLong(-17);
    private final AtomicInteger announced = new AtomicInteger();
    private final LaneNews news = new LaneNews(nanos::get);
    private final Lane one = new Lane(new SaleId("one"), 0, 7);
    private final Lane two = new Lane(new SaleId("two"), 0, 8);

    @Test
    void aLaneThatChangedOftenIsToldOnceAndAnnouncedOnce() {
        news.onNews(announced::incrementAndGet);

        news.changed(one);
        news.changed(one);
        news.changed(two);

        assertThat(announced).hasValue(1);
        assertThat(news.take()).containsExactlyInAnyOrder(new Item(one, null), new Item(two, null));
        assertThat(news.take()).isEmpty();
    }

    @Test
    void whatHappensAfterItWasTakenIsAnnouncedAnew() {
        news.onNews(announced::incrementAndGet);
        news.changed(one);
        List<Item> first = news.take();

        news.changed(one);

        assertThat(first).hasSize(1);
        assertThat(announced).hasValue(2);
        assertThat(news.take()).containsExactly(new Item(one, null));
    }

    @Test
    void ofSeveralDeadlinesTheFirstIsToldAsFarAwayAsItIsThen() {
        news.onNews(announced::incrementAndGet);
        news.changed(one);
        news.dueIn(one, 5_000);
        news.dueIn(one, 2_000);
        news.dueIn(one, 9_000);
        news.dueIn(two, 100);

        nanos.addAndGet(500_000_000L);

        assertThat(news.take()).containsExactlyInAnyOrder(new Item(one, 1_500L), new Item(two, 0L));
    }

    @Test
    void nothingIsKeptWhileNobodyListens() {
        news.changed(one);
        news.dueIn(one, 5_000);

        assertThat(news.take()).isEmpty();
    }
}
