package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.Settings;
import dev.holdfast.Tuning;
import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node refuses without asking Redis, and what it must not. It remembers for a whole second here, to be seen doing it. */
class NearCacheTest {

    private static final String COUNTER = "holdfast_near_refusals_total";
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Redis's clock and ours are one here, but it counts whole milliseconds. */
    private static final Duration ONE_TICK = Duration.ofMillis(2);

    private static String database;
    private static TestNode node;
    private static TestNode other;
    private static Api api;

    private final String saleId = "near-" + UUID.randomUUID();

    @BeforeAll
    static void startTwoNodes() {
        database = TestServers.migratedDatabase();
        node = start(SECOND, UnaryOperator.identity());
        other = start(SECOND, UnaryOperator.identity());
        api = node.api();
    }

    @AfterAll
    static void stopThem() {
        node.close();
        other.close();
    }

    @BeforeEach
    void putUpThreeDresses() {
        api.putSale(saleId, "{\"holdSeconds\":600,\"maxHoldSeconds\":600,\"rehearsal\":true}")
                .must(201);
        api.putStock(saleId, "RED-M", "{\"capacity\":3,\"productId\":\"RED\"}").must(201);
        api.putStock(saleId, "RED-L", "{\"capacity\":50,\"productId\":\"RED\"}").must(201);
    }

    @Test
    void aNodeRefusesAgainWhatWasRefusedAndSaysTheSame() {
        api.hold(saleId, "anna", "RED-M", 2).must(201);
        double before = node.metric(COUNTER);

        Answer byRedis = askUntilRefusedNear(2);
        Answer byNode = api.hold(saleId, "carl", "RED-M", 3);

        assertThat(node.metric(COUNTER)).isGreaterThan(before);
        assertThat(byNode.status()).isEqualTo(409);
        assertThat(byNode.body().at("/shortages/0/requested").asInt()).isEqualTo(3);
        assertThat(byNode.body().at("/shortages/0/available").asInt()).isEqualTo(1);
        assertThat(byNode.body().at("/shortages/0/held").asInt()).isEqualTo(2);
        assertThat(byNode.body().path("alternatives"))
                .isEqualTo(byRedis.body().path("alternatives"))
                .isNotEmpty();
        assertThat(byNode.header("retry-after")).isEqualTo(byRedis.header("retry-after"));
        assertThat(node.metric("holdfast_reservations_total{outcome=\"out-of-stock\"}"))
                .isGreaterThanOrEqualTo(node.metric(COUNTER));
    }

    @Test
    void aSmallerCartMayStillBeHad() {
        api.hold(saleId, "anna", "RED-M", 2).must(201);
        askUntilRefusedNear(2);

        Answer one = api.hold(saleId, "carl", "RED-M", 1);

        assertThat(one.status()).isEqualTo(201);
    }

