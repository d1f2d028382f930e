package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.TestWait;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams as such, with nothing behind them. */
class EventStreamsTest {

    private static final Duration HEARTBEAT = Duration.ofMillis(100);
    private static final String GET = "GET /stream HTTP/1.1\nhost: test\n\n";

    private final EventStreams streams = new EventStreams(2, HEARTBEAT);
    private final Queue<OpenStream> opened = new ConcurrentLinkedQueue<>();
    private LoneListener listener;

    @AfterEach
    void close() {
        listener.close();
    }

    @Test
    void aStreamOutlivesTheIdleTimeoutOfItsConnection() {
        listenWith(opened::add);

        try (RawConnection reader = listener.connect()) {
            reader.send(GET);
            long began = System.nanoTime();
            reader.readUntil(":\n\n");
            await().until(() -> System.nanoTime() - began > 2 * LoneListener.IDLE_TIMEOUT.toNanos());
            OpenStream stream = opened.element();
            stream.onLoop(() -> stream.send(ServerSentEvent.of("late", Buffer.buffer("{}"))));

            reader.readUntil("event: late\ndata: {}\n\n");
        }
    }

    @Test
    void aReaderIsToldWhenToComeBackBeforeAnythingElse() {
        listenWith(opened::add);

        try (RawConnection reader = listener.connect()) {
            reader.send(GET);

            assertThat(reader.readUntil("\n\n")).containsPattern("\r\n\r\n[0-9a-f]+\r\nretry: [12][0-9]{3}\n\n$");
        }
    }

    @Test
    void moreThanMayBeOpenAreTurnedAwayUntilOneIsOver() {
        listenWith(opened::add);

        try (RawConnection one = listener.connect();
                RawConnection two = listener.connect();
                RawConnection three = listener.connect()) {
            one.send(GET).readUntil("retry: ");
            two.send(GET).readUntil("retry: ");
            String refused = three.send(GET).readAnswer();
            opened.element().onLoop(opened.element()::end);
            await().until(() -> streams.count() == 1);
            three.send(GET).readUntil("retry: ");

            assertThat(refused).contains("503 ", "\"code\":\"overloaded\"").containsIgnoringCase("retry-after: 1");
            assertThat(streams.count()).isEqualTo(2);
        }
    }

    @Test
    void endingEndsAllAndNoneBeginsAfterIt() {
        listenWith(opened::add);

        try (RawConnection one = listener.connect();
                RawConnection two = listener.connect()) {
            one.send(GET).readUntil("retry: ");
            TestWait.of(streams.end());
            String afterwards = two.send(GET).readAnswer();

            one.readUntil("\r\n0\r\n\r\n");
            assertThat(afterwards).contains("503 ", "\"code\":\"overloaded\"");
            assertThat(streams.count()).isZero();
        }
    }

    @Test
    void whoReadsNothingIsCutOffAndDoesNotKeepTheOthersFromEnding() {
        Buffer large = ServerSentEvent.of("large", Buffer.buffer("x".repeat(1 << 20)));
        listenWith(stream -> {
            opened.add(stream);
            for (int n = 0; n < 16; n++) {
                stream.send(large);
            }
        });

        try (RawConnection deaf = listener.connect()) {
            deaf.send(GET);
            await().until(() -> !opened.isEmpty() && opened.element().isFull());

            await().until(() -> opened.element().isOver());
            assertThat(streams.count()).isZero();
        }
    }

    @Test
    void aReaderOfHttp10IsServedUntilTheConnectionEnds() {
        listenWith(stream -> {
            stream.send(ServerSentEvent.of("only", Buffer.buffer("{}")));
            stream.end();
        });

        try (RawConnection reader = listener.connect()) {
            reader.send("GET /stream HTTP/1.0\nhost: test\n\n");

            assertThat(reader.readToEnd())
                    .contains("text/event-stream", "event: only\ndata: {}\n\n")
                    .doesNotContainIgnoringCase("transfer-encoding");
        }
    }

    private void listenWith(Consumer<OpenStream> begin) {
        listener = new LoneListener(List.of(
                Endpoint.get("/stream", Access.OPEN, call -> Future.succeededFuture(new EventStream(streams, begin)))));
    }
}
