package dev.holdfast.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Tuning;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class LoopGuardTest {

    private static final Duration LIMIT = Duration.ofMillis(20);

    @Test
    void aBlockedEventLoopIsNoticed() {
        List<String> heard = new ArrayList<>();

        try (LoopGuard guard = new LoopGuard(LIMIT)) {
            blockUntil(LIMIT, () -> heard.addAll(guard.takeWarnings()));
        }

        assertThat(heard.getFirst()).contains("vert.x-eventloop-thread").contains("LoopGuardTest");
    }

    @Test
    void anEventLoopOfAnotherLimitIsNotListenedTo() {
        Duration other = LIMIT.plusMillis(1);

        try (LoopGuard guard = new LoopGuard(LIMIT);
                LoopGuard listener = new LoopGuard(other)) {
            blockUntil(other, () -> !listener.takeWarnings().isEmpty());

            assertThat(guard.takeWarnings()).isEmpty();
        }
    }

    @Test
    void anEventLoopThatIsBusyDuringAStartIsNotListenedTo() {
        try (LoopGuard guard = new LoopGuard(LIMIT);
                LoopGuard listener = new LoopGuard(LIMIT)) {
            boolean started = guard.deafDuring(() -> {
                blockUntil(LIMIT, () -> !listener.takeWarnings().isEmpty());
                return true;
            });

            assertThat(started).isTrue();
            assertThat(guard.takeWarnings()).isEmpty();
        }
    }

    @Test
    void aBlockedEventLoopOfATestNodeIsNoticed() {
        blockUntil(
                Tuning.defaults().watched().blockedAfter(),
                () -> !TestNode.takeLoopWarnings().isEmpty());
    }

    /** Ends once the loop is free again, so that nothing is heard of it later. */
    private static void blockUntil(Duration limit, BooleanSupplier noticed) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setMaxEventLoopExecuteTime(limit.toMillis())
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setBlockedThreadCheckInterval(limit.toMillis())
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS));
        CountDownLatch free = new CountDownLatch(1);
        vertx.runOnContext(on -> waitFor(free));
        try {
            await().until(noticed::getAsBoolean);
        } finally {
            free.countDown();
            TestWait.of(vertx.close());
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
