package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static dev.holdfast.http.ContractSale.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.support.Api.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's page for admins, over HTTP. */
class AdminContractTest {

    @Test
    void aSaleIsMadeOnceAndThenReplaced() {
        ContractSale sale = ContractSale.none();
        String body = """
                {"name":"Winter","opensAt":"2026-01-01T00:00:00Z","closesAt":"2099-01-01T00:00:00Z","holdSeconds":60,
                 "maxHoldSeconds":600,"perCustomerLimit":4,"currency":"USD","rehearsal":true}""";

        Answer made = sale.api.putSale(sale.id, body);
        Answer replaced = sale.api.putSale(sale.id, "{\"name\":\"Summer\",\"currency\":\"USD\",\"rehearsal\":true}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("location")).hasValue("/v1/admin/sales/" + sale.id);
        assertThat(fields(made.body()))
                .containsExactly(
                        "saleId",
                        "name",
                        "state",
                        "opensAt",
                        "closesAt",
                        "holdSeconds",
                        "maxHoldSeconds",
                        "perCustomerLimit",
                        "reclaimSeconds",
                        "currency",
                        "rehearsal",
                        "stateReason",
                        "clockOffsetSeconds",
                        "version",
                        "now");
        assertThat(made.text("state")).isEqualTo("open");
        assertThat(made.body().path("holdSeconds").asInt()).isEqualTo(60);
        assertThat(made.body().path("version").asInt()).isEqualTo(1);
        assertThat(made.body().path("stateReason").isNull()).isTrue();
        assertThat(replaced.status()).isEqualTo(200);
        assertThat(replaced.header("location")).isEmpty();
        assertThat(replaced.text("name")).isEqualTo("Summer");
        assertThat(replaced.body().path("closesAt").isNull()).isTrue();
        assertThat(replaced.body().path("version").asInt()).isEqualTo(2);
    }

    @Test
    void whatIsNotGivenHasItsDefault() {
        ContractSale sale = ContractSale.none();

        Answer answer = sale.api.putSale(sale.id, "{\"name\":null}");

        assertThat(answer.text("name")).isEqualTo(sale.id);
        assertThat(answer.text("currency")).isEqualTo("EUR");
        assertThat(answer.body().path("holdSeconds").asInt()).isEqualTo(120);
        assertThat(answer.body().path("maxHoldSeconds").asInt()).isEqualTo(900);
        assertThat(answer.body().path("perCustomerLimit").isNull()).isTrue();
        assertThat(answer.body().path("rehearsal").asBoolean(true)).isFalse();
    }

    @Test
    void aSaleIsShownToAdminsAsItWasPut() {
        ContractSale sale = ContractSale.none();
        Answer made = sale.api.putSale(sale.id, "{\"holdSeconds\":1000}");

        Answer shown = sale.api.sale(sale.id, true);

        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.text("now")).matches(TIME);
        assertThat(shown.body().path("maxHoldSeconds").asInt()).isEqualTo(1000);
        assertThat(fields(shown.body())).isEqualTo(fields(made.body()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':''} | /name",
                "{'name':7} | /name",
                "{'opensAt':'tomorrow'} | /opensAt",
                "{'opensAt':'2026-01-01'} | /opensAt",
                "{'opensAt':'2026-01-01T00:00:00'} | /opensAt",
                "{'opensAt':'2026-13-01T00:00:00Z'} | /opensAt",
                "{'opensAt':'1969-12-31T23:59:59Z'} | /opensAt",
                "{'opensAt':1767225600} | /opensAt",
                "{'opensAt':'2026-01-01T00:00:00Z','closesAt':'2026-01-01T01:00:00+01:00'} | /closesAt",
                "{'holdSeconds':4} | /holdSeconds",
                "{'holdSeconds':2678401} | /holdSeconds",
                "{'holdSeconds':60,'maxHoldSeconds':59} | /maxHoldSeconds",
                "{'perCustomerLimit':0} | /perCustomerLimit",
                "{'perCustomerLimit':1000001} | /perCustomerLimit",
                "{'currency':'EURO'} | /currency",
                "{'currency':'eur'} | /currency",
                "{'currency':'ZZZ'} | /currency",
                "{'rehearsal':'true'} | /rehearsal",
                "{'rehearsal':1} | /rehearsal",
                "{'state':'open'} | /state"
            })
    void aSaleThatCannotBeIsNotValid(String body, String pointer) {
        ContractSale sale = ContractSale.none();

        assertInvalid(sale.api.putSale(sale.id, body.replace('\'', '"')), pointer);
    }

    @Test
    void aRehearsalIsOneFromItsStart() {
        ContractSale sale = ContractSale.with(1, "{}");

        assertInvalid(sale.api.putSale(sale.id, "{\"rehearsal\":true}"), "/rehearsal");
        assertInvalid(sale.api.putSale(sale.id, "{\"currency\":\"USD\"}"), "/currency");
    }

    @Test
    void salesAreListedPageByPage() {
        ContractSale first = ContractSale.with(1);
        ContractSale second = ContractSale.with(1);

        List<String> ids = new ArrayList<>();
        String cursor = null;
        do {
            Answer page = first.api.sales(1, cursor);
            assertThat(page.status()).isEqualTo(200);
            assertThat(fields(page.body())).containsExactly("items", "nextCursor");
            assertThat(page.body().path("items").size()).isLessThanOrEqualTo(1);
            page.body()
                    .path("items")
                    .forEach(item -> ids.add(item.path("saleId").asText()));
            cursor = page.body().path("nextCursor").isNull() ? null : page.text("nextCursor");
        } while (cursor != null);

        assertThat(ids).contains(first.id, second.id).doesNotHaveDuplicates();
        assertThat(first.api.sales(100, null).body().path("items").path(0).has("version"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=101", "limit=-1", "limit=1e1", "limit=", "limit=1&limit=2"})
    void aLimitIsFrom1To100(String query) {
        ContractSale sale = ContractSale.none();

        assertInvalid(sale.api.send(sale.api.onAdmin("GET", "/v1/admin/sales?" + query, null)), "/limit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cursor=", "cursor=*", "cursor=LQ", "cursor=YQ&cursor=YQ"})
    void aCursorIsOneThatWasGiven(String query) {
        ContractSale sale = ContractSale.none();

        assertInvalid(sale.api.send(sale.api.onAdmin("GET", "/v1/admin/sales?" + query, null)), "/cursor");
    }

    @Test
    void aSaleIsPausedResumedAndClosedForAReason() {
        ContractSale sale = ContractSale.with(1);

        Answer paused = sale.api.turn(sale.id, "pause", "a price is wrong");
        Answer resumed = sale.api.turn(sale.id, "resume", "the price is right");
        Answer closed = sale.api.turn(sale.id, "close", "sold enough");

        assertThat(paused.status()).isEqualTo(200);
        assertThat(paused.text("state")).isEqualTo("paused");
        assertThat(paused.text("stateReason")).isEqualTo("a price is wrong");
        assertThat(resumed.text("state")).isEqualTo("open");
        assertThat(closed.text("state")).isEqualTo("closed");
        assertProblem(sale.api.turn(sale.id, "resume", "changed my mind"), 409, "sale-closed");
        assertThat(sale.api.turn(sale.id, "close", "again").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"reason\":null}", "{\"reason\":\"\"}", "{\"reason\":\" \"}", "{\"reason\":7}"})
    void aReasonIsRequired(String body) {
        ContractSale sale = ContractSale.with(1);

        Answer answer = sale.api.send(sale.api.onAdmin("POST", "/v1/admin/sales/" + sale.id + "/pause", body));

        assertInvalid(answer, "/reason");
    }

    @Test
    void aSkuIsMadeOnceAndThenItsRulesChange() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, false);
        String body = """
                {"capacity":100,"productId":"red-dress","attributes":{"size":"M","colour":"red"},"price":4999,
                 "perCustomerLimit":2,"lowStockThreshold":10,"reorderQuantity":50}""";

        Answer made = sale.api.putStock(sale.id, MEDIUM, body);
        Answer changed = sale.api.putStock(sale.id, MEDIUM, "{\"capacity\":100,\"price\":3999}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body()).isEqualTo(json("""
                {'sku':'RED-DRESS-M','capacity':100,'available':100,'held':0,'sold':0,'version':1,'productId':'red-dress',
                 'attributes':{'size':'M','colour':'red'},'price':4999,'perCustomerLimit':2,'lowStockThreshold':10,
                 'reorderQuantity':50}"""));
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.body()).isEqualTo(json("""
                {'sku':'RED-DRESS-M','capacity':100,'available':100,'held':0,'sold':0,'version':1,'productId':null,
                 'attributes':{},'price':3999,'perCustomerLimit':null,'lowStockThreshold':null,
                 'reorderQuantity':null}"""));
    }

    @Test
    void capacityChangesByAdjustmentsOnly() {
        ContractSale sale = ContractSale.with(10);

        Answer answer = sale.api.putStock(sale.id, MEDIUM, 11);

        assertProblem(answer, 409, "version-conflict");
        assertThat(answer.body().path("capacity").asInt()).isEqualTo(10);
        assertThat(answer.body().path("version").asInt()).isEqualTo(1);
        sale.assertDresses(10, 0, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | /capacity",
                "{'capacity':null} | /capacity",
                "{'capacity':-1} | /capacity",
                "{'capacity':1000000001} | /capacity",
                "{'capacity':1.0} | /capacity",
                "{'capacity':'1'} | /capacity",
                "{'capacity':1,'productId':'a b'} | /productId",
                "{'capacity':1,'attributes':[]} | /attributes",
                "{'capacity':1,'attributes':{'size':5}} | /attributes/size",
                "{'capacity':1,'attributes':{'':'x'}} | /attributes/",
                "{'capacity':1,'price':-1} | /price",
                "{'capacity':1,'price':1000000000001} | /price",
                "{'capacity':1,'price':49.99} | /price",
                "{'capacity':1,'perCustomerLimit':0} | /perCustomerLimit",
                "{'capacity':1,'lowStockThreshold':-1} | /lowStockThreshold",
                "{'capacity':1,'reorderQuantity':-1} | /reorderQuantity",
                "{'capacity':1,'sku':'x'} | /sku"
            })
    void stockThatCannotBeIsNotValid(String body, String pointer) {
        ContractSale sale = ContractSale.none();

        assertInvalid(sale.api.putStock(sale.id, MEDIUM, body.replace('\'', '"')), pointer);
    }

    @Test
    void theBooksAreAuditedAtOnePosition() {
        ContractSale sale = ContractSale.with(10);
        sale.held("c-1", 2);
        sale.api.confirm(sale.id, sale.held("c-2", 1));

        Answer answer = sale.api.audit(sale.id);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("position")).matches("\\d+-\\d+");
        assertThat(answer.body().path("balanced").asBoolean()).isTrue();
        assertThat(answer.body().path("items")).isEqualTo(json("""
                [{'sku':'RED-DRESS-M','redis':{'capacity':10,'available':7,'held':2,'sold':1,'version':1},
                  'postgres':{'capacity':10,'available':7,'held':2,'sold':1,'version':1},'drift':0}]"""));
    }

    @Test
    void aRehearsalsClockIsAdvanced() {
        ContractSale sale = ContractSale.with(1);

        Answer answer = sale.api.advanceClock(sale.id, 7200);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("clockOffsetSeconds").asInt()).isEqualTo(7200);
        Duration ahead = Duration.between(Instant.now(), Instant.parse(answer.text("now")));
        assertThat(ahead).isBetween(Duration.ofSeconds(7100), Duration.ofSeconds(7300));
    }

    @Test
    void theClockOfARealSaleIsNobodys() {
        ContractSale sale = ContractSale.with(1, "{}");

        Answer answer = sale.api.advanceClock(sale.id, 60);

        assertProblem(answer, 403, "forbidden");
        assertThat(answer.text("detail")).contains("rehearsal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"advanceSeconds\":0}", "{\"advanceSeconds\":-5}", "{\"advanceSeconds\":31536001}"})
    void aClockOnlyGoesForward(String body) {
        ContractSale sale = ContractSale.with(1);

        Answer answer = sale.api.send(sale.api.onAdmin("POST", "/v1/admin/sales/" + sale.id + "/clock", body));

        assertInvalid(answer, "/advanceSeconds");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        ContractSale none = ContractSale.none();

        assertProblem(none.api.sale(none.id, true), 404, "sale-not-found");
        assertProblem(none.api.turn(none.id, "pause", "x"), 404, "sale-not-found");
        assertProblem(none.api.putStock(none.id, MEDIUM, 1), 404, "sale-not-found");
        assertProblem(none.api.audit(none.id), 404, "sale-not-found");
        assertProblem(none.api.advanceClock(none.id, 1), 404, "sale-not-found");
        assertProblem(none.api.putSale("-", "{}"), 422, "validation-failed");
        assertProblem(none.api.putStock(none.id, "-", 1), 422, "validation-failed");
    }

    @Test
    void probesAndMetricsNeedNoKey() {
        ContractSale sale = ContractSale.with(1);
        sale.held("c-1", 1);

        Answer live = sale.api.probe("/health/live");
        Answer ready = sale.api.probe("/health/ready");
        Answer metrics = sale.api.probe("/metrics");

        assertThat(live.status()).isEqualTo(200);
        assertThat(live.text("version")).isNotBlank();
        assertThat(ready.body()).isEqualTo(json("{'status':'ready','redis':true,'postgres':true,'reasons':[]}"));
        assertThat(metrics.header("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(metrics.text())
                .contains("holdfast_reservations_total{outcome=\"held\"}")
                .contains("route=\"/v1/sales/{saleId}/reservations\",status=\"201\"");
    }
}
