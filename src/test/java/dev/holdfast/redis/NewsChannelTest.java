package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.redis.LaneNews.Item;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.support.TestServers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NewsChannelTest {

    private final SaleId saleId = new SaleId("sale-" + UUID.randomUUID());
    private final Lane lane = new Lane(saleId, 0, 7);

    @Test
    void whatOneNodeTellsTheOthersHearAndItselfDoesNot() {
        try (RedisRoom room = RedisRoom.shared();
                RedisRoom otherRoom = RedisRoom.shared()) {
            Ear own = new Ear(room, "one");
            Ear other = new Ear(otherRoom, "two");
            List<Item> news = List.of(new Item(lane, 1_500L), new Item(new Lane(saleId, 1, 8), null));

            room.await(() -> own.channel.tell(news));

            await().until(() -> other.heard.size() == 2);
            assertThat(other.heard).containsExactlyElementsOf(news);
            assertThat(own.heard).doesNotContainAnyElementsOf(news);
            own.close();
            other.close();
        }
    }

    @Test
    void moreLanesThanFitIntoOneMessageAreHeardAll() {
        try (RedisRoom room = RedisRoom.shared()) {
            Ear other = new Ear(room, "two");
            List<Item> news = IntStream.range(0, 1_700)
                    .mapToObj(n -> new Item(new Lane(saleId, n, 7), null))
                    .toList();

            room.await(() -> new NewsChannel(room.redis, "one").tell(news));

            await().until(() -> other.heard.size() >= 1_700);
            assertThat(other.heard).containsExactlyElementsOf(news);
            other.close();
        }
    }

    @Test
    void whatIsNoMessageOfOursIsLeftAlone() {
        try (RedisRoom room = RedisRoom.shared()) {
            Ear other = new Ear(room, "two");
            List.of(
                            "",
                            "2 one\nshoes 0 7 -",
                            "1 one\n",
                            "1 one\nshoes",
                            "1 one\nshoes 0 x -",
                            "1 one\n{} 0 7 -",
                            "hello")
                    .forEach(message -> room.look().publish("hf:news", message));

            room.await(() -> new NewsChannel(room.redis, "one").tell(List.of(new Item(lane, null))));

            await().until(() -> !other.heard.isEmpty());
            assertThat(other.heard).containsExactly(new Item(lane, null));
            other.close();
        }
    }

    @Test
    void whoeverListensIsToldWhereNewsMayHaveBeenMissedAndHearsAgain() {
        LocalRedis redis = TestServers.ownRedis();
        try (RedisRoom room = RedisRoom.at(redis.uri())) {
            Ear ear = new Ear(room, "two");
            int before = ear.missed.get();

            redis.kill();
            redis.restart();

            await().until(() -> ear.missed.get() > before);
            await().until(() -> {
                room.look().publish("hf:news", NewsChannel.text("one", List.of(new Item(lane, null))));
                return !ear.heard.isEmpty();
            });
            ear.close();
        } finally {
            redis.stop();
        }
    }

    /** Hears, once it is made. */
    private static final class Ear implements NewsChannel.Listener {

        private final List<Item> heard = new CopyOnWriteArrayList<>();
        private final AtomicInteger missed = new AtomicInteger();
        private final RedisRoom room;
        private final NewsChannel channel;

        Ear(RedisRoom room, String node) {
            this.room = room;
            channel = new NewsChannel(room.redis, node);
            room.context().runOnContext(on -> channel.listen(this));
            await().until(() -> {
                room.look().publish("hf:news", "1 test\nready 0 1 -");
                return !heard.isEmpty();
            });
            // What was published once more before the first was heard comes before what is sent from here on.
            room.look().publish("hf:news", "1 test\nlast 0 1 -");
            await().until(() -> heard.getLast().lane().saleId().value().equals("last"));
            heard.clear();
        }

        @Override
        public void heard(List<Item> news) {
            heard.addAll(news);
        }

        @Override
        public void missed() {
            missed.incrementAndGet();
        }

        void close() {
            room.await(channel::close);
        }
    }
}
