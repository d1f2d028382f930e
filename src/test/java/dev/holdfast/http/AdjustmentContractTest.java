package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.LARGE;
import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.support.Api.Answer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdjustmentContractTest {

    @Test
    void aDeltaIsAvailableAtOnce() {
        ContractSale sale = ContractSale.with(2);
        sale.held("ann", 2);

        Answer answer = sale.api.adjust(
                sale.id, MEDIUM, "po-7", "{\"delta\":50,\"reason\":\"restock\",\"reference\":\"PO-7\"}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(fields(answer.body()))
                .containsExactly("adjustmentId", "before", "after", "version", "state", "pendingReduction");
        assertThat(answer.body().path("before").asLong()).isEqualTo(2);
        assertThat(answer.body().path("after").asLong()).isEqualTo(52);
        assertThat(answer.body().path("version").asLong()).isEqualTo(2);
        assertThat(answer.text("state")).isEqualTo("applied");
        sale.assertDresses(50, 2, 0);
        assertThat(sale.api.stock(sale.id, MEDIUM).body().path("version").asLong())
                .isEqualTo(2);
    }

    @Test
    void anAbsoluteCapacityNeedsTheVersionThatWasSeen() {
        ContractSale sale = ContractSale.with(100);
        sale.api
                .adjust(sale.id, MEDIUM, "first", "{\"delta\":10,\"reason\":\"found some\"}")
                .must(201);

        Answer stale = sale.api.adjust(
                sale.id, MEDIUM, "a", "{\"capacity\":150,\"expectedVersion\":1,\"reason\":\"counted\"}");
        Answer fresh = sale.api.adjust(
                sale.id, MEDIUM, "a", "{\"capacity\":150,\"expectedVersion\":2,\"reason\":\"counted\"}");

        assertProblem(stale, 409, "version-conflict");
        assertThat(stale.body().path("capacity").asLong()).isEqualTo(110);
        assertThat(stale.body().path("version").asLong()).isEqualTo(2);
        assertThat(fresh.status()).isEqualTo(201);
        assertThat(fresh.body().path("version").asLong()).isEqualTo(3);
        sale.assertDresses(150, 0, 0);
    }

    @Test
    void theSameKeyActsOnceAndGetsTheFirstResultAgain() {
        ContractSale sale = ContractSale.with(2);
        String body = "{\"delta\":5,\"reason\":\"restock\"}";

        Answer first = sale.api.adjust(sale.id, MEDIUM, "po-7", body);
        Answer again = sale.api.adjust(sale.id, MEDIUM, "\"po-7\"", body);
        Answer other = sale.api.adjust(sale.id, MEDIUM, "po-7", "{\"delta\":6,\"reason\":\"restock\"}");

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(first.header("idempotent-replayed")).isEmpty();
        assertThat(again.header("idempotent-replayed")).hasValue("true");
        assertProblem(other, 422, "idempotency-key-reused");
        sale.assertDresses(7, 0, 0);
    }

    @Test
    void ofManyWhoSubmitTheSameAtOnceOneActs() {
        ContractSale sale = ContractSale.with(2);

        List<CompletableFuture<Answer>> sent = Stream.generate(() -> CompletableFuture.supplyAsync(
                        () -> sale.api.adjust(sale.id, MEDIUM, "double", "{\"delta\":5,\"reason\":\"restock\"}")))
                .limit(8)
                .toList();
        List<Answer> answers = sent.stream().map(CompletableFuture::join).toList();

        assertThat(answers.stream().filter(answer -> answer.status() == 201).map(answer -> answer.text("adjustmentId")))
                .isNotEmpty()
                .containsOnly(sale.api
                        .adjust(sale.id, MEDIUM, "double", "{\"delta\":5,\"reason\":\"restock\"}")
                        .text("adjustmentId"));
        sale.assertDresses(7, 0, 0);
    }

    @Test
    void lessThanIsHeldAndSoldIsRefusedWithTheNumbersAndItsKeyIsFreeAgain() {
        ContractSale sale = ContractSale.with(10);
        sale.api.confirm(sale.id, sale.held("ann", 3)).must(200);
        String held = sale.held("bob", 4);

        Answer refused = sale.api.adjust(sale.id, MEDIUM, "c", "{\"delta\":-4,\"reason\":\"damaged\"}");
        sale.api.release(sale.id, held).must(200);
        Answer later = sale.api.adjust(sale.id, MEDIUM, "c", "{\"delta\":-4,\"reason\":\"damaged\"}");

        assertProblem(refused, 409, "capacity-below-use");
        assertThat(refused.body().path("held").asLong()).isEqualTo(4);
        assertThat(refused.body().path("sold").asLong()).isEqualTo(3);
        assertThat(refused.body().path("capacity").asLong()).isEqualTo(10);
        assertThat(refused.body().path("requested").asLong()).isEqualTo(6);
        assertThat(later.status()).isEqualTo(201);
        assertThat(later.body().path("version").asLong()).isEqualTo(2);
        sale.assertDresses(3, 0, 3);
    }

    @Test
    void whatIsHeldGoesAsHoldsEndWhereThatIsAllowed() {
        ContractSale sale = ContractSale.with(10);
        String held = sale.held("ann", 8);

        Answer answer = sale.api.adjust(
                sale.id,
                MEDIUM,
                "c",
                "{\"capacity\":5,\"expectedVersion\":1,\"reason\":\"damaged\",\"allowBelowHeld\":true}");
        sale.assertDresses(0, 8, 0);
        sale.api.release(sale.id, held).must(200);

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.body().path("pendingReduction").asLong()).isEqualTo(3);
        sale.assertDresses(5, 0, 0);
        assertThat(sale.api.audit(sale.id).body().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void whatIsSoldCannotGo() {
        ContractSale sale = ContractSale.with(10);
        sale.api.confirm(sale.id, sale.held("ann", 8)).must(200);

        Answer answer =
                sale.api.adjust(sale.id, MEDIUM, "c", "{\"delta\":-5,\"reason\":\"damaged\",\"allowBelowHeld\":true}");

        assertProblem(answer, 409, "capacity-below-use");
        sale.assertDresses(2, 0, 8);
    }

    @Test
    void theListTellsWhoWhenWhyAndWhat() {
        ContractSale sale = ContractSale.with(10);
        sale.held("ann", 10);
        sale.api.adjust(sale.id, MEDIUM, "one", "{\"delta\":5,\"reason\":\"restock\",\"reference\":\"PO-7\"}");
        sale.api.adjust(sale.id, MEDIUM, "two", "{\"delta\":-9,\"reason\":\"damaged\"}");
        Answer named = sale.api.send(sale.api
                .onAdmin("POST", path(sale, MEDIUM), "{\"delta\":-1,\"reason\":\"stolen\"}")
                .setHeader("Idempotency-Key", "three")
                .setHeader("Holdfast-Actor", "alice@shop.example"));

        assertThat(named.status()).isEqualTo(201);
        Answer first = sale.api.adjustmentsOf(sale.id, MEDIUM, "?limit=2");
        Answer rest = sale.api.adjustmentsOf(sale.id, MEDIUM, "?limit=2&cursor=" + first.text("nextCursor"));

        List<JsonNode> items = first.body().path("items").valueStream().toList();
        assertThat(items).extracting(item -> item.path("reason").asText()).containsExactly("stolen", "damaged");
        assertThat(items).extracting(item -> item.path("state").asText()).containsExactly("applied", "refused");
        assertThat(items).extracting(item -> item.path("actor").asText()).containsExactly("alice@shop.example", "test");
        assertThat(items.getFirst().path("keyName").asText()).isEqualTo("test");
        assertThat(items.getFirst().path("before").asLong()).isEqualTo(15);
        assertThat(items.getFirst().path("after").asLong()).isEqualTo(14);
        assertThat(items.getFirst().path("at").asText()).matches(TIME);
        assertThat(items.getFirst().path("requestId").asText()).matches("[0-9a-f]{32}");
        assertThat(rest.body().path("items")).hasSize(1);
        assertThat(rest.body().path("items").path(0).path("reference").asText()).isEqualTo("PO-7");
        assertThat(rest.body().path("nextCursor").isNull()).isTrue();
    }

    @Test
    void aSoldOutSkuIsToBeHadAgainAfterARestock() {
        ContractSale sale = ContractSale.with(1);
        sale.held("ann", 1);
        assertThat(sale.api.hold(sale.id, "bob", MEDIUM, 1).code()).isEqualTo("out-of-stock");

        sale.api
                .adjust(sale.id, MEDIUM, "more", "{\"delta\":1,\"reason\":\"restock\"}")
                .must(201);

        await().until(() -> sale.api.hold(sale.id, "bob", MEDIUM, 1).status() == 201);
        assertThat(sale.api.hold(sale.id, "cyd", MEDIUM, 1).code()).isEqualTo("out-of-stock");
    }

    @Test
    void aPutThatRepeatsTheAdjustedCapacityIsNoConflict() {
        ContractSale sale = ContractSale.with(10);
        sale.api
                .adjust(sale.id, MEDIUM, "more", "{\"delta\":5,\"reason\":\"restock\"}")
                .must(201);

        Answer same = sale.api.putStock(sale.id, MEDIUM, "{\"capacity\":15,\"price\":100}");
        Answer other = sale.api.putStock(sale.id, MEDIUM, 10);

        assertThat(same.status()).isEqualTo(200);
        assertProblem(other, 409, "version-conflict");
        assertThat(other.body().path("capacity").asLong()).isEqualTo(15);
        sale.assertDresses(15, 0, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'reason':'x'}|/delta",
                "{'delta':1,'capacity':5,'expectedVersion':1,'reason':'x'}|/delta",
                "{'delta':0,'reason':'x'}|/delta",
                "{'delta':1000000000000,'reason':'x'}|/delta",
                "{'delta':-1000000000001,'reason':'x'}|/delta",
                "{'delta':1.5,'reason':'x'}|/delta",
                "{'delta':'1','reason':'x'}|/delta",
                "{'delta':-11,'reason':'x'}|/delta",
                "{'delta':1000000000,'reason':'x'}|/delta",
                "{'capacity':5,'reason':'x'}|/expectedVersion",
                "{'capacity':-1,'expectedVersion':1,'reason':'x'}|/capacity",
                "{'capacity':1000000000000,'expectedVersion':1,'reason':'x'}|/capacity",
                "{'capacity':5,'expectedVersion':0,'reason':'x'}|/expectedVersion",
                "{'delta':1}|/reason",
                "{'delta':1,'reason':'  '}|/reason",
                "{'delta':1,'reason':7}|/reason",
                "{'delta':1,'reason':'x','reference':''}|/reference",
                "{'delta':1,'reason':'x','allowBelowHeld':'yes'}|/allowBelowHeld",
                "{'delta':1,'reason':'x','why':'y'}|/why"
            })
    void whatIsNoAdjustmentIsRefusedAndChangesNothing(String body, String pointer) {
        ContractSale sale = ContractSale.with(10);

        assertInvalid(sale.api.adjust(sale.id, MEDIUM, "bad", body.replace('\'', '"')), pointer);

        sale.assertDresses(10, 0, 0);
        assertThat(sale.api.adjustmentsOf(sale.id, MEDIUM, "").body().path("items"))
                .isEmpty();
    }

    @Test
    void aReasonThatNobodyCanReadIsRefused() {
        ContractSale sale = ContractSale.with(10);

        assertInvalid(
                sale.api.adjust(sale.id, MEDIUM, "a", "{\"delta\":1,\"reason\":\"" + "x".repeat(501) + "\"}"),
                "/reason");
        assertInvalid(sale.api.adjust(sale.id, MEDIUM, "a", "{\"delta\":1,\"reason\":\"a\\u0000b\"}"), "/reason");
        assertProblem(
                sale.api.adjust(sale.id, MEDIUM, "a", "{\"delta\":1,\"reason\":\"" + "x".repeat(1 << 20) + "\"}"),
                413,
                "payload-too-large");
        sale.assertDresses(10, 0, 0);
    }

    @Test
    void anAdjustmentNeedsAKeyAnAdminAndItsSku() {
        ContractSale sale = ContractSale.with(10);
        ContractSale other = ContractSale.none();
        String body = "{\"delta\":1,\"reason\":\"x\"}";

        Answer noKey = sale.api.send(sale.api.onAdmin("POST", path(sale, MEDIUM), body));
        Answer badKey = sale.api.adjust(sale.id, MEDIUM, "x".repeat(256), body);
        Answer unknownSku = sale.api.adjust(sale.id, LARGE, "a", body);
        Answer noSku = sale.api.adjust(sale.id, "-", "a", body);
        Answer unknownSale = other.api.adjust(other.id, MEDIUM, "a", body);
        Answer otherPort = sale.api.send(
                sale.api.onPublic("POST", path(sale, MEDIUM), body).setHeader("Idempotency-Key", "a"));

        assertProblem(noKey, 400, "idempotency-key-missing");
        assertProblem(badKey, 400, "idempotency-key-invalid");
        assertProblem(unknownSku, 404, "sku-not-found");
        assertProblem(noSku, 404, "sku-not-found");
        assertProblem(unknownSale, 404, "sale-not-found");
        assertProblem(otherPort, 404, "not-found");
        assertProblem(sale.api.adjustmentsOf(sale.id, LARGE, ""), 404, "sku-not-found");
        assertProblem(other.api.adjustmentsOf(other.id, MEDIUM, ""), 404, "sale-not-found");
        sale.assertDresses(10, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=0", "?limit=101", "?cursor=!", "?cursor=Zm9v"})
    void whatIsNoPageIsRefused(String query) {
        ContractSale sale = ContractSale.with(1);

        assertProblem(sale.api.adjustmentsOf(sale.id, MEDIUM, query), 422, "validation-failed");
    }

    @Test
    void anActorThatNobodyCanReadIsRefused() {
        ContractSale sale = ContractSale.with(1);

        for (String actor : List.of(" ", "x".repeat(101), "tab\tin it")) {
            Answer answer = sale.api.send(sale.api
                    .onAdmin("POST", path(sale, MEDIUM), "{\"delta\":1,\"reason\":\"x\"}")
                    .setHeader("Idempotency-Key", "a")
                    .setHeader("Holdfast-Actor", actor));

            assertProblem(answer, 400, "malformed-request");
        }
        sale.assertDresses(1, 0, 0);
    }

    private static String path(ContractSale sale, String sku) {
        return "/v1/admin/sales/" + sale.id + "/stock/" + sku + "/adjustments";
    }
}