    @Test
    void aRetryIsAnsweredByRedisThoughAllIsSoldOut() {
        String cart = Api.cart("anna", "RED-M", 3);
        Answer first = api.hold(saleId, cart, "anna-1").must(201);
        askUntilRefusedNear(1);
        double before = node.metric(COUNTER);

        Answer again = api.hold(saleId, cart, "anna-1");
        Answer another = api.hold(saleId, Api.cart("bert", "RED-M", 1), "bert-1");

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text("reservationId")).isEqualTo(first.text("reservationId"));
        assertThat(another.code()).isEqualTo("out-of-stock");
        assertThat(node.metric(COUNTER)).isEqualTo(before);
    }

    @Test
    void whatMayHaveAnotherAnswerIsAskedOfRedis() {
        api.hold(saleId, "anna", "RED-M", 3).must(201);
        askUntilRefusedNear(1);
        double before = node.metric(COUNTER);

        Answer tooLong = api.hold(
                saleId,
                "{\"customerId\":\"bert\",\"items\":[{\"sku\":\"RED-M\",\"quantity\":1}],\"holdSeconds\":601}",
                null);
        Answer twoLines = api.hold(
                saleId,
                "{\"customerId\":\"bert\",\"items\":[{\"sku\":\"RED-L\",\"quantity\":1},{\"sku\":\"RED-M\",\"quantity\":1}]}",
                null);

        assertThat(tooLong.code()).isEqualTo("validation-failed");
        assertThat(twoLines.body().path("shortages")).hasSize(1);
        assertThat(node.metric(COUNTER)).isEqualTo(before);
    }

    @Test
    void whoGivesBackAndAsksAgainIsNotRefused() {
        for (int round = 0; round < 50; round++) {
            String id = api.hold(saleId, "anna", "RED-M", 3).must(201).text("reservationId");
            api.hold(saleId, "bert", "RED-M", 1).must(409);
            if (round % 2 == 0) {
                api.release(saleId, id).must(200);
            } else {
                api.replace(saleId, id, "RED-L", 1).must(200);
            }

            Answer again = api.hold(saleId, "carl", "RED-M", 3);

            assertThat(again.status()).as("round %d", round).isEqualTo(201);
            api.release(saleId, again.text("reservationId")).must(200);
        }
    }

    @Test
    void anAdminsChangeCountsAtOnce() {
        api.hold(saleId, "anna", "RED-M", 3).must(201);
        askUntilRefusedNear(1);

        api.turn(saleId, "pause", "a test").must(200);
        Answer paused = api.hold(saleId, "bert", "RED-M", 1);
        api.turn(saleId, "resume", "a test").must(200);
        askUntilRefusedNear(1);
        api.advanceClock(saleId, 600).must(200);
        Answer afterTheDeadline = api.hold(saleId, "bert", "RED-M", 1);

        assertThat(paused.code()).isEqualTo("sale-paused");
        assertThat(afterTheDeadline.status()).isEqualTo(201);
    }

    @Test
    void whatAnotherNodeGivesBackIsToBeHadOnceTheTimeIsOver() {
        String id = api.hold(saleId, "anna", "RED-M", 3).must(201).text("reservationId");
        int refusedMeanwhile = 0;
        // Until the node was seen remembering at all: else what is asserted below would prove nothing.
        for (int round = 0; round < 3 || refusedMeanwhile == 0; round++) {
            askUntilRefusedNear(1);
            other.api().release(saleId, id).must(200);
            long givenBack = System.nanoTime();

            Answer answer;
            long asked;
            do {
                asked = System.nanoTime();
                answer = api.hold(saleId, "bert", "RED-M", 3);
                refusedMeanwhile += answer.status() == 409 ? 1 : 0;
                assertThat(answer.status() == 409 && asked - givenBack > SECOND.toNanos())
                        .as("refused by what is older than a second")
                        .isFalse();
            } while (answer.status() == 409);
            id = answer.must(201).text("reservationId");
        }
    }

    @Test
    void aNodeMayBeToldToAskAlways() {
        try (TestNode asking = start(Duration.ZERO, UnaryOperator.identity())) {
            asking.api().hold(saleId, "anna", "RED-M", 3).must(201);

            for (int i = 0; i < 20; i++) {
                asking.api().hold(saleId, "bert", "RED-M", 1).must(409);
            }

            assertThat(asking.metric(COUNTER)).isZero();
        }
    }

    @Test
    void noUnitStaysIdleInADueHoldAndANodeThatDoesNotKnowTheDeadlineIsFoundOut() throws Exception {
        String hold = Scripts.bundled().text(Script.HOLD);
        String unaware = hold.replace("lane.now, lane.first_due,", "lane.now, '999999999999999',");
        assertThat(unaware).isNotEqualTo(hold);
        UnaryOperator<Tuning> planted =
                tuning -> tuning.withScripts(Scripts.bundled().with(Map.of(Script.HOLD, unaware)));

        try (TestNode wrong = start(SECOND, planted);
                ExecutorService buyers = Executors.newVirtualThreadPerTaskExecutor()) {
            var right = buyers.submit(() -> refusedAfterTheDeadline(node.api(), saleId));

            // Again where a busy machine did not ask it around the deadline.
            await().until(() -> refusedAfterTheDeadline(wrong.api(), "gpu-" + UUID.randomUUID()) > 0);
            assertThat(right.get()).isZero();
        }
    }

    /** How many were refused who asked after the only hold was due. */
    private static int refusedAfterTheDeadline(Api api, String saleId) {
        api.putSale(saleId, "{\"holdSeconds\":5,\"maxHoldSeconds\":5,\"rehearsal\":true}");
        api.putStock(saleId, "GPU", 1).must(201);
        Instant due = Instant.parse(api.hold(saleId, "anna", "GPU", 1).must(201).text("expiresAt"));
        // Half a second out of step with the deadline: who remembers for a second must not happen to ask just when the
        // hold ends.
        await().until(() -> Instant.now().isAfter(due.minusMillis(4_500)));
        int refused = 0;
        Answer answer;
        do {
            boolean isDue = Instant.now().isAfter(due.plus(ONE_TICK));
            answer = api.hold(saleId, "bert", "GPU", 1);
            refused += isDue && answer.status() == 409 ? 1 : 0;
        } while (answer.status() == 409 || answer.status() == 503);
        answer.must(201);
        return refused;
    }

    /** Asks for so many until the node has answered one by itself; the answer before that was Redis's. */
    @CanIgnoreReturnValue
    private Answer askUntilRefusedNear(int quantity) {
        double before = node.metric(COUNTER);
        Answer first = api.hold(saleId, "bert", "RED-M", quantity).must(409);
        await().until(() -> {
            api.hold(saleId, "bert", "RED-M", quantity).must(409);
            return node.metric(COUNTER) > before;
        });
        return first;
    }

    private static TestNode start(Duration nearCache, UnaryOperator<Tuning> tune) {
        var rush = new Settings.Rush(nearCache, Settings.Rush.usual().maxWaitingHolds());
        return TestNode.start(TestServers.redisUri(), database, rush, tune);
    }
}
