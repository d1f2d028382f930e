package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static dev.holdfast.http.ContractSale.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.EventReader;
import dev.holdfast.support.EventReader.Event;
import dev.holdfast.support.TestNode;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The contract's alerts, as admins and their systems hear of them. */
class EventContractTest {

    private static final TestNode NODE = TestNode.shared();
    private static final String EVENTS = "/v1/admin/events";

    @Test
    void everyCrossingIsToldOnceAndInItsOrder() {
        ContractSale sale = withThreshold(10, 4, 200);

        try (EventReader reader = listen(sale, null)) {
            String held = sale.held("c-1", 6);
            await().until(() -> types(reader).size() == 2);
            String rest = sale.held("c-2", 4);
            sale.api.confirm(sale.id, held);
            sale.api.confirm(sale.id, rest);
            await().until(() -> types(reader).size() == 3);
            adjust(sale, 50);
            await().until(() -> types(reader).size() == 4);

            assertThat(types(reader)).containsExactly("low", "reorder-requested", "sold-out", "back-in-stock");
        }
    }

    @Test
    void anEventIsACloudEvent() {
        ContractSale sale = withThreshold(10, 4, 200);

        try (EventReader reader = listen(sale, null)) {
            sale.held("c-1", 6);
            await().until(() -> !reader.events().isEmpty());

            Event low = reader.events().getFirst();
            JsonNode event = low.json();
            assertThat(low.name()).isEqualTo("dev.holdfast.stock.low");
            assertThat(low.id()).isEqualTo(event.path("id").asText()).matches("[0-9]+");
            assertThat(event.path("time").asText()).matches(TIME);
            ObjectNode rest = event.deepCopy();
            rest.remove(List.of("id", "time"));
            assertThat((JsonNode) rest).isEqualTo(json("""
                            {'specversion':'1.0','source':'/v1/sales/%1$s','type':'dev.holdfast.stock.low',
                             'subject':'RED-DRESS-M','datacontenttype':'application/json',
                             'data':{'saleId':'%1$s','sku':'RED-DRESS-M','capacity':10,'available':4,'held':6,'sold':0,
                                     'lowStockThreshold':4,'reorderQuantity':200}}""".formatted(sale.id)));
        }
    }

    @Test
    void whoComesAgainGoesOnAfterTheLastEventThatHeHas() {
        ContractSale sale = withThreshold(10, 4, 200);
        String last;
        try (EventReader reader = listen(sale, null)) {
            sale.held("c-1", 6);
            await().until(() -> types(reader).size() == 2);
            last = reader.events().getFirst().id();
        }
        sale.api.confirm(sale.id, sale.held("c-2", 4));

        try (EventReader again = listen(sale, last);
                EventReader all = listen(sale, "0")) {
            await().until(() -> !again.events().isEmpty() && types(all).size() == 2);

            assertThat(types(again)).containsExactly("reorder-requested");
            assertThat(types(all)).containsExactly("low", "reorder-requested");
        }
    }

    @Test
    void whoHasHeardNothingYetMissesNothingEither() {
        ContractSale sale = withThreshold(10, 4, 200);
        String mark;
        try (EventReader reader = listen(sale, null)) {
            await().until(() -> !reader.lastId().isEmpty());
            mark = reader.lastId();
        }
        sale.held("c-1", 6);

        try (EventReader again = listen(sale, mark)) {
            await().until(() -> types(again).size() == 2);

            assertThat(types(again)).containsExactly("low", "reorder-requested");
        }
    }

    @Test
    void anIdThatIsNotGivenOutYetDoesNotKeepNewEventsAway() {
        ContractSale sale = withThreshold(10, 4, 0);

        try (EventReader reader = listen(sale, "999999999999999999")) {
            await().until(() -> !reader.lastId().isEmpty());
            sale.held("c-1", 6);
            await().until(() -> !reader.events().isEmpty());

            assertThat(types(reader)).containsExactly("low");
        }
    }

    @Test
    void withoutASaleTheEventsOfAllComeAndWithOneOnlyItsOwn() {
        ContractSale mine = withThreshold(10, 4, 0);
        ContractSale other = withThreshold(10, 4, 0);

        try (EventReader all = EventReader.of(mine.api.onAdmin("GET", EVENTS, null));
                EventReader ofMine = listen(mine, null)) {
            await().until(() -> !all.lastId().isEmpty() && !ofMine.lastId().isEmpty());
            other.held("c-1", 6);
            await().until(() -> sources(all).contains("/v1/sales/" + other.id));
            mine.held("c-1", 6);
            await().until(() -> sources(all).contains("/v1/sales/" + mine.id)
                    && !ofMine.events().isEmpty());

            assertThat(sources(ofMine)).containsOnly("/v1/sales/" + mine.id);
        }
    }

