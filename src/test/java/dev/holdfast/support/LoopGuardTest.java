package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopGuardTest {

    @Test
    void aBlockedEventLoopIsNoticed() {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setMaxEventLoopExecuteTime(20)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setBlockedThreadCheckInterval(20)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS));
        CountDownLatch noticed = new CountDownLatch(1);

        try (LoopGuard guard = new LoopGuard()) {
            vertx.runOnContext(on -> blockUntil(noticed));

            await().untilAsserted(() -> assertThat(guard.warnings()).isNotEmpty());
        } finally {
            noticed.countDown();
            var unused = vertx.close();
        }
    }

    private static void blockUntil(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
