package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.LocalPostgres;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Keys while PostgreSQL is away. */
class KeyOutageTest {

    @Test
    void whoCouldCallGoesOnCallingAndNoKeyIsMadeOrRevoked() {
        LocalPostgres postgres = TestServers.ownPostgres();
        String sale = "keys-" + UUID.randomUUID();
        try (TestNode node = TestNode.start(TestServers.redisUri(), postgres.uri(), UnaryOperator.identity())) {
            Api api = node.api();
            api.putSale(sale, false).must(201);
            api.putStock(sale, "A", 10).must(201);
            Answer key = api.createKey("shop", "checkout", null).must(201);
            Api shop = api.as(key.text("key"));

            postgres.kill();
            await().until(() -> node.metric("holdfast_postgres_up") == 0);
            Answer hold = shop.hold(sale, "c", "A", 1);
            Answer unknown = api.as("hf_nobodys").hold(sale, "c", "A", 1);
            Answer made = api.createKey("other", "checkout", null);
            Answer revoked = api.revokeKey(key.text("keyId"), "it leaked");
            Answer listed = api.keys(1, null);
            postgres.restart();

            assertThat(hold.status()).isEqualTo(201);
            assertProblem(unknown, 401, "unauthorized");
            assertProblem(made, 503, "postgres-unavailable");
            assertProblem(revoked, 503, "postgres-unavailable");
            assertProblem(listed, 503, "postgres-unavailable");
            await().until(() -> api.revokeKey(key.text("keyId"), "it leaked").status() == 200);
            assertProblem(shop.hold(sale, "c", "A", 1), 401, "unauthorized");
        }
    }
}
