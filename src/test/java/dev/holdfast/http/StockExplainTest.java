package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.LARGE;
import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where every unit of a SKU is, over HTTP. */
class StockExplainTest {

    @Test
    void everyUnitIsSomewhereInRedisAndInTheBooks() {
        ContractSale sale = ContractSale.with(20);
        sale.api.putStock(sale.id, LARGE, 5).must(201);
        String bought = sale.held("c-1", 2);
        sale.api.confirm(sale.id, bought).must(200);
        String first = sale.held("c-2", 3);
        String second = sale.held("c-3", 4);
        sale.api.extend(sale.id, first, 300).must(200);
        sale.api.hold(sale.id, "c-4", LARGE, 1).must(201);

        JsonNode explained = recorded(sale, 7);

        assertThat(fields(explained)).containsExactly("sku", "now", "recorded", "nextExpiries", "lastAdjustments");
        assertUnits(explained.path("now"), 20, 11, 7, 2);
        assertUnits(explained.path("recorded"), 20, 11, 7, 2);
        assertThat(explained.path("recorded").path("heldBy").asInt()).isEqualTo(2);
        assertThat(explained.path("recorded").path("soldBy").asInt()).isEqualTo(1);
        assertThat(explained.path("recorded").path("pendingReduction").asInt()).isZero();
        assertThat(explained.path("recorded").path("position").asText()).matches("[0-9]+-[0-9]+");
        JsonNode expiries = explained.path("nextExpiries");
        assertThat(expiries.path("items").findValuesAsText("reservationId")).isEqualTo(List.of(second, first));
        assertThat(expiries.path("items").findValuesAsText("quantity")).isEqualTo(List.of("4", "3"));
        assertThat(expiries.path("items").path(0).path("customerId").asText()).isEqualTo("c-3");
        assertThat(expiries.path("items").path(0).path("expiresAt").asText()).matches(TIME);
        assertThat(expiries.path("items").path(0).path("expiresInMs").asLong()).isBetween(1L, 60_000L);
        assertThat(expiries.path("complete").asBoolean()).isTrue();
    }

    @Test
    void cartsThatChangedAreCountedByWhatTheyHoldNow() {
        ContractSale sale = ContractSale.with(20);
        sale.api.putStock(sale.id, LARGE, 5).must(201);
        String moved = sale.held("c-1", 2);
        sale.api.replace(sale.id, moved, LARGE, 1).must(200);
        String released = sale.held("c-2", 2);
        sale.api.release(sale.id, released).must(200);
        sale.held("c-3", 1);

        JsonNode explained = recorded(sale, 1);

        assertThat(explained.path("recorded").path("heldBy").asInt()).isEqualTo(1);
        assertThat(explained.path("recorded").path("soldBy").asInt()).isZero();
        assertThat(explained.path("nextExpiries").path("items")).hasSize(1);
    }

    @Test
    void adjustmentsAreTold() {
        ContractSale sale = ContractSale.with(20);
        sale.held("c-1", 15);
        sale.api
                .send(sale.api
                        .onAdmin(
                                "POST",
                                "/v1/admin/sales/" + sale.id + "/stock/" + MEDIUM + "/adjustments",
                                "{\"capacity\":10,\"expectedVersion\":1,\"reason\":\"a broken box\",\"allowBelowHeld\":true}")
                        .header("Idempotency-Key", "k-1"))
                .must(201);

        JsonNode explained = recorded(sale, 15);

        assertUnits(explained.path("now"), 15, 0, 15, 0);
        assertThat(explained.path("recorded").path("pendingReduction").asInt()).isEqualTo(5);
        assertThat(explained.path("lastAdjustments").path(0).path("reason").asText())
                .isEqualTo("a broken box");
    }

    @Test
    void whatIsNotThereIsNotExplained() {
        ContractSale sale = ContractSale.with(1);

        assertProblem(explain(sale, "NO-SUCH"), 404, "sku-not-found");
        assertProblem(explain(ContractSale.none(), MEDIUM), 404, "sale-not-found");
    }

    private static void assertUnits(JsonNode side, long capacity, long available, long held, long sold) {
        assertThat(List.of(
                        side.path("capacity").asLong(),
                        side.path("available").asLong(),
                        side.path("held").asLong(),
                        side.path("sold").asLong()))
                .containsExactly(capacity, available, held, sold);
    }

    /** Once the books have the version and the held units that Redis has. */
    private static JsonNode recorded(ContractSale sale, long held) {
        await().until(() -> {
            JsonNode explained = explain(sale, MEDIUM).must(200).body();
            return explained.path("recorded").path("held").asLong() == held
                    && explained
                            .path("recorded")
                            .path("version")
                            .equals(explained.path("now").path("version"))
                    && explained
                            .path("recorded")
                            .path("sold")
                            .equals(explained.path("now").path("sold"));
        });
        return explain(sale, MEDIUM).body();
    }

    private static Answer explain(ContractSale sale, String sku) {
        return sale.api.send(
                sale.api.onAdmin("GET", "/v1/admin/sales/" + sale.id + "/stock/" + sku + "/explain", null));
    }
}
