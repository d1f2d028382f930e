package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.lettuce.core.RedisClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes are restarted in turn while people buy: whoever asks the other node once more gets what they asked for. */
class RollingRestartTest {

    private static final Duration PATIENCE = TestWait.LIMIT;
    private static final int CLIENTS = 6;
    private static final int BOUGHT_BETWEEN = 50;

    private static String database;
    private static NodeProcess one;
    private static NodeProcess two;

    private final String saleId = "rolling-" + UUID.randomUUID();
    private final AtomicInteger bought = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean over;
    private volatile @Nullable NodeProcess restarting;

    @BeforeAll
    static void start() {
        database = TestServers.freshDatabase();
        one = NodeProcess.start(TestServers.redisUri(), database, Duration.ofSeconds(2));
        two = NodeProcess.start(TestServers.redisUri(), database, Duration.ofSeconds(2));
        one.awaitReady();
        two.awaitReady();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    @Test
    void nobodyWhoAsksTwiceIsRefused() throws Exception {
        BooksReader books = new BooksReader(database);
        one.api().putSale(saleId, false).must(201);
        one.api().putStock(saleId, "A", 1_000_000).must(201);
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            int number = client;
            clients.add(Thread.ofVirtual().start(() -> buyUntilItIsOver(number)));
        }

        for (NodeProcess node : List.of(one, two, one)) {
            awaitBought(BOUGHT_BETWEEN);
            restarting = node;
            int exitCode = node.end();
            awaitBought(BOUGHT_BETWEEN);
            node.restart();
            node.awaitReady();
            restarting = null;

            assertThat(exitCode).isZero();
        }
        awaitBought(BOUGHT_BETWEEN);
        over = true;
        for (Thread client : clients) {
            client.join();
        }

        System.out.printf("%d bought, %d requests were sent again%n", bought.get(), retries.get());
        assertThat(failures).isEmpty();
        assertThat(retries).hasPositiveValue();
        assertThat(one.api().stock(saleId, "A").body().path("sold").asLong()).isEqualTo(bought.get());
        try (RedisClient client = RedisClient.create(TestServers.redisUri())) {
            long last = new LaneReader(client.connect().sync(), saleId).lastSeq();
            await().atMost(PATIENCE).until(() -> books.recordedSeq(saleId) >= last);
        }
    }

    @Test
    void aNodeThatEndsGivesItsLanesBackAtOnce() {
        BooksReader books = new BooksReader(database);
        one.api().putSale(saleId, false).must(201);
        one.api().putStock(saleId, "A", 100).must(201);
        await().atMost(PATIENCE).until(() -> !books.recorder(saleId).isEmpty());

        int exitOfOne = one.end();
        int exitOfTwo = two.end();
        String recorder = books.recorder(saleId);
        one.restart();
        two.restart();
        one.awaitReady();
        two.awaitReady();

        assertThat(recorder)
                .as("a lease that was not given back names its node for three seconds")
                .isEmpty();
        assertThat(List.of(exitOfOne, exitOfTwo)).containsOnly(0);
        one.api().hold(saleId, "ann", "A", 1).must(201);
        await().atMost(PATIENCE).until(() -> books.state(saleId).reservations().size() == 1);
    }

    private void buyUntilItIsOver(int client) {
        for (int round = client; !over; round++) {
            String key = saleId + "-" + client + "-" + round;
            String body = Api.cart("customer-" + key, "A", 1);
            NodeProcess first = round % 2 == 0 ? one : two;
            NodeProcess second = round % 2 == 0 ? two : one;
            Answer held = twice(first, second, api -> api.hold(saleId, body, key));
            if (held != null) {
                Answer confirmed = twice(second, first, api -> api.confirm(saleId, held.text("reservationId")));
                if (confirmed != null) {
                    bought.incrementAndGet();
                }
            }
        }
    }

    /** Null where both attempts failed, which is noted. */
    private @Nullable Answer twice(NodeProcess first, NodeProcess second, Function<Api, Answer> request) {
        String failed = "";
        for (NodeProcess node : List.of(first, second)) {
            try {
                Answer answer = answered(node, request);
                if (answer.status() < 300) {
                    return answer;
                }
                failed += answer.status() + " " + answer.text() + "; ";
            } catch (UncheckedIOException broken) {
                failed += broken + "; ";
            }
            retries.incrementAndGet();
        }
        failures.add(failed);
        return null;
    }

    /** A node that nobody restarts answers 503 only where the machine is too busy for Redis or for it: then it is asked again. */
    private Answer answered(NodeProcess node, Function<Api, Answer> request) {
        long began = System.nanoTime();
        Answer answer;
        boolean isLeftAlone;
        do {
            isLeftAlone = !node.equals(restarting);
            answer = request.apply(node.api());
            isLeftAlone &= !node.equals(restarting);
        } while (answer.status() == 503 && isLeftAlone && System.nanoTime() - began < PATIENCE.toNanos());
        return answer;
    }

    private void awaitBought(int more) {
        int before = bought.get();
        await().atMost(PATIENCE).until(() -> bought.get() >= before + more);
    }
}
