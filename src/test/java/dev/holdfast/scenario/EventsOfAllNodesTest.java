package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.EventReader;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Whichever node records, every node tells: each event once, in one order, also to those who change nodes. */
class EventsOfAllNodesTest {

    private static final int SALES = 12;

    @Test
    void twoNodesTellTheSameEventsEachOnceAndAReaderMayGoOnAtTheOther() {
        String redis = TestServers.redisUri();
        String postgres = TestServers.migratedDatabase();
        try (TestNode one = TestNode.start(redis, postgres, UnaryOperator.identity());
                TestNode two = TestNode.start(redis, postgres, UnaryOperator.identity());
                EventReader atOne = listen(one.api(), null);
                EventReader atTwo = listen(two.api(), null)) {
            await().until(() -> !atOne.lastId().isEmpty() && !atTwo.lastId().isEmpty());

            for (int n = 0; n < SALES; n++) {
                sellOut(n % 2 == 0 ? one.api() : two.api());
            }
            await().until(() ->
                    atOne.events().size() == 2 * SALES && atTwo.events().size() == 2 * SALES);

            assertThat(atTwo.events()).isEqualTo(atOne.events());
            assertThat(ids(atOne)).isSorted().doesNotHaveDuplicates();
            EventReader.Event half = atOne.events().get(SALES);
            try (EventReader rest = listen(two.api(), half.id())) {
                await().until(() -> rest.events().size() == SALES - 1);
                assertThat(rest.events()).isEqualTo(atOne.events().subList(SALES + 1, 2 * SALES));
            }
        }
    }

    /** Comes to low and to sold out. */
    private static void sellOut(Api api) {
        String sale = "events-" + UUID.randomUUID();
        api.putSale(sale, false).must(201);
        api.putStock(sale, "A", "{\"capacity\":5,\"lowStockThreshold\":1}").must(201);
        String id = api.hold(sale, "c", "A", 5).must(201).text("reservationId");
        api.confirm(sale, id).must(200);
    }

    private static EventReader listen(Api api, String last) {
        var request = api.onAdmin("GET", "/v1/admin/events", null);
        return EventReader.of(last == null ? request : request.header("Last-Event-ID", last));
    }

    private static List<Long> ids(EventReader reader) {
        return reader.events().stream().map(event -> Long.valueOf(event.id())).toList();
    }
}
