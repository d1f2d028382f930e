package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.EventReader;
import dev.holdfast.support.TestNode;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A node that is told to end answers what it has taken on, and takes nothing more on. */
class ShutdownTest {

    private static final int CLIENTS = 4;

    @Test
    void whoeverGetsAnAnswerWhileANodeEndsGetsARealOne() throws Exception {
        TestNode node = TestNode.start();
        String sale = "ending-" + UUID.randomUUID();
        node.api().putSale(sale, false).must(201);
        node.api().putStock(sale, "A", 1_000_000).must(201);
        Queue<Integer> statuses = new ConcurrentLinkedQueue<>();

        List<Thread> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> Thread.ofVirtual().start(() -> buyUntilNobodyAnswers(node.api(), sale, statuses)))
                .toList();
        await().until(() -> statuses.size() > 100);
        node.close();
        for (Thread client : clients) {
            client.join();
        }

        assertThat(statuses).containsOnly(201);
    }

    @Test
    void aNodeThatEndsEndsItsStreamsAndDoesNotWaitForThem() {
        TestNode node = TestNode.start();
        String sale = "watched-" + UUID.randomUUID();
        node.api().putSale(sale, false).must(201);
        node.api().putStock(sale, "A", 10).must(201);

        try (EventReader stock =
                        EventReader.of(node.api().onPublic("GET", "/v1/sales/" + sale + "/stock/events", null));
                EventReader events = EventReader.of(node.api().onAdmin("GET", "/v1/admin/events", null))) {
            await().until(() -> !stock.events().isEmpty() && !events.lastId().isEmpty());
            assertThat(node.metric("holdfast_event_streams{stream=\"stock\"}")).isEqualTo(1);
            assertThat(node.metric("holdfast_event_streams{stream=\"events\"}")).isEqualTo(1);
            node.close();

            await().until(() -> stock.hasEnded() && events.hasEnded());
            assertThat(stock.wasCutOff() || events.wasCutOff()).isFalse();
        }
    }

    private static void buyUntilNobodyAnswers(Api api, String sale, Queue<Integer> statuses) {
        String customer = "c-" + UUID.randomUUID();
        try {
            while (true) {
                statuses.add(api.hold(sale, customer, "A", 1).status());
            }
        } catch (RuntimeException connectionRefused) {
            assertThat(connectionRefused).hasMessageNotContaining("interrupted");
        }
    }
}
