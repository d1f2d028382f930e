package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.EventReader;
import dev.holdfast.support.TestNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
    void aNodeThatIsToldToEndIsNotReadyFirstAndGoesOnServing() throws Exception {
        TestNode node = TestNode.startDraining(Duration.ofSeconds(5));
        String sale = "draining-" + UUID.randomUUID();
        node.api().putSale(sale, false).must(201);
        node.api().putStock(sale, "A", 10).must(201);
        assertThat(node.api().stock(sale).header("connection")).isEmpty();

        Thread ending = Thread.ofVirtual().start(node::close);
        await().until(() -> node.api().probe("/health/ready").status() == 503);
        Answer ready = node.api().probe("/health/ready");
        Answer hold = node.api().hold(sale, "c-1", "A", 1);
        boolean closed = isClosedAfterAnAnswer(node, "/v1/sales/" + sale + "/stock");
        ending.join();

        assertThat(ready.code()).isEqualTo("draining");
        assertThat(ready.body().path("redis").asBoolean()).isTrue();
        assertThat(ready.body().path("reasons").path(0).asText()).contains("told to end");
        assertThat(hold.status()).isEqualTo(201);
        assertThat(hold.header("connection")).hasValue("close");
        assertThat(closed).isTrue();
        assertThatThrownBy(() -> node.api().stock(sale)).hasCauseInstanceOf(ConnectException.class);
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

    /** A client that would send its next request on the same connection. */
    private static boolean isClosedAfterAnAnswer(TestNode node, String path) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), node.publicUri().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.startsWith("HTTP/1.1 200") && answer.endsWith("}");
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
