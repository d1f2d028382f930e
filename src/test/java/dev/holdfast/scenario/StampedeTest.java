package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The moment for which Holdfast is made. */
class StampedeTest {

    private static final int BUYERS = 3000;
    private static final int UNITS = 100;
    private static final int CONNECTIONS = 300;

    private final String saleId = "stampede-" + UUID.randomUUID();
    private final History history = new History();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

    @Test
    void threeThousandBuyersGetExactlyTheHundredUnitsThereAre() {
        BooksReader books = new BooksReader(TestServers.postgresUri());
        TestNode one = TestNode.shared();
        TestNode two = TestNode.neighbour();
        try (RedisClient client = RedisClient.create(TestServers.redisUri())) {
            Api api = new Api(one.publicUri(), one.adminUri());
            LaneReader lane = new LaneReader(client.connect().sync(), saleId);
            assertThat(api.putSale(saleId, false).status()).isEqualTo(201);
            assertThat(api.putStock(saleId, "GPU", UNITS).status()).isEqualTo(201);

            stampede(List.of(one, two));

            await().until(() -> books.recordedSeq(saleId) == lane.lastSeq());
            BooksState recorded = books.state(saleId);
            assertThat(api.stock(saleId, "GPU").body().path("available").asInt())
                    .isZero();
            assertThat(recorded.stock()).containsEntry("GPU", new Counts(UNITS, 0, 0, UNITS));
            assertThat(recorded.reservations().values())
                    .filteredOn(row -> row.state().equals("confirmed"))
                    .hasSize(UNITS);
            assertThat(refusedAs("out-of-stock")).isEqualTo(BUYERS - UNITS);
            assertThat(answers).hasSize(BUYERS + UNITS);
            var evidence = new Evidence(Map.of(), lane.ledger(), lane.state(), recorded, history.operations());
            assertThat(HistoryChecker.check(evidence).found()).isEmpty();
        }
    }

    /** Everyone asks once; who gets a unit buys it. */
    private void stampede(List<TestNode> nodes) {
        BlockingQueue<Shop> ways = new ArrayBlockingQueue<>(CONNECTIONS);
        for (int i = 0; i < CONNECTIONS; i++) {
            ways.add(new HttpShop(nodes.get(i % nodes.size()).publicUri(), Api.CHECKOUT_KEY, saleId));
        }
        try (ExecutorService buyers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < BUYERS; i++) {
                int buyer = i;
                buyers.execute(() -> buy(buyer, ways));
            }
        }
        List<Shop> all = new ArrayList<>(ways);
        all.forEach(Shop::close);
        assertThat(all).hasSize(CONNECTIONS);
    }

    private void buy(int buyer, BlockingQueue<Shop> ways) {
        try {
            Shop way = ways.take();
            try {
                Ask hold = new Ask.Hold("buyer-" + buyer, "first", Lines.of("GPU", 1), null);
                Answer answer = askUntilKnown(buyer, way, hold);
                answers.add(answer);
                if (answer instanceof Answer.Done done) {
                    answers.add(askUntilKnown(
                            buyer, way, new Ask.Confirm(done.shown().id())));
                }
            } finally {
                ways.add(way);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As a good caller does: what is unknown, or not to be had for a moment, is asked again with the same key. */
    private Answer askUntilKnown(int buyer, Shop way, Ask ask) {
        Answer answer;
        do {
            answer = history.log(buyer, 0, ask, () -> way.ask(ask, Fault.NONE));
        } while (answer instanceof Answer.Unknown || isForAMoment(answer));
        return answer;
    }

    private static boolean isForAMoment(Answer answer) {
        return answer instanceof Answer.Refused refused
                && List.of("overloaded", "redis-unavailable").contains(refused.code());
    }

    private long refusedAs(String code) {
        return answers.stream()
                .filter(answer -> answer instanceof Answer.Refused refused
                        && refused.code().equals(code))
                .count();
    }
}
