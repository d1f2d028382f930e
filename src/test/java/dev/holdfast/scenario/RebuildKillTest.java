package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalRedis;
import dev.holdfast.support.Api;
import dev.holdfast.support.LargeSale;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A large lane whose rebuild dies in the middle sells nothing half-written, and the next rebuild brings it back whole. */
class RebuildKillTest {

    private static final int RESERVATIONS = 100_000;

    private final String saleId = "large-" + UUID.randomUUID();

    @Test
    void aRebuildThatDiesInTheMiddleLeavesTheLaneClosedAndTheNextOneIsWhole() {
        LocalRedis redis = TestServers.ownRedis();
        String database = TestServers.migratedDatabase();
        BooksReader books = new BooksReader(database);
        try (NodeProcess mortal = NodeProcess.start(redis.uri(), database);
                TestNode node = TestNode.start(redis.uri(), database, UnaryOperator.identity());
                RedisClient client = RedisClient.create(redis.uri())) {
            RedisCommands<String, String> commands = client.connect().sync();
            LaneReader lane = new LaneReader(commands, saleId);
            String holds = lane.keys()[3];
            Api api = node.api();
            api.putSale(saleId, "{\"perCustomerLimit\":6}").must(201);
            api.putStock(saleId, "A", 1_000_000).must(201);
            api.putStock(saleId, "B", 1_000_000).must(201);
            await().until(() -> books.recordedSeq(saleId) == lane.lastSeq());
            long heldAtMs = System.currentTimeMillis();
            LargeSale.write(database, saleId, new LargeSale.Size(RESERVATIONS, 4, 0), heldAtMs);
            mortal.awaitReady();

            mortal.api().rebuild(saleId, "large").must(202);
            await().pollInterval(Duration.ofMillis(1)).until(() -> commands.hlen(holds) > 0);
            mortal.kill();

            assertThat(commands.hlen(holds)).isLessThan(RESERVATIONS);
            assertThat(api.hold(saleId, "zoe", "A", 1).code()).isEqualTo("recovering");
            await().until(() -> api.rebuild(saleId).text("state").equals("failed"));
            assertThat(api.rebuild(saleId).text("problem")).contains("ended, or stood still", "ask again");
            assertThat(books.laneState(saleId)).isEqualTo("recovering");
            assertThat(failures(api, "open")).isEqualTo(1);

            // The dead node's lease on the sale may run out later.
            await().until(() -> api.rebuild(saleId, "its node died").status() == 202);
            long began = System.nanoTime();
            await().until(() -> !api.rebuild(saleId).text("state").equals("running"));
            System.out.printf(
                    "%d reservations rebuilt in %d ms%n",
                    RESERVATIONS, Duration.ofNanos(System.nanoTime() - began).toMillis());

            assertThat(api.rebuild(saleId).text("problem")).isIn("", "null");
            assertThat(failures(api, "open")).isZero();
            assertThat(failures(api, "resolved")).isEqualTo(1);
            await().until(() ->
                    !api.rebuild(saleId).body().path("restoringEnded").asBoolean());
            assertThat(commands.hlen(holds)).isEqualTo(RESERVATIONS);
            assertThat(api.audit(saleId).body().path("balanced").asBoolean()).isTrue();
            assertThat(api.confirm(saleId, LargeSale.id(4, heldAtMs)).status()).isEqualTo(200);
            assertThat(api.release(saleId, LargeSale.id(8, heldAtMs)).status()).isEqualTo(200);
            assertThat(api.confirm(saleId, LargeSale.id(7, heldAtMs)).code()).isEqualTo("reservation-expired");
            // Two and one are held or bought by the customer of 4 and 5.
            assertThat(api.hold(saleId, "customer-2", "A", 2).code()).isEqualTo("purchase-limit");
            assertThat(api.hold(saleId, "customer-2", "A", 1).status()).isEqualTo(201);
            assertThat(api.audit(saleId).body().path("balanced").asBoolean()).isTrue();
        } finally {
            redis.stop();
        }
    }

    private int failures(Api api, String state) {
        return api.incidents("?saleId=" + saleId + "&kind=rebuild-failed&state=" + state)
                .must(200)
                .body()
                .path("items")
                .size();
    }
}
