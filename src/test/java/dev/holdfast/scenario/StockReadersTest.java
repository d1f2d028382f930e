package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.redis.Script;
import dev.holdfast.redis.Scripts;
import dev.holdfast.support.Api;
import dev.holdfast.support.EventReader;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Anyone may read stock, as often as they like: nobody is kept from buying by that. */
class StockReadersTest {

    private static final String MARK = "cmdstat_hstrlen";
    private static final int SKUS = 20_000;
    private static final int ROWS_A_FILE = 2_000;
    private static final int READERS = 4;
    private static final int HOLDS = 150;

    private final String wide = "wide-" + UUID.randomUUID();
    private final String narrow = "narrow-" + UUID.randomUUID();
    private final AtomicBoolean reading = new AtomicBoolean(true);
    private final Queue<HttpResponse<byte[]>> read = new ConcurrentLinkedQueue<>();

    /** A command that nothing else uses stands beside each HSCAN by which stock is counted: inspections scan, too. */
    private static Scripts countingMarked() {
        Scripts scripts = Scripts.bundled();
        String scan = "local step = redis.call('HSCAN'";
        String text = scripts.text(Script.STOCK);
        assertThat(text).contains(scan);
        return scripts.with(
                Map.of(Script.STOCK, text.replace(scan, "redis.call('HSTRLEN', STOCK, '|skus')\n    " + scan)));
    }

    @Test
    void readersOfTheLargestSaleDoNotStopAnother() throws Exception {
        String redisUri = TestServers.ownRedis().uri();
        try (TestNode node = TestNode.start(
                        redisUri, TestServers.freshDatabase(), tuning -> tuning.withScripts(countingMarked()));
                RedisClient client = RedisClient.create(redisUri)) {
            RedisCommands<String, String> redis = client.connect().sync();
            Api api = node.api();
            putUp(api);
            assertThat(items(api.stock(wide).must(200))).isEqualTo(SKUS);
            assertThat(redis.info("commandstats")).contains(MARK);
            redis.configResetstat();

            List<Integer> held;
            try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
                    EventReader watcher = watch(node)) {
                List<Future<?>> ends = new ArrayList<>();
                for (int i = 0; i < READERS; i++) {
                    ends.add(readers.submit(() -> {
                        readUntilStopped(node);
                        return null;
                    }));
                }
                await().atMost(Duration.ofSeconds(60)).until(() -> read.size() >= READERS);
                held = IntStream.range(0, HOLDS)
                        .mapToObj(i -> api.hold(narrow, "buyer-" + i, "ONE", 1).status())
                        .toList();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> !watcher.events("snapshot").isEmpty());
                reading.set(false);
                for (Future<?> end : ends) {
                    end.get();
                }
            }

            // Before, none was: a machine that has too much else to do may turn a few away.
            assertThat(held).isSubsetOf(201, 503);
            assertThat(held)
                    .as("holds of the other sale")
                    .filteredOn(status -> status == 201)
                    .hasSizeGreaterThan(HOLDS * 3 / 4);
            assertThat(read)
                    .allSatisfy(answer -> assertThat(answer.statusCode()).isIn(200, 503));
            assertThat(read)
                    .filteredOn(answer -> answer.statusCode() == 200)
                    .isNotEmpty()
                    .allSatisfy(answer -> assertThat(answer.body()).hasSizeGreaterThan(SKUS * 60));
            assertThat(redis.info("commandstats"))
                    .as("what was counted once is followed")
                    .doesNotContain(MARK);
        }
    }

    @Test
    void whoHoldsInALargeSaleAndThenReadsSeesIt() {
        String redisUri = TestServers.redisUri();
        String database = TestServers.freshDatabase();
        try (TestNode one = TestNode.start(redisUri, database, UnaryOperator.identity());
                TestNode two = TestNode.start(redisUri, database, UnaryOperator.identity())) {
            Api api = one.api();
            api.putSale(wide, false).must(201);
            importRows(api, 0, 500);
            for (int held = 1; held <= 4; held++) {
                String sku = "SKU-%05d".formatted(held);
                api.hold(wide, "buyer-" + held, sku, 2).must(201);

                for (Api node : List.of(one.api(), two.api())) {
                    assertThat(node.stock(wide, sku).body().path("held").asInt())
                            .isEqualTo(2);
                    assertThat(node.stock(wide)
                                    .body()
                                    .path("items")
                                    .path(held)
                                    .path("available")
                                    .asInt())
                            .isEqualTo(3);
                }
            }
        }
    }

    private void putUp(Api api) {
        api.putSale(wide, false).must(201);
        for (int first = 0; first < SKUS; first += ROWS_A_FILE) {
            importRows(api, first, ROWS_A_FILE);
        }
        api.putSale(narrow, false).must(201);
        api.putStock(narrow, "ONE", 10_000).must(201);
    }

    private void importRows(Api api, int first, int many) {
        String file = IntStream.range(first, first + many)
                .mapToObj("SKU-%05d,5"::formatted)
                .collect(Collectors.joining("\n", "sku,capacity\n", "\n"));
        // A machine that is busy may need more than one try; what the first has created is there then.
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            JsonNode done = api.importStock(wide, file).body();
            return done.path("created").asInt() + done.path("unchanged").asInt() == many;
        });
    }

    private void readUntilStopped(TestNode node) throws IOException, InterruptedException {
        HttpRequest request = Api.request(node.publicUri(), "GET", "/v1/sales/" + wide + "/stock", null)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (reading.get()) {
                read.add(client.send(request, HttpResponse.BodyHandlers.ofByteArray()));
            }
        }
    }

    private EventReader watch(TestNode node) {
        return EventReader.of(Api.request(node.publicUri(), "GET", "/v1/sales/" + wide + "/stock/events", null)
                .timeout(Duration.ofSeconds(60)));
    }

    private static int items(Api.Answer answer) {
        return answer.body().path("items").size();
    }
}
