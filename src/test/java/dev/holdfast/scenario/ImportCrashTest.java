package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A node dies in the middle of an import: the same request at another node does what is left, and answers for all of it. */
class ImportCrashTest {

    private static final int THERE = 2_000;
    private static final int NEW = 1_000;

    private final String saleId = "import-" + UUID.randomUUID();
    private final TestDatabase database = new TestDatabase();

    @Test
    void whatAnotherNodeBeganIsEndedOnceAndAnsweredWhole() throws Exception {
        try (TestNode survivor = TestNode.start(TestServers.redisUri(), database.uri(), UnaryOperator.identity());
                NodeProcess mortal = NodeProcess.start(TestServers.redisUri(), database.uri());
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            Api api = survivor.api();
            api.putSale(saleId, false).must(201);
            api.importStock(saleId, file(THERE, 5)).must(200);
            mortal.awaitReady();

            String file = file(THERE + NEW, 6);
            killAtTheFirstProgress(mortal, file);
            // As if the dead node's leases had run out.
            var unused = client.connect().sync().del("hf:{" + saleId + "}:lock");
            database.change("update imports set lease_until = clock_timestamp() where sale_id = ?", saleId);
            Api.Answer answer = await().until(() -> api.importStock(saleId, file, "k"), given -> given.status() == 200);

            assertThat(answer.body().path("updated").asInt()).isEqualTo(THERE);
            assertThat(answer.body().path("created").asInt()).isEqualTo(NEW);
            assertThat(answer.body().path("items")).hasSize(THERE + NEW);
            assertThat(database.rows(
                            "select count(*), count(distinct sku) from adjustments where sale_id = ? and state <> 'refused'",
                            saleId))
                    .as("each capacity was changed once")
                    .containsExactly(List.of(Integer.toString(THERE), Integer.toString(THERE)));
            assertThat(api.stock(saleId).must(200).body().path("items").findValuesAsText("capacity"))
                    .hasSize(THERE + NEW)
                    .containsOnly("6");
            assertThat(api.audit(saleId).body().path("balanced").asBoolean()).isTrue();
            Api.Answer again = api.importStock(saleId, file, "k");
            assertThat(again.header("idempotent-replayed")).hasValue("true");
            assertThat(again.body()).isEqualTo(answer.body());
        }
    }

    /** The node dies with some of the capacities changed, and with the rest not yet begun. */
    private void killAtTheFirstProgress(NodeProcess mortal, String file) throws IOException, InterruptedException {
        var request = mortal.api()
                .importing(saleId, file, "k")
                .header("Accept", "application/x-ndjson")
                .build();
        try (HttpClient client = HttpClient.newHttpClient();
                Stream<String> lines =
                        client.send(request, BodyHandlers.ofLines()).body()) {
            assertThat(lines.filter(line -> !line.contains("\"rows\":0,")).findFirst())
                    .isPresent();
            mortal.kill();
        } catch (UncheckedIOException cutOff) {
            assertThat(mortal.isServing()).isFalse();
        }
    }

    private static String file(int rows, int capacity) {
        return IntStream.range(0, rows)
                .mapToObj(n -> "SKU-" + n + "," + capacity + "\n")
                .collect(Collectors.joining("", "sku,capacity\n", ""));
    }
}
