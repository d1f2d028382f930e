package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A sale of one test, on the shared node: a rehearsal with dresses, so that its clock can be advanced. */
final class ContractSale {

    /** RFC 3339 in UTC with milliseconds. */
    static final String TIME = "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z";

    static final String MEDIUM = "RED-DRESS-M";
    static final String LARGE = "RED-DRESS-L";

    final Api api = new Api(TestNode.shared().publicUri(), TestNode.shared().adminUri());
    final String id = "sale-" + UUID.randomUUID();

    /** Not yet made. */
    static ContractSale none() {
        return new ContractSale();
    }

    /** Open, with this many dresses of size M, and none else. */
    static ContractSale with(long dresses) {
        return with(dresses, "{\"rehearsal\":true,\"holdSeconds\":60,\"maxHoldSeconds\":600}");
    }

    /** As its body says, with this many dresses of size M. */
    static ContractSale with(long dresses, String body) {
        ContractSale sale = new ContractSale();
        assertThat(sale.api.putSale(sale.id, body).status()).isEqualTo(201);
        assertThat(sale.api.putStock(sale.id, MEDIUM, dresses).status()).isEqualTo(201);
        return sale;
    }

    /** The id of a reservation that was just made. */
    @CanIgnoreReturnValue
    String held(String customerId, int quantity) {
        Answer answer = api.hold(id, customerId, MEDIUM, quantity);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.text("reservationId");
    }

    /** The path of one of its reservations. */
    String path(String reservationId) {
        return "/v1/sales/" + id + "/reservations/" + reservationId;
    }

    /** What is left, held and sold of size M. */
    void assertDresses(long available, long held, long sold) {
        JsonNode stock = api.stock(id, MEDIUM).body();
        assertThat(List.of(
                        stock.path("available").asLong(),
                        stock.path("held").asLong(),
                        stock.path("sold").asLong()))
                .containsExactly(available, held, sold);
    }

    /** A problem as RFC 9457 and the contract have it. */
    static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.header("content-type")).hasValue("application/problem+json");
        assertThat(answer.header("x-content-type-options")).hasValue("nosniff");
        assertThat(answer.text("type")).isEqualTo("/problems/" + code);
        assertThat(answer.text("title")).isNotBlank();
        assertThat(answer.text("detail")).isNotBlank();
        assertThat(answer.body().path("status").asInt()).isEqualTo(status);
        assertThat(answer.text("traceId")).matches("[0-9a-f]{32}");
    }

    /** A problem with the fields of a body, at these pointers. */
    static void assertInvalid(Answer answer, String... pointers) {
        assertProblem(answer, 422, "validation-failed");
        assertThat(pointers(answer)).containsExactly(pointers);
    }

    static List<String> pointers(Answer answer) {
        return answer.body().path("errors").findValuesAsText("pointer");
    }

    /** The fields of an answer, in their order. */
    static List<String> fields(JsonNode body) {
        return body.properties().stream().map(Map.Entry::getKey).toList();
    }

    static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