    @Test
    void theListIsNewestFirstPageByPage() {
        ContractSale sale = withThreshold(10, 4, 200);
        sale.api.confirm(sale.id, sale.held("c-1", 10));
        await().until(() -> list(sale, "").body().path("items").size() == 3);

        Answer first = list(sale, "&limit=2");
        Answer second = list(sale, "&limit=2&cursor=" + first.text("nextCursor"));

        assertThat(fields(first.body())).containsExactly("items", "nextCursor");
        assertThat(fields(first.body().path("items").get(0)))
                .containsExactly("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data");
        assertThat(words(first)).containsExactly("sold-out", "reorder-requested");
        assertThat(words(second)).containsExactly("low");
        assertThat(second.body().path("nextCursor").isNull()).isTrue();
    }

    @Test
    void aThresholdThatAnAdminRaisesAboveTheStockIsToldAtOnce() {
        ContractSale sale = withThreshold(10, 2, 0);
        sale.held("c-1", 5);
        await().until(() -> sale.api.audit(sale.id).body().path("balanced").asBoolean());

        try (EventReader reader = listen(sale, "0")) {
            sale.api.putStock(sale.id, MEDIUM, rules(10, 6, 0)).must(200);
            await().until(() -> !reader.events().isEmpty());

            assertThat(types(reader)).containsExactly("low");
        }
    }

    @Test
    void whatIsNotValidIsRefused() {
        Api api = NODE.api();

        assertInvalid(api.send(stream("").header("Last-Event-ID", "x")), "/Last-Event-ID");
        assertInvalid(api.send(stream("").header("Last-Event-ID", "-1")), "/Last-Event-ID");
        assertInvalid(api.send(stream("").header("Last-Event-ID", "9".repeat(19))), "/Last-Event-ID");
        assertInvalid(api.send(stream("?saleId=a%20b")), "/saleId");
        assertInvalid(api.send(stream("?saleId=a&saleId=b")), "/saleId");
        assertProblem(api.send(stream("?saleId=none-" + UUID.randomUUID())), 404, "sale-not-found");
        assertInvalid(api.send(api.onAdmin("GET", EVENTS + "?limit=0", null)), "/limit");
        assertInvalid(api.send(api.onAdmin("GET", EVENTS + "?cursor=Zm9v", null)), "/cursor");
        assertInvalid(api.send(api.onAdmin("GET", EVENTS + "?cursor=%00", null)), "/cursor");
    }

    @Test
    void onlyAdminsHearThemAndOnlyOnTheirPort() {
        Api api = NODE.api();

        Answer none = api.send(Api.request(NODE.adminUri(), "GET", EVENTS, null).header("Accept", "text/event-stream"));
        Answer buyer = api.send(stream("").setHeader("Authorization", "Bearer " + Api.CHECKOUT_KEY));
        Answer elsewhere = api.send(api.onPublic("GET", EVENTS, null));

        assertProblem(none, 401, "unauthorized");
        assertProblem(buyer, 403, "forbidden");
        assertProblem(elsewhere, 404, "not-found");
    }

    private static ContractSale withThreshold(long dresses, long threshold, long reorder) {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, true).must(201);
        sale.api.putStock(sale.id, MEDIUM, rules(dresses, threshold, reorder)).must(201);
        return sale;
    }

    private static String rules(long dresses, long threshold, long reorder) {
        return "{\"capacity\":%d,\"lowStockThreshold\":%d,\"reorderQuantity\":%d}"
                .formatted(dresses, threshold, reorder);
    }

    private static void adjust(ContractSale sale, long delta) {
        sale.api
                .send(sale.api
                        .onAdmin(
                                "POST",
                                "/v1/admin/sales/" + sale.id + "/stock/" + MEDIUM + "/adjustments",
                                "{\"delta\":%d,\"reason\":\"restock\"}".formatted(delta))
                        .header("Idempotency-Key", UUID.randomUUID().toString()))
                .must(201);
    }

    private static EventReader listen(ContractSale sale, @Nullable String last) {
        var request = sale.api.onAdmin("GET", EVENTS + "?saleId=" + sale.id, null);
        return EventReader.of(last == null ? request : request.header("Last-Event-ID", last));
    }

    private static HttpRequest.Builder stream(String query) {
        return NODE.api().onAdmin("GET", EVENTS + query, null).header("Accept", "text/event-stream");
    }

    private static Answer list(ContractSale sale, String query) {
        return sale.api
                .send(sale.api.onAdmin("GET", EVENTS + "?saleId=" + sale.id + query, null))
                .must(200);
    }

    private static List<String> words(Answer list) {
        return StreamSupport.stream(list.body().path("items").spliterator(), false)
                .map(item -> word(item.path("type").asText()))
                .toList();
    }

    private static List<String> types(EventReader reader) {
        return reader.events().stream().map(event -> word(event.name())).toList();
    }

    private static String word(String type) {
        assertThat(type).startsWith("dev.holdfast.stock.");
        return type.substring("dev.holdfast.stock.".length());
    }

    private static List<String> sources(EventReader reader) {
        return reader.events().stream()
                .map(event -> event.json().path("source").asText())
                .toList();
    }
}
