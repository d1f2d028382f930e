package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding.State;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.support.TestWait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A reader who does not take what he is sent. */
class StockWatcherTest {

    private static final int SKUS = 3_000;
    private static final int FRAMES = 100;

    private final EventStreams streams = new EventStreams(1, EventStreams.USUAL_HEARTBEAT);
    private final AtomicReference<OpenStream> opened = new AtomicReference<>();

    @Test
    void whoReadsSlowlyIsToldOnceWhatItHasComeToAndNothingPilesUp() {
        List<StockFrame> frames = frames();

        Endpoint stream = Endpoint.get(
                "/stream", Access.OPEN, call -> Future.succeededFuture(new EventStream(streams, opened::set)));
        try (LoneListener listener = new LoneListener(List.of(stream), TestWait.LIMIT);
                RawConnection slow = listener.connect()) {
            slow.send("GET /stream HTTP/1.1\nhost: test\n\n");
            await().until(() -> opened.get() != null);
            StockWatcher watcher = new StockWatcher(opened.get());
            frames.forEach(watcher::show);
            Promise<Void> shown = Promise.promise();
            opened.get().onLoop(shown::complete);
            TestWait.of(shown.future());

            String read = slow.readUntil("\"sku\":\"SKU-" + (SKUS - 1) + "\",\"capacity\":1000,\"available\":"
                    + (1000 - FRAMES) + ",\"held\":0,\"sold\":" + FRAMES);

            assertThat(read.split("event: snapshot", -1)).hasSize(2);
            assertThat(read.split("event: changes", -1).length - 1).isBetween(1, FRAMES / 2);
        }
    }

    /** In each, every SKU has one unit less than in the one before. */
    private static List<StockFrame> frames() {
        List<StockFrame> frames = new ArrayList<>();
        StockFrame frame = StockFrame.first(new SaleId("demo"), State.OPEN, counts(0));
        frames.add(frame);
        for (int sold = 1; sold <= FRAMES; sold++) {
            frame = frame.next(State.OPEN, counts(sold));
            frames.add(frame);
        }
        return frames;
    }

    private static List<StockCount> counts(int sold) {
        return IntStream.range(0, SKUS)
                .mapToObj(n -> new StockCount(new Sku("SKU-" + n), 1000, 1000 - sold, 0, sold, 1))
                .toList();
    }
}
