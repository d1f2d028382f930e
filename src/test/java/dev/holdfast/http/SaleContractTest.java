package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.LARGE;
import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static dev.holdfast.http.ContractSale.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.LaneKeys;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import io.lettuce.core.RedisClient;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The contract's page on sales and stock, as buyers' services see them. */
class SaleContractTest {

    @Test
    void aSaleIsShownWithItsWindowAndPolicy() {
        ContractSale sale = ContractSale.with(1, """
                {"name":"Winter","opensAt":"2026-01-01T01:00:00.5+01:00","closesAt":"2099-01-01T00:00:00Z",
                 "holdSeconds":60,"maxHoldSeconds":600,"perCustomerLimit":4,"currency":"USD"}""");

        Answer answer = sale.api.sale(sale.id, false);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(fields(answer.body()))
                .containsExactly(
                        "saleId", "name", "state", "opensAt", "closesAt", "policy", "currency", "rehearsal", "now");
        assertThat(answer.text("saleId")).isEqualTo(sale.id);
        assertThat(answer.text("name")).isEqualTo("Winter");
        assertThat(answer.text("state")).isEqualTo("open");
        assertThat(answer.text("opensAt")).isEqualTo("2026-01-01T00:00:00.500Z");
        assertThat(answer.text("closesAt")).isEqualTo("2099-01-01T00:00:00.000Z");
        assertThat(answer.body().path("policy"))
                .isEqualTo(json("{'holdSeconds':60,'maxHoldSeconds':600,'perCustomerLimit':4}"));
        assertThat(answer.text("currency")).isEqualTo("USD");
        assertThat(answer.body().path("rehearsal").asBoolean(true)).isFalse();
        assertThat(answer.text("now")).matches(TIME);
    }

    @Test
    void whatASaleDoesNotHaveIsNull() {
        ContractSale sale = ContractSale.with(1, "{}");

        Answer answer = sale.api.sale(sale.id, false);

        assertThat(answer.body().path("opensAt").isNull()).isTrue();
        assertThat(answer.body().path("closesAt").isNull()).isTrue();
        assertThat(answer.body().path("policy").path("perCustomerLimit").isNull())
                .isTrue();
    }

    @Test
    void theStateFollowsTheWindowAndTheAdmin() {
        String inAnHour = Instant.now().plusSeconds(3600).toString();
        String anHourAgo = Instant.now().minusSeconds(3600).toString();
        ContractSale scheduled = ContractSale.with(1, "{\"opensAt\":\"%s\"}".formatted(inAnHour));
        ContractSale over = ContractSale.with(1, "{\"closesAt\":\"%s\"}".formatted(anHourAgo));
        ContractSale steered = ContractSale.with(1);

        assertThat(scheduled.api.sale(scheduled.id, false).text("state")).isEqualTo("scheduled");
        assertThat(over.api.sale(over.id, false).text("state")).isEqualTo("closed");
        assertThat(steered.api.sale(steered.id, false).text("state")).isEqualTo("open");
        steered.api.turn(steered.id, "pause", "a price is wrong");
        assertThat(steered.api.sale(steered.id, false).text("state")).isEqualTo("paused");
        steered.api.turn(steered.id, "resume", "the price is right");
        assertThat(steered.api.sale(steered.id, false).text("state")).isEqualTo("open");
        steered.api.turn(steered.id, "close", "over");
        assertThat(steered.api.sale(steered.id, false).text("state")).isEqualTo("closed");
    }

    @Test
    void theClockOfARehearsalOpensItEarly() {
        String inAnHour = Instant.now().plusSeconds(3600).toString();
        ContractSale sale = ContractSale.with(1, "{\"rehearsal\":true,\"opensAt\":\"%s\"}".formatted(inAnHour));

        sale.api.advanceClock(sale.id, 3600);

        assertThat(sale.api.sale(sale.id, false).text("state")).isEqualTo("open");
    }

    @Test
    void stockIsListedInTheOrderOfItsNames() {
        ContractSale sale = ContractSale.with(10);
        sale.api.putStock(sale.id, LARGE, 5);
        sale.held("c-1", 2);
        sale.api.confirm(sale.id, sale.held("c-2", 1));

        Answer answer = sale.api.stock(sale.id);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(json("""
                {'items':[{'sku':'RED-DRESS-L','capacity':5,'available':5,'held':0,'sold':0,'version':1},
                          {'sku':'RED-DRESS-M','capacity':10,'available':7,'held':2,'sold':1,'version':1}]}"""));
    }

    @Test
    void stockOfOneSkuIsTheSameWithoutAList() {
        ContractSale sale = ContractSale.with(10);

        Answer answer = sale.api.stock(sale.id, MEDIUM);

        assertThat(answer.body())
                .isEqualTo(json("{'sku':'RED-DRESS-M','capacity':10,'available':10,'held':0,'sold':0,'version':1}"));
    }

    @Test
    void readingStockNeedsNoKeyButASaleDoes() {
        ContractSale sale = ContractSale.with(1);
        var uri = TestNode.shared().publicUri();

        assertThat(sale.api.stock(sale.id).status()).isEqualTo(200);
        assertProblem(sale.api.send(Api.request(uri, "GET", "/v1/sales/" + sale.id, null)), 401, "unauthorized");
    }

    @Test
    void headIsAnsweredAsGetWithoutItsBody() {
        ContractSale sale = ContractSale.with(1);

        Answer answer = sale.api.send(sale.api.onPublic("HEAD", "/v1/sales/" + sale.id + "/stock", null));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEmpty();
        assertThat(answer.header("content-length").map(Integer::parseInt))
                .hasValueSatisfying(length -> assertThat(length).isPositive());
    }

    @Test
    void aSaleWhoseHistoryRedisLostIsRecoveringAndSellsNothing() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 1);

        forget(sale);

        Answer shown = sale.api.sale(sale.id, false);
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.text("state")).isEqualTo("recovering");
        assertThat(sale.api.sale(sale.id, true).text("state")).isEqualTo("recovering");
        Answer refused = sale.api.hold(sale.id, "c-2", MEDIUM, 1);
        assertProblem(refused, 503, "recovering");
        assertThat(refused.header("retry-after")).hasValue("1");
        assertProblem(sale.api.confirm(sale.id, id), 503, "recovering");
        assertProblem(sale.api.stock(sale.id), 503, "recovering");
    }

    private static void forget(ContractSale sale) {
        String[] keys = LaneKeys.of(new Lane(new SaleId(sale.id), 0, 1)).inOrder();
        try (RedisClient client = RedisClient.create(TestServers.redisUri())) {
            assertThat(client.connect().sync().del(keys)).isPositive();
        }
    }

    @Test
    void whatIsNotThereIsNotFound() {
        ContractSale sale = ContractSale.with(1);
        ContractSale none = ContractSale.none();

        assertProblem(none.api.sale(none.id, false), 404, "sale-not-found");
        assertProblem(none.api.stock(none.id), 404, "sale-not-found");
        assertProblem(none.api.stock(none.id, MEDIUM), 404, "sale-not-found");
        assertProblem(sale.api.stock(sale.id, "HAT"), 404, "sku-not-found");
        assertProblem(sale.api.stock(sale.id, "-"), 404, "sku-not-found");
        assertProblem(sale.api.sale("-", false), 404, "sale-not-found");
    }
}
