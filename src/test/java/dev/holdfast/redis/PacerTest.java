package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacerTest {

    private final Vertx vertx = Vertx.vertx();
    private final Context context = ((VertxInternal) vertx).createEventLoopContext();
    private final BlockingQueue<Promise<String>> begun = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void fewCallsAreUnderWayAtOnceAndAllGetTheirTurn() throws InterruptedException {
        Pacer pacer = new Pacer(context, 2);

        List<Future<String>> asked = ask(pacer, 5);

        Promise<String> one = next();
        Promise<String> two = next();
        assertThat(begun).isEmpty();
        one.complete("1");
        two.fail("broken");
        next().complete("3");
        next().complete("4");
        next().complete("5");
        List<String> answers = new ArrayList<>();
        for (Future<String> each : asked) {
            answers.add(each.otherwise(Throwable::getMessage).await());
        }
        assertThat(answers).containsExactly("1", "broken", "3", "4", "5");
    }

    @Test
    void aRestFollowsThatIsFourTimesAsLongAsTheCall() throws InterruptedException {
        Pacer pacer = new Pacer(context, 1);
        List<Future<String>> asked = ask(pacer, 2);

        long start = System.nanoTime();
        Promise<String> one = next();
        vertx.setTimer(4, over -> one.complete("1"));
        Promise<String> two = next();
        long waited = System.nanoTime() - start;
        two.complete("2");

        // A timer may be a millisecond early.
        assertThat(waited).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(3 + 4 * 3));
        assertThat(asked.getLast().await()).isEqualTo("2");
    }

    private List<Future<String>> ask(Pacer pacer, int times) {
        return Future.<List<Future<String>>>future(done -> context.runOnContext(on -> {
                    List<Future<String>> asked = new ArrayList<>();
                    for (int i = 0; i < times; i++) {
                        asked.add(pacer.call(() -> {
                            Promise<String> call = Promise.promise();
                            begun.add(call);
                            return call.future();
                        }));
                    }
                    done.complete(asked);
                }))
                .await();
    }

    private Promise<String> next() throws InterruptedException {
        Promise<String> call = begun.poll(20, TimeUnit.SECONDS);
        assertThat(call).as("a call that began").isNotNull();
        return call;
    }
}
