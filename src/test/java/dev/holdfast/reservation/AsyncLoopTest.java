package dev.holdfast.reservation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AsyncLoopTest {

    /** Nested futures overflowed the stack at 8,000 steps on a warm JVM. */
    private static final int MANY = 200_000;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger steps = new AtomicInteger();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void stepsThatCompleteAtOnceEnd() throws Exception {
        Future<Void> loop = AsyncLoop.whileTrue(() -> Future.succeededFuture(steps.incrementAndGet() < MANY));

        loop.await(20, TimeUnit.SECONDS);

        assertThat(steps).hasValue(MANY);
    }

    @Test
    void stepsThatCompleteLaterOnAnEventLoopEnd() throws Exception {
        Context context = vertx.getOrCreateContext();

        Future<Void> loop = AsyncLoop.whileTrue(() -> {
            Promise<Boolean> later = Promise.promise();
            context.runOnContext(now -> later.complete(steps.incrementAndGet() < MANY));
            return later.future();
        });
        loop.await(20, TimeUnit.SECONDS);

        assertThat(steps).hasValue(MANY);
    }

    @Test
    void theFirstFailureEndsIt() {
        Future<Void> loop = AsyncLoop.whileTrue(() ->
                steps.incrementAndGet() < 3 ? Future.succeededFuture(true) : Future.failedFuture("the third step"));

        assertThatThrownBy(loop::await).hasMessage("the third step");
        assertThat(steps).hasValue(3);
    }

    @Test
    void aStepThatThrowsEndsIt() {
        Future<Void> loop = AsyncLoop.whileTrue(() -> {
            throw new IllegalStateException("thrown");
        });

        assertThatThrownBy(loop::await).hasMessage("thrown");
    }

    @Test
    void chunksOfALongListAreTakenInTheirOrder() throws Exception {
        List<Integer> all = IntStream.range(0, MANY).boxed().toList();
        AtomicInteger next = new AtomicInteger();

        Future<Void> taken = Chunks.inTurn(all, 1, some -> {
            assertThat(some).containsExactly(next.getAndIncrement());
            return Future.succeededFuture();
        });
        taken.await(20, TimeUnit.SECONDS);

        assertThat(next).hasValue(MANY);
    }
}
