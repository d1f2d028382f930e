package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.PostgresLock;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A node stands still in the middle of an admin's change, for longer than its lease. Meanwhile another admin changes the same sale elsewhere. */
class PausedAdminTest {

    private final String saleId = "paused-" + UUID.randomUUID();

    @Test
    void aNodeThatWakesUpAfterItsLeaseCannotOverwriteTheNewerEdit() {
        String database = TestServers.migratedDatabase();
        try (NodeProcess annas = NodeProcess.start(TestServers.redisUri(), database);
                NodeProcess bobs = NodeProcess.start(TestServers.redisUri(), database);
                RedisClient client = RedisClient.create(TestServers.redisUri())) {
            annas.awaitReady();
            bobs.awaitReady();
            RedisCommands<String, String> redis = client.connect().sync();
            put(bobs, "bob", "Shoes").must(201);

            CompletableFuture<Answer> annasEdit;
            try (PostgresLock standstill = PostgresLock.taken(
                    database, "select 1 from sale_fences where sale_id = '%s' for update".formatted(saleId))) {
                annasEdit = CompletableFuture.supplyAsync(() -> put(annas, "anna", "Boots"));
                await().until(() -> standstill.waiting() == 1);
                Signals.stop(annas.pid());
            }
            Answer bobsEdit;
            try {
                await().until(() -> redis.exists("hf:{" + saleId + "}:lock") == 0);
                bobsEdit = put(bobs, "bob", "Shoes and socks");
            } finally {
                Signals.resume(annas.pid());
            }
            Answer late = annasEdit.join();

            assertThat(bobsEdit.status()).as(bobsEdit.text()).isEqualTo(200);
            assertThat(late.code()).as(late.text()).isEqualTo("sale-locked");
            assertThat(late.text("lockedBy")).isEqualTo("bob");
            assertThat(annas.api().sale(saleId, true).text("name")).isEqualTo("Shoes and socks");
            assertThat(bobs.api().sale(saleId, false).text("name")).isEqualTo("Shoes and socks");
            assertThat(put(annas, "anna", "Boots").must(200).text("name")).isEqualTo("Boots");
        }
    }

    private Answer put(NodeProcess node, String actor, String name) {
        Api api = node.api();
        return api.send(api.onAdmin("PUT", "/v1/admin/sales/" + saleId, "{\"name\":\"%s\"}".formatted(name))
                .header("Holdfast-Actor", actor));
    }
}
