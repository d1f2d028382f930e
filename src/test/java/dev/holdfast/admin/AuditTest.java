package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The books are compared at one position, while the sale runs. */
class AuditTest {

    private final Api api = TestNode.shared().api();
    private final String saleId = "audited-" + UUID.randomUUID();

    @Test
    void booksThatAgreeAreBalanced() {
        api.putSale(saleId, false).must(201);
        api.putStock(saleId, "RED-DRESS-M", 5).must(201);
        api.hold(saleId, "c-1", "RED-DRESS-M", 2).must(201);

        Api.Answer audit = api.audit(saleId);

        assertThat(audit.status()).isEqualTo(200);
        assertThat(audit.body().path("balanced").asBoolean()).isTrue();
        JsonNode item = audit.body().path("items").path(0);
        assertThat(item.path("redis")).isEqualTo(item.path("postgres"));
        assertThat(item.path("redis").path("held").asInt()).isEqualTo(2);
        assertThat(item.path("drift").asInt()).isZero();
    }

    @Test
    void aCountThatSomebodyChangedInRedisIsFoundAndMeasured() {
        api.putSale(saleId, false).must(201);
        api.putStock(saleId, "RED-DRESS-M", 5).must(201);
        changeBehindTheBack("RED-DRESS-M|available", 3);

        Api.Answer audit = api.audit(saleId);

        assertThat(audit.body().path("balanced").asBoolean()).isFalse();
        assertThat(audit.body().path("items").path(0).path("drift").asInt()).isEqualTo(3);
        assertThat(api.probe("/metrics").text()).contains("holdfast_stock_drift_units{sale=\"" + saleId + "\"} 3.0");
    }

    @Test
    void aSaleThatIsNotThereHasNoBooks() {
        assertThat(api.audit(saleId).code()).isEqualTo("sale-not-found");
    }

    private void changeBehindTheBack(String field, long by) {
        try (RedisClient client = RedisClient.create(TestServers.redisUri())) {
            client.connect().sync().hincrby("hf:{" + saleId + "/0}:stock", field, by);
        }
    }
}
