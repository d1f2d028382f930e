package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Settings;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where more holds come than Redis can answer, the excess is told so at once, and everything else goes on. */
class HoldGateTest {

    private static final int MOST_WAITING = 20;
    private static final int FLOOD = 300;
    private static final String SKU = "GPU";

    private static LocalRedis redis;
    private static TestNode node;
    private static Api api;

    private final String saleId = "flood-" + UUID.randomUUID();

    @BeforeAll
    static void startANodeWithOneLoop() {
        redis = TestServers.ownRedis();
        node = TestNode.start(
                redis.uri(),
                TestServers.migratedDatabase(),
                new Settings.Rush(Duration.ZERO, MOST_WAITING),
                tuning -> tuning.withHttpLoops(1));
        api = node.api();
    }

    @AfterAll
    static void stopIt() {
        node.close();
    }

    @BeforeEach
    void putUpMoreThanAllCanHave() {
        api.putSale(saleId, false).must(201);
        api.putStock(saleId, SKU, 2L * FLOOD).must(201);
    }

    @Test
    void theExcessIsTurnedAwayAndAConfirmPasses() throws Exception {
        String id = api.hold(saleId, "early", SKU, 1).must(201).text("reservationId");
        Map<String, Answer> flood = new ConcurrentHashMap<>();
        Future<Answer> confirm;
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            signal("STOP");
            try {
                for (int i = 0; i < FLOOD; i++) {
                    String customer = "c-" + i;
                    callers.execute(() -> flood.put(customer, hold(customer)));
                }
                await().until(() -> flood.size() >= FLOOD - MOST_WAITING);
                confirm = callers.submit(() -> api.confirm(saleId, id));
            } finally {
                signal("CONT");
            }
        }

        assertThat(confirm.get().status()).isEqualTo(200);
        assertThat(confirm.get().text("state")).isEqualTo("confirmed");
        assertThat(flood).hasSize(FLOOD);
        Map<String, Integer> codes = codes(flood);
        assertThat(codes.get("overloaded")).isGreaterThanOrEqualTo(FLOOD - MOST_WAITING);
        assertThat(node.metric("holdfast_shed_holds_total")).isGreaterThanOrEqualTo(FLOOD - MOST_WAITING);
        flood.values().stream().filter(answer -> answer.status() == 503).forEach(answer -> {
            assertThat(answer.header("retry-after").orElseThrow()).matches("[123]");
        });
        // Who was turned away has nothing, and gets a reservation of its own by the same key now; all others have the
        // one they got.
        await().until(() -> api.hold(saleId, "late", SKU, 1).status() == 201);
        flood.forEach((customer, answer) -> assertThat(hold(customer).status())
                .as("%s after %s", customer, answer.text())
                .isEqualTo(answer.code().equals("overloaded") ? 201 : 200));
        Answer stock = api.stock(saleId, SKU);
        assertThat(stock.body().path("sold").asInt()).isEqualTo(1);
        assertThat(stock.body().path("held").asInt()).isEqualTo(FLOOD + 1);
    }

    @Test
    void whereRedisIsSilentAHoldIsToldAtOnceAndNotAtItsTimeOut() throws Exception {
        String id = api.hold(saleId, "early", SKU, 1).must(201).text("reservationId");
        double before = node.metric("holdfast_shed_holds_total");
        Answer first;
        Answer turnedAway;
        Answer read;
        Answer invalid;
        signal("STOP");
        try {
            // It waits alone, to its time-out; by then Redis is known to be silent.
            first = hold("first");
            turnedAway = hold("third");
            invalid = api.hold(saleId, "not even JSON", null);
            read = api.reservation(saleId, id);
        } finally {
            signal("CONT");
        }

        assertProblem(first, 503, "outcome-unknown");
        assertProblem(turnedAway, 503, "overloaded");
        assertProblem(invalid, 503, "overloaded");
        assertProblem(read, 503, "redis-unavailable");
        assertThat(node.metric("holdfast_shed_holds_total")).isGreaterThan(before + 1);
        await().until(() -> hold("fourth").status() < 300);
        assertThat(hold("third").status()).isEqualTo(201);
        assertThat(hold("first").status()).isEqualTo(200);
    }

    private Answer hold(String customer) {
        return api.hold(saleId, Api.cart(customer, SKU, 1), "key-of-" + customer);
    }

    /** How often each code came; the empty one for what was held. */
    private static Map<String, Integer> codes(Map<String, Answer> answers) {
        Map<String, Integer> codes = new TreeMap<>();
        answers.values().forEach(answer -> codes.merge(answer.code(), 1, Integer::sum));
        return codes;
    }

    private static void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(redis.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
