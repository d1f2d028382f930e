package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Incidents, over HTTP. */
class IncidentContractTest {

    private static final String INCIDENTS = "/v1/admin/incidents";

    private static final TestDatabase DB = new TestDatabase();

    private static TestNode node;
    private static Api api;

    @BeforeAll
    static void start() {
        node = TestNode.start(TestServers.redisUri(), DB.uri(), UnaryOperator.identity());
        api = node.api();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void booksThatDoNotAddUpStopTheSaleAndSayWhatToDo() {
        String sale = saleThatDoesNotAddUp();

        JsonNode incident = list("saleId=" + sale).body().path("items").path(0);

        assertThat(fields(incident))
                .containsExactly(
                        "incidentId",
                        "kind",
                        "state",
                        "saleId",
                        "subject",
                        "units",
                        "detail",
                        "details",
                        "epoch",
                        "times",
                        "at",
                        "lastAt",
                        "stoppedTheSale",
                        "whatToDo",
                        "call",
                        "resolvedAt",
                        "resolvedBy",
                        "resolvedReason");
        assertThat(incident.path("kind").asText()).isEqualTo("books-do-not-add-up");
        assertThat(incident.path("state").asText()).isEqualTo("open");
        assertThat(incident.path("units").asLong()).isEqualTo(3);
        assertThat(incident.path("at").asText()).matches(TIME);
        assertThat(incident.path("stoppedTheSale").asBoolean()).isTrue();
        assertThat(incident.at("/call/method").asText()).isEqualTo("POST");
        assertThat(incident.at("/call/path").asText()).isEqualTo("/v1/admin/sales/" + sale + "/rebuild");
        assertThat(show(incident).body()).isEqualTo(incident);
        await().until(() -> node.metric("holdfast_open_incidents") >= 1);
    }

    @Test
    void theCallOfAnIncidentCanBeMadeAsItStands() {
        JsonNode incident =
                list("saleId=" + saleThatDoesNotAddUp()).body().path("items").path(0);

        Answer answer = api.send(api.onAdmin(
                incident.at("/call/method").asText(),
                incident.at("/call/path").asText(),
                incident.at("/call/body").toString()));

        assertThat(answer.status()).as(answer.text()).isIn(202, 409);
        assertThat(answer.code()).isNotIn("malformed-request", "validation-failed", "unsupported-media-type");
    }

    @Test
    void whatIsResolvedSaysWhoDidItAndWhy() {
        String sale = saleThatDoesNotAddUp();
        JsonNode incident = list("saleId=" + sale).body().path("items").path(0);

        Answer resolved = resolve(incident, "{\"reason\":\"a drill\"}");
        Answer again = resolve(incident, "{\"reason\":\"another reason\"}");

        resolved.must(200);
        assertThat(resolved.text("state")).isEqualTo("resolved");
        assertThat(resolved.text("resolvedAt")).matches(TIME);
        assertThat(resolved.text("resolvedBy")).isEqualTo("anna");
        assertThat(resolved.text("resolvedReason")).isEqualTo("a drill");
        assertThat(again.body()).isEqualTo(resolved.body());
        assertThat(list("saleId=" + sale + "&state=open").body().path("items")).isEmpty();
        assertThat(list("saleId=" + sale + "&state=resolved").body().path("items"))
                .hasSize(1);
        assertThat(api.send(api.onAdmin("GET", "/v1/admin/actions?saleId=" + sale + "&limit=1", null))
                        .body()
                        .at("/items/0/action")
                        .asText())
                .isEqualTo("incident.resolved");
    }

    @Test
    void aRebuildResolvesWhatItEnded() {
        String sale = saleThatDoesNotAddUp();

        api.rebuild(sale, "a drill").must(202);

        await().until(() -> api.rebuild(sale).text("state").equals("done"));
        JsonNode incident = list("saleId=" + sale).body().path("items").path(0);
        assertThat(incident.path("state").asText()).isEqualTo("resolved");
        assertThat(incident.path("resolvedBy").asText()).isEqualTo("holdfast");
    }

    @ParameterizedTest
    @CsvSource({
        "saleId=no%20sale, /saleId",
        "state=closed, /state",
        "kind=accident, /kind",
        "limit=0, /limit",
        "cursor=c2FsZS0x, /cursor",
        "sale=x, /sale"
    })
    void aQueryThatMakesNoSenseIsNotValid(String query, String pointer) {
        assertInvalid(list(query), pointer);
    }

    @ParameterizedTest
    @CsvSource({"0", "x", "999999999999999999", "9999999999999999999"})
    void whatIsNotThereIsNotFound(String id) {
        assertProblem(api.send(api.onAdmin("GET", INCIDENTS + '/' + id, null)), 404, "not-found");
        assertProblem(
                api.send(api.onAdmin("POST", INCIDENTS + '/' + id + "/resolve", "{\"reason\":\"x\"}")),
                404,
                "not-found");
    }

    @Test
    void aReasonIsNeededAndAnAdminKey() {
        assertInvalid(api.send(api.onAdmin("POST", INCIDENTS + "/1/resolve", "{}")), "/reason");
        assertProblem(api.probe(INCIDENTS), 401, "unauthorized");
        assertProblem(
                api.as(Api.CHECKOUT_KEY).send(api.as(Api.CHECKOUT_KEY).onAdmin("GET", INCIDENTS, null)),
                403,
                "forbidden");
    }

    /** Redis offers 3 units that PostgreSQL does not have, and an audit has found it. */
    private static String saleThatDoesNotAddUp() {
        String sale = "sale-" + UUID.randomUUID();
        api.putSale(sale, false).must(201);
        api.putStock(sale, "A", 10).must(201);
        api.hold(sale, "c", "A", 3).must(201);
        api.audit(sale).must(200);
        DB.change("update stock set available = available - 3, held = held + 3 where sale_id = ?", sale);
        api.audit(sale).must(200);
        DB.change("update stock set available = available + 3, held = held - 3 where sale_id = ?", sale);
        return sale;
    }

    private static Answer list(String query) {
        return api.send(api.onAdmin("GET", INCIDENTS + '?' + query, null));
    }

    private static Answer show(JsonNode incident) {
        return api.send(api.onAdmin("GET", path(incident), null));
    }

    private static Answer resolve(JsonNode incident, String body) {
        return api.send(api.onAdmin("POST", path(incident) + "/resolve", body).header("Holdfast-Actor", "anna"));
    }

    private static String path(JsonNode incident) {
        return INCIDENTS + '/' + incident.path("incidentId").asText();
    }
}
