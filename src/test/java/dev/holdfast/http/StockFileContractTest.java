package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static dev.holdfast.http.ContractSale.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A catalogue comes as a file and leaves as one, over HTTP. */
class StockFileContractTest {

    private static final String HEADER =
            "sku,capacity,product_id,price,per_customer_limit,low_stock_threshold,reorder_quantity";

    @Test
    void everyRowIsAnsweredAndBadOnesKeepNoOther() {
        ContractSale sale = ContractSale.with(10);
        sale.api.putStock(sale.id, "KEPT", "{\"capacity\":5,\"price\":100}");

        Answer answer = sale.api.importStock(
                sale.id, "sku,capacity,price\nNEW,7,4999\nRED-DRESS-M,10,2500\nKEPT,5,100\nBAD,1.5,1\nA B,1,1\n");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("items").path(4).path("reason").asText()).contains("\"A B\" is not possible");
        assertThat(answer.body()).isEqualTo(json("""
                {'dryRun':false,'rows':5,'created':1,'updated':1,'unchanged':1,'rejected':2,'items':[
                 {'row':2,'sku':'NEW','result':'created'},
                 {'row':3,'sku':'RED-DRESS-M','result':'updated'},
                 {'row':4,'sku':'KEPT','result':'unchanged'},
                 {'row':5,'sku':'BAD','result':'rejected','reason':%s},
                 {'row':6,'sku':'A B','result':'rejected','reason':%s}]}""".formatted(
                        answer.body().path("items").path(3).path("reason"),
                        answer.body().path("items").path(4).path("reason"))));
        assertThat(sale.api.hold(sale.id, "c-1", "NEW", 7).status()).isEqualTo(201);
        assertThat(sale.api.stock(sale.id).body().path("items")).hasSize(3);
        assertThat(sale.api.audit(sale.id).body().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void aTrialTellsWhatWouldComeOfItAndDoesNothing() {
        ContractSale sale = ContractSale.with(10);
        byte[] file = "sku,capacity,price\nNEW,7,1\nRED-DRESS-M,10,1\nX,y,\n".getBytes(StandardCharsets.UTF_8);

        Answer tried = sale.api.importStock(sale.id, file, "?dryRun=true");
        assertThat(sale.api.stock(sale.id).body().path("items")).hasSize(1);
        Answer done = sale.api.importStock(sale.id, file, "?dryRun=false");

        assertThat(tried.body().path("dryRun").asBoolean()).isTrue();
        assertThat(tried.body().path("items")).isEqualTo(done.body().path("items"));
        assertThat(done.body().path("dryRun").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"?dryRun", "?dryRun=", "?dryRun=1", "?dryRun=TRUE", "?dryRun=true&dryRun=true"})
    void whetherItIsATrialIsSaidPlainly(String query) {
        ContractSale sale = ContractSale.with(10);

        assertInvalid(
                sale.api.importStock(sale.id, "sku,capacity\nA,1".getBytes(StandardCharsets.UTF_8), query), "/dryRun");
        assertThat(sale.api.stock(sale.id).body().path("items")).hasSize(1);
    }

    @Test
    void shopifysInventoryIsTakenAsItIs() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, false);

        Answer answer = sale.api.importStock(sale.id, resource("shopify-inventory.csv"), "");

