package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import java.net.URI;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's "Every answer": keys, problems and what no call can be about. */
class ErrorContractTest {

    private final URI publicUri = TestNode.shared().publicUri();
    private final URI adminUri = TestNode.shared().adminUri();
    private final Api api = new Api(publicUri, adminUri);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer wrong",
                "Bearer test-checkout-keys",
                "Basic dGVzdC1jaGVja291dC1rZXk6",
                "test-checkout-key"
            })
    void withoutAValidKeyNothingIsDone(String authorization) {
        HttpRequest.Builder request =
                Api.request(publicUri, "POST", "/v1/sales/s/reservations", Api.cart("c", MEDIUM, 1));
        if (!authorization.isEmpty()) {
            request.setHeader("Authorization", authorization);
        }

        Answer answer = api.send(request);

        assertProblem(answer, 401, "unauthorized");
        assertThat(answer.header("www-authenticate")).hasValue("Bearer realm=\"holdfast\"");
    }

    @Test
    void eachKeyIsForItsOwnCalls() {
        HttpRequest.Builder admin = Api.request(adminUri, "GET", "/v1/admin/sales", null);
        HttpRequest.Builder checkout = Api.request(publicUri, "GET", "/v1/sales/s", null);

        Answer asAdmin = api.send(admin.setHeader("Authorization", "Bearer " + Api.CHECKOUT_KEY));
        Answer asCheckout = api.send(checkout.setHeader("Authorization", "Bearer " + Api.ADMIN_KEY));

        assertProblem(asAdmin, 403, "forbidden");
        assertProblem(asCheckout, 403, "forbidden");
    }

    @Test
    void theSchemeOfAKeyMayBeWrittenInAnyCase() {
        HttpRequest.Builder request = Api.request(adminUri, "GET", "/v1/admin/sales", null);

        Answer answer = api.send(request.setHeader("Authorization", "bEARER " + Api.ADMIN_KEY));

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void eachListenerHasItsOwnRoutesOnly() {
        assertProblem(api.send(api.onPublic("GET", "/v1/admin/sales", null)), 404, "not-found");
        assertProblem(api.send(api.onPublic("GET", "/metrics", null)), 404, "not-found");
        assertProblem(api.send(api.onPublic("GET", "/health/live", null)), 404, "not-found");
        assertProblem(api.send(api.onPublic("GET", "/openapi.yaml", null)), 404, "not-found");
        assertProblem(api.send(api.onAdmin("GET", "/v1/sales/s", null)), 404, "not-found");
        assertProblem(api.send(api.onAdmin("GET", "/v1/sales/s/stock", null)), 404, "not-found");
        assertProblem(api.send(api.onPublic("GET", "/", null)), 404, "not-found");
        assertProblem(api.send(api.onPublic("GET", "/v1/sales/s/orders/o", null)), 404, "not-found");
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /v1/sales/s, 'GET, HEAD'",
        "GET, /v1/sales/s/reservations, POST",
        "HEAD, /v1/sales/s/reservations, POST",
        "OPTIONS, /v1/sales/s/reservations, POST",
        "PATCH, /v1/sales/s/reservations/AAAAAAAAAAAAAAAAAAAAAA/items, PUT",
        "PROPFIND, /v1/sales/s/stock, 'GET, HEAD'"
    })
    void otherMethodsAreToldWhichThereAre(String method, String path, String allow) {
        Answer answer = api.send(api.onPublic(method, path, null));

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).hasValue(allow);
        assertThat(answer.header("content-type")).hasValue("application/problem+json");
        if (!method.equals("HEAD")) {
            assertProblem(answer, 405, "method-not-allowed");
        }
    }

    @Test
    void putAndGetOfASaleShareTheirPath() {
        Answer answer = api.send(api.onAdmin("DELETE", "/v1/admin/sales/s", null));

        assertProblem(answer, 405, "method-not-allowed");
        assertThat(answer.header("allow")).hasValue("GET, HEAD, PUT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/json; charset=utf-16",
                "application/json; charset=iso-8859-1",
                "application/jsonp",
                "application/problem+json"
            })
    void onlyJsonIsTaken(String contentType) {
        HttpRequest.Builder request = api.onPublic("POST", "/v1/sales/s/reservations", Api.cart("c", MEDIUM, 1));

        Answer answer = api.send(request.setHeader("Content-Type", contentType));

        assertProblem(answer, 415, "unsupported-media-type");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", "application/json; v=1"
            })
    void parametersOfJsonAreNoMatter(String contentType) {
        HttpRequest.Builder request = api.onPublic("POST", "/v1/sales/none/reservations", Api.cart("c", MEDIUM, 1));

        Answer answer = api.send(request.setHeader("Content-Type", contentType));

        assertProblem(answer, 404, "sale-not-found");
    }

    @Test
    void aCompressedBodyIsNotTaken() {
        HttpRequest.Builder request = api.onPublic("POST", "/v1/sales/s/reservations", Api.cart("c", MEDIUM, 1));

        Answer answer = api.send(request.setHeader("Content-Encoding", "gzip"));

        assertProblem(answer, 415, "unsupported-media-type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{'customerId':'c',}", "{} {}", "[1,]", "NaN", "{a:1}", "/* */{}", "{'a':01}"})
    void whatIsNotJsonIsMalformed(String body) {
        Answer answer = api.hold("s", body.replace('\'', '"'), null);

        assertProblem(answer, 400, "malformed-request");
    }

    @Test
    void everyErrorOfABodyIsListed() {
        Answer answer = api.hold("s", """
                {"customerId":"-","items":[{"sku":"a b","quantity":0},{"quantity":1.5,"colour":"red"},7],
                 "holdSeconds":4,"holdSeconds":60,"a/b~c":1}""", null);

        assertInvalid(
                answer,
                "/holdSeconds",
                "/customerId",
                "/items/2",
                "/items/0/sku",
                "/items/0/quantity",
                "/items/1/sku",
                "/items/1/quantity",
                "/items/1/colour",
                "/a~1b~0c");
    }

    @Test
    void noMoreThanTwentyErrorsAreListed() {
        StringBuilder body = new StringBuilder("{\"customerId\":\"c\"");
        for (int i = 0; i < 50; i++) {
            body.append(",\"f").append(i).append("\":1");
        }

        Answer answer = api.hold("s", body + "}", null);

        assertThat(answer.body().path("errors")).hasSize(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | /items",
                "null | /items",
                "{} | /items",
                "[{'sku':'A','quantity':10001}] | /items/0/quantity",
                "[{'sku':'A','quantity':-1}] | /items/0/quantity",
                "[{'sku':'A','quantity':1e2}] | /items/0/quantity",
                "[{'sku':'A','quantity':4294967297}] | /items/0/quantity",
                "[{'sku':'A','quantity':99999999999999999999999999}] | /items/0/quantity",
                "[{'sku':'A','quantity':'1'}] | /items/0/quantity",
                "[{'sku':'A','quantity':true}] | /items/0/quantity",
                "[{'sku':'A'}] | /items/0/quantity",
                "[{'sku':'','quantity':1}] | /items/0/sku",
                "[{'sku':7,'quantity':1}] | /items/0/sku",
                "[{'sku':'A\\u0000','quantity':1}] | /items/0/sku",
                "[{'sku':'A\\ud800','quantity':1}] | /items/0/sku",
                "[{'sku':'A','quantity':6000},{'sku':'A','quantity':6000}] | /items/1/quantity"
            })
    void itemsThatCannotBeAreNotValid(String items, String pointer) {
        Answer answer = api.hold("s", ("{'customerId':'c','items':" + items + "}").replace('\'', '"'), null);

        assertInvalid(answer, pointer);
    }

    @Test
    void aCartHasTwentyLinesAtMost() {
        String line = "{\"sku\":\"A\",\"quantity\":1}";
        String lines = (line + ",").repeat(20) + line;

        assertInvalid(api.hold("s", "{\"customerId\":\"c\",\"items\":[" + lines + "]}", null), "/items");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "\"a", "\"a\"b", "\"a\\b\"", "\"\""})
    void aBrokenIdempotencyKeyIsInvalid(String key) {
        assertProblem(api.hold("s", Api.cart("c", MEDIUM, 1), key), 400, "idempotency-key-invalid");
    }

    @Test
    void anIdempotencyKeyIsNeitherTooLongNorSentTwice() {
        HttpRequest.Builder twice = api.onPublic("POST", "/v1/sales/s/reservations", Api.cart("c", MEDIUM, 1))
                .header("Idempotency-Key", "a")
                .header("Idempotency-Key", "a");

        assertProblem(api.hold("s", Api.cart("c", MEDIUM, 1), "k".repeat(256)), 400, "idempotency-key-invalid");
        assertProblem(api.hold("s", Api.cart("c", MEDIUM, 1), "k".repeat(255)), 404, "sale-not-found");
        assertProblem(api.send(twice), 400, "idempotency-key-invalid");
    }

    @Test
    void aLargeBodyIsRefused() {
        assertProblem(api.hold("s", " ".repeat(16 * 1024 + 1), null), 413, "payload-too-large");
    }

    @Test
    void theTraceOfTheCallerIsKept() {
        HttpRequest.Builder request = api.onPublic("GET", "/v1/sales/none", null)
                .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        assertThat(api.send(request).text("traceId")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @ParameterizedTest
    @EnumSource(ProblemCode.class)
    void everyCodeHasItsPageOnBothListeners(ProblemCode code) {
        for (URI listener : new URI[] {publicUri, adminUri}) {
            Answer page = api.send(Api.request(listener, "GET", "/problems/" + code.word(), null));

            assertThat(page.status()).isEqualTo(200);
            assertThat(page.header("content-type")).hasValue("text/html; charset=utf-8");
            assertThat(page.text()).contains("<code>" + code.word() + "</code>").contains("status " + code.status());
        }
    }

    @Test
    void noOtherCodeHasAPage() {
        Answer index = api.send(Api.request(publicUri, "GET", "/problems", null));

        assertThat(index.text()).contains("out-of-stock");
        assertProblem(api.send(Api.request(publicUri, "GET", "/problems/%3Cscript%3E", null)), 404, "not-found");
    }
}
