package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api.Answer;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admins release reservations, over HTTP. */
class ReleaseContractTest {

    private static final String REASON = "{\"reason\":\"held by a bot\"}";

    @Test
    void aReleaseGivesTheUnitsBackAndIsWrittenDown() {
        ContractSale sale = ContractSale.with(3);
        String id = sale.held("c-1", 2);

        Answer released = release(sale, id, REASON);

        JsonNode action = actions(sale).path(0);
        assertThat(released.status()).isEqualTo(200);
        assertThat(released.text("state")).isEqualTo("released");
        sale.assertDresses(3, 0, 0);
        assertThat(action.path("action").asText()).isEqualTo("reservation.released");
        assertThat(action.path("subject").asText()).isEqualTo(id);
        assertThat(action.path("reason").asText()).isEqualTo("held by a bot");
        assertThat(action.path("before").path("state").asText()).isEqualTo("held");
        assertThat(action.path("before").path("items"))
                .isEqualTo(released.body().path("items"));
        assertThat(action.path("after").path("state").asText()).isEqualTo("released");
    }

    @Test
    void whoReleasedItAndWhyIsFoundWithTheReservation() {
        ContractSale sale = ContractSale.with(3);
        String id = sale.held("c-1", 1);
        String byBuyer = sale.held("c-2", 1);
        sale.api
                .send(request(sale, id, REASON).header("Holdfast-Actor", "alice"))
                .must(200);
        sale.api.release(sale.id, byBuyer).must(200);

        JsonNode found = released(sale);
        JsonNode history = sale.api
                .send(sale.api.onAdmin("GET", "/v1/admin/sales/" + sale.id + "/reservations/" + id + "/history", null))
                .must(200)
                .body();

        assertThat(found.path(0).path("endedBy").asText()).isEqualTo("buyer");
        assertThat(found.path(0).has("release")).isFalse();
        assertThat(found.path(1).path("endedBy").asText()).isEqualTo("admin");
        assertThat(found.path(1).path("release").path("actor").asText()).isEqualTo("alice");
        assertThat(found.path(1).path("release").path("reason").asText()).isEqualTo("held by a bot");
        assertThat(history.path("items").path(0).path("op").asText()).isEqualTo("released");
        assertThat(history.path("items").path(0).path("release").path("actor").asText())
                .isEqualTo("alice");
        assertThat(history.path("items").path(1).has("release")).isFalse();
    }

    @Test
    void aSecondReleaseChangesNothingAndIsNotWrittenDown() {
        ContractSale sale = ContractSale.with(3);
        String id = sale.held("c-1", 2);
        release(sale, id, REASON).must(200);
        int actions = actions(sale).size();

        Answer again = release(sale, id, REASON);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text("state")).isEqualTo("released");
        assertThat(actions(sale)).hasSize(actions);
    }

    @Test
    void aRefusalIsWrittenDownToo() {
        ContractSale sale = ContractSale.with(3);
        String confirmed = sale.held("c-1", 1);
        String expired = sale.held("c-2", 1);
        sale.api.confirm(sale.id, confirmed).must(200);
        sale.api.advanceClock(sale.id, 60).must(200);

        assertProblem(release(sale, confirmed, REASON), 409, "reservation-confirmed");
        assertProblem(release(sale, expired, REASON), 409, "reservation-expired");

        JsonNode actions = actions(sale);
        assertThat(actions.path(0).path("action").asText()).isEqualTo("reservation.release-refused");
        assertThat(actions.path(0).path("after").path("state").asText()).isEqualTo("expired");
        assertThat(actions.path(1).path("subject").asText()).isEqualTo(confirmed);
        assertThat(actions.path(1).path("after").path("state").asText()).isEqualTo("confirmed");
        sale.assertDresses(2, 0, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"reason\":null}", "{\"reason\":\" \"}", "{\"reason\":7}", "{\"reason\":\"a\\u0000b\"}"})
    void aReleaseNeedsAReason(String body) {
        ContractSale sale = ContractSale.with(3);
        String id = sale.held("c-1", 1);

        assertInvalid(release(sale, id, body), "/reason");

        assertInvalid(release(sale, id, "{\"reason\":\"" + "x".repeat(501) + "\"}"), "/reason");
        assertInvalid(release(sale, id, "{\"reason\":\"x\",\"by\":\"me\"}"), "/by");
        sale.assertDresses(2, 1, 0);
    }

    @Test
    void whatIsNotThereIsNotReleased() {
        ContractSale sale = ContractSale.with(3);

        assertProblem(release(sale, "A".repeat(22), REASON), 404, "reservation-not-found");
        assertProblem(release(sale, "short", REASON), 404, "reservation-not-found");
        assertProblem(release(ContractSale.none(), "A".repeat(22), REASON), 404, "sale-not-found");
    }

    private static Answer release(ContractSale sale, String id, String body) {
        return sale.api.send(request(sale, id, body));
    }

    private static HttpRequest.Builder request(ContractSale sale, String id, String body) {
        return sale.api.onAdmin("POST", "/v1/admin/sales/" + sale.id + "/reservations/" + id + "/release", body);
    }

    /** The latest first. */
    private static JsonNode actions(ContractSale sale) {
        return get(sale, "/v1/admin/actions?saleId=" + sale.id);
    }

    /** Both, once they are recorded. */
    private static JsonNode released(ContractSale sale) {
        String path = "/v1/admin/sales/" + sale.id + "/reservations?state=released";
        await().until(() -> get(sale, path).size() == 2);
        return get(sale, path);
    }

    private static JsonNode get(ContractSale sale, String path) {
        return sale.api
                .send(sale.api.onAdmin("GET", path, null))
                .must(200)
                .body()
                .path("items");
    }
}