        assertThat(answer.body()
                        .path("items")
                        .valueStream()
                        .map(item -> item.path("row").asText()
                                + ' '
                                + item.path("sku").asText()
                                + ' '
                                + item.path("result").asText()))
                .containsExactly(
                        "2 RED-DRESS-M created",
                        "3 RED-DRESS-M created",
                        "4 RED-DRESS-L created",
                        "5 RED-DRESS-L created",
                        "6 MUG-1 created",
                        "7 MUG-1 created",
                        "8  rejected",
                        "9 POSTER A2 rejected",
                        "10 TOTE-1 rejected",
                        "11 TOTE-1 rejected",
                        "12 SCARF-1 rejected");
        assertThat(sale.api.stock(sale.id, MEDIUM).body().path("capacity").asInt())
                .isEqualTo(100);
        assertThat(sale.api.stock(sale.id, "MUG-1").body().path("capacity").asInt())
                .isEqualTo(245);
        assertThat(sale.api.exportStock(sale.id).text())
                .isEqualTo(HEADER + ",attribute:Size,attribute:Color\r\n"
                        + "MUG-1,245,coffee-mug,,,,,,\r\n"
                        + "RED-DRESS-L,12,red-dress,,,,,L,Red\r\n"
                        + "RED-DRESS-M,100,red-dress,,,,,M,Red\r\n");
    }

    @Test
    void theInventoryThatShopifyWroteBeforeIsTakenTooAndKeepsWhatItDoesNotSay() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, false);
        sale.api.putStock(sale.id, "MUG-1", "{\"capacity\":250,\"price\":1200,\"attributes\":{\"glaze\":\"blue\"}}");

        Answer answer = sale.api.importStock(sale.id, resource("shopify-inventory-before-2024.csv"), "");

        assertThat(answer.body().path("created").asInt()).isEqualTo(2);
        assertThat(answer.body().path("updated").asInt()).isEqualTo(1);
        assertThat(sale.api.exportStock(sale.id).text()).contains("MUG-1,250,coffee-mug,1200,,,,blue,,\r\n");
    }

    @Test
    void whatIsExportedIsUnchangedWhenItIsImported() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, false);
        sale.api.putStock(sale.id, "PLAIN", 0);
        sale.api.putStock(sale.id, "FULL", """
                {"capacity":100,"productId":"p:1","price":4999,"perCustomerLimit":2,"lowStockThreshold":0,"reorderQuantity":50,
                 "attributes":{"size":"M, \\"slim\\"","f":"=1+1","minus":"-5","tis":"'tis","quoted":"'=1","two":"a\\r\\nb",
                               "é":"Größe ✓"}}""");
        sale.api.hold(sale.id, "c-1", "FULL", 1);

        Answer exported = sale.api.exportStock(sale.id);
        Answer imported = sale.api.importStock(sale.id, exported.text());

        assertThat(exported.header("content-type")).hasValue("text/csv; charset=utf-8");
        assertThat(exported.header("content-disposition"))
                .hasValue("attachment; filename=\"" + sale.id + "-stock.csv\"");
        assertThat(exported.text()).contains(",'=1+1,'-5,'tis,''=1,\"a\r\nb\",Größe ✓\r\n");
        assertThat(fields(imported.body().path("items").path(0))).containsExactly("row", "sku", "result");
        assertThat(imported.body().path("unchanged").asInt()).isEqualTo(2);
        assertThat(sale.api.exportStock(sale.id).text()).isEqualTo(exported.text());
    }

    @Test
    void anExportMakesTheSameCatalogueInAnotherSale() {
        ContractSale from = ContractSale.with(10);
        ContractSale to = ContractSale.none();
        to.api.putSale(to.id, false);

        to.api.importStock(to.id, from.api.exportStock(from.id).text()).must(200);

        assertThat(to.api.exportStock(to.id).text())
                .isEqualTo(from.api.exportStock(from.id).text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sku,capacity,colour;A,1,red | /colour",
                "capacity;1 | /sku",
                "A,1;B,2 | /A,/1,/sku",
                "sku,capacity,capacity;A,1,1 | /capacity",
                "Handle,SKU;a,A | /Available"
            })
    void aFileWithOtherColumnsIsNotValid(String file, String pointers) {
        ContractSale sale = ContractSale.with(10);

        Answer answer = sale.api.importStock(sale.id, file.replace(';', '\n'));

        assertInvalid(answer, pointers.split(",", -1));
        assertNothingChanged(sale);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\r\n", "sku,capacity\nA,1\nB,\"2", "sku,capacity\nA,\"1\"2", "sku,capacity\nA,1\nB\0,1"})
    void whatIsNoCsvIsMalformed(String file) {
        ContractSale sale = ContractSale.with(10);

        assertProblem(sale.api.importStock(sale.id, file), 400, "malformed-request");
        assertNothingChanged(sale);
    }

    @Test
    void anotherEncodingIsMalformed() {
        ContractSale sale = ContractSale.with(10);
        String file = "sku,capacity,attribute:size\nA,1,M\nB,1,Größe\n";

        Answer latin1 = sale.api.importStock(sale.id, file.getBytes(StandardCharsets.ISO_8859_1), "");
        Answer utf16 = sale.api.importStock(sale.id, file.getBytes(StandardCharsets.UTF_16), "");

        assertProblem(latin1, 400, "malformed-request");
        assertThat(latin1.text("detail")).contains("Line 3");
        assertProblem(utf16, 400, "malformed-request");
        assertNothingChanged(sale);
    }

    @Test
    void aMegabyteOfJunkIsRefused() {
        ContractSale sale = ContractSale.with(10);
        byte[] noise = new byte[1 << 20];
        new Random(7).nextBytes(noise);

        assertProblem(sale.api.importStock(sale.id, noise, ""), 400, "malformed-request");
        for (String junk : new String[] {"x", ",", "\"", "x\n", "=cmd|' /C calc'!A0,"}) {
            Answer answer = sale.api.importStock(sale.id, junk.repeat((1 << 20) / junk.length()));
            assertThat(answer.status()).as(answer.text()).isIn(400, 422);
            assertThat(answer.text()).hasSizeLessThan(4_000);
        }
        assertNothingChanged(sale);
    }

    @Test
    void theFirstRowAloneChangesNothing() {
        ContractSale sale = ContractSale.with(10);

        Answer answer = sale.api.importStock(sale.id, "sku,capacity\n");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("rows").asInt()).isZero();
        assertNothingChanged(sale);
    }

    @Test
    void aFileHasEightMebibytesAtMostAndOtherBodiesStaySmall() {
        ContractSale sale = ContractSale.with(10);
        byte[] fits = ("sku,capacity\n" + "\n".repeat(8 * 1024 * 1024 - 13)).getBytes(StandardCharsets.UTF_8);

        assertThat(sale.api.importStock(sale.id, fits, "").status()).isEqualTo(200);
        assertProblem(sale.api.importStock(sale.id, new byte[8 * 1024 * 1024 + 1], ""), 413, "payload-too-large");
        assertProblem(sale.api.importStock(sale.id, new byte[50 * 1024 * 1024], ""), 413, "payload-too-large");
        assertProblem(sale.api.putStock(sale.id, "import", " ".repeat(16 * 1024 + 1)), 413, "payload-too-large");
        assertNothingChanged(sale);
    }

    @Test
    void withoutAnAdminsKeyNoFileIsTakenIn() {
        ContractSale sale = ContractSale.with(10);
        Api stranger =
                new Api(TestNode.shared().publicUri(), TestNode.shared().adminUri(), Api.CHECKOUT_KEY, "not-a-key");
        Api checkout = new Api(
                TestNode.shared().publicUri(), TestNode.shared().adminUri(), Api.CHECKOUT_KEY, Api.CHECKOUT_KEY);
        byte[] file = new byte[1 << 20];

        assertProblem(stranger.importStock(sale.id, file, ""), 401, "unauthorized");
        assertProblem(checkout.importStock(sale.id, file, ""), 403, "forbidden");
        assertProblem(stranger.exportStock(sale.id), 401, "unauthorized");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "text/plain",
                "text/csv; charset=iso-8859-1",
                "text/csv; charset=utf-16",
                "application/vnd.ms-excel"
            })
    void whatIsNotSentAsCsvInUtf8IsUnsupported(String contentType) {
        ContractSale sale = ContractSale.with(10);

        assertProblem(send(sale, contentType, "sku,capacity\nA,1"), 415, "unsupported-media-type");
        assertNothingChanged(sale);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/csv", "text/csv; charset=utf-8", "Text/CSV;charset=\"UTF-8\"; header=present"})
    void csvInUtf8MayBeSentAsThat(String contentType) {
        ContractSale sale = ContractSale.with(10);

        assertThat(send(sale, contentType, "\uFEFFsku,capacity\nA,1")
                        .body()
                        .path("created")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void skusMayBeCalledAsTheCallsAre() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, false);

        assertThat(sale.api.putStock(sale.id, "import", 1).status()).isEqualTo(201);
        assertThat(sale.api.putStock(sale.id, "export", 1).status()).isEqualTo(201);
        Answer other = sale.api.send(sale.api.onAdmin("DELETE", "/v1/admin/sales/" + sale.id + "/stock/import", null));
        assertProblem(other, 405, "method-not-allowed");
        assertThat(other.header("allow"))
                .hasValueSatisfying(allow -> assertThat(allow).contains("POST", "PUT"));
    }

    @Test
    void aSaleThatIsNotThereIsNotFound() {
        ContractSale none = ContractSale.none();

        assertProblem(none.api.importStock(none.id, "sku,capacity\nA,1"), 404, "sale-not-found");
        assertProblem(none.api.exportStock(none.id), 404, "sale-not-found");
    }

    @Test
    void aCapacityThatDiffersIsAnAdjustment() {
        ContractSale sale = ContractSale.with(10);
        sale.held("c-1", 4);
        sale.api.putStock(sale.id, "OTHER", 5);
        byte[] file = "sku,capacity,price\nRED-DRESS-M,3,100\nOTHER,8,200\n".getBytes(StandardCharsets.UTF_8);

        Answer tried = sale.api.importStock(sale.id, file, "?dryRun=true");
        assertThat(sale.api.stock(sale.id, "OTHER").body().path("capacity").asInt())
                .isEqualTo(5);
        Answer done = sale.api.importStock(sale.id, file, "");

        assertThat(done.body().path("items").findValuesAsText("result")).containsExactly("rejected", "updated");
        assertThat(done.body().path("items").path(0).path("reason").asText())
                .isEqualTo("capacity is below what is held (4) and sold (0)");
        assertThat(tried.body().path("items")).isEqualTo(done.body().path("items"));
        assertThat(sale.api.exportStock(sale.id).text())
                .isEqualTo(HEADER + "\r\nOTHER,8,,200,,,\r\nRED-DRESS-M,10,,,,,\r\n");
        sale.assertDresses(6, 4, 0);
        Answer adjusted = sale.api.adjustmentsOf(sale.id, "OTHER", "");
        assertThat(adjusted.body().path("items").findValuesAsText("after")).containsExactly("8");
        Answer again =
                sale.api.importStock(sale.id, sale.api.exportStock(sale.id).text());
        assertThat(again.status()).as(again.text()).isEqualTo(200);
        assertThat(again.body().path("unchanged").asInt()).as(again.text()).isEqualTo(2);
        assertThat(sale.api.audit(sale.id).body().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void tenThousandRowsAreCreatedAndUnchangedAfterwards() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, false);
        String file = IntStream.range(0, 10_000)
                .mapToObj(i -> "SKU-%05d,%d,product-%d,%d,M".formatted(i * 7_919 % 10_000, i % 50, i / 8, 100 + i))
                .collect(Collectors.joining("\n", "sku,capacity,product_id,price,attribute:size\n", "\n"));

        Answer created = sale.api.importStock(sale.id, file);
        Answer again =
                sale.api.importStock(sale.id, sale.api.exportStock(sale.id).text());

        assertThat(created.body().path("created").asInt()).isEqualTo(10_000);
        assertThat(again.body().path("unchanged").asInt()).isEqualTo(10_000);
        Answer stock = sale.api.stock(sale.id);
        assertThat(stock.body().path("items").findValuesAsText("sku"))
                .hasSize(10_000)
                .isSorted();
        assertThat(sale.api.audit(sale.id).body().path("balanced").asBoolean()).isTrue();
    }

    private static Answer send(ContractSale sale, String contentType, String file) {
        HttpRequest.Builder request = sale.api
                .onAdmin("POST", "/v1/admin/sales/" + sale.id + "/stock/import", null)
                .method("POST", BodyPublishers.ofString(file))
                .header("Content-Type", contentType);
        return sale.api.send(request);
    }

    private static void assertNothingChanged(ContractSale sale) {
        assertThat(sale.api.exportStock(sale.id).text()).isEqualTo(HEADER + "\r\nRED-DRESS-M,10,,,,,\r\n");
        assertThat(sale.api.stock(sale.id).body().path("items")).hasSize(1);
    }

    private static byte[] resource(String name) {
        try (InputStream file =
                Objects.requireNonNull(StockFileContractTest.class.getResourceAsStream("/csv/" + name))) {
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
