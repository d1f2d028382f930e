package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The audit trail, over HTTP. */
class ActionContractTest {

    @Test
    void theTrailTellsTheLatestFirst() {
        ContractSale sale = ContractSale.with(1);
        sale.api.turn(sale.id, "pause", "a price is wrong").must(200);

        Answer trail = list(sale, "");

        JsonNode latest = trail.body().path("items").path(0);
        assertThat(words(trail)).containsExactly("sale.paused", "stock.created", "sale.created");
        assertThat(fields(latest))
                .containsExactly(
                        "actionId",
                        "at",
                        "actor",
                        "keyName",
                        "requestId",
                        "action",
                        "saleId",
                        "subject",
                        "reason",
                        "before",
                        "after");
        assertThat(latest.path("at").asText()).matches(TIME);
        assertThat(latest.path("keyName").asText()).isEqualTo("test");
        assertThat(latest.path("requestId").asText()).matches("[0-9a-f]{32}");
        assertThat(latest.path("reason").asText()).isEqualTo("a price is wrong");
        assertThat(latest.path("subject").isNull()).isTrue();
        assertThat(latest.path("before").path("state").asText()).isEqualTo("open");
        assertThat(latest.path("after").path("state").asText()).isEqualTo("paused");
    }

    @Test
    void everyFilterLeavesWhatItNames() {
        ContractSale sale = ContractSale.with(1);
        sale.api
                .send(sale.api
                        .onAdmin("POST", "/v1/admin/sales/" + sale.id + "/pause", "{\"reason\":\"a call\"}")
                        .header("Holdfast-Actor", "alice of the desk"))
                .must(200);
        JsonNode items = list(sale, "").body().path("items");
        String created = items.path(2).path("at").asText();

        assertThat(words(list(sale, "actor=alice%20of%20the%20desk"))).containsExactly("sale.paused");
        assertThat(words(list(sale, "keyName=test"))).hasSize(3);
        assertThat(words(list(sale, "keyName=nobody"))).isEmpty();
        assertThat(words(list(sale, "action=stock.created"))).containsExactly("stock.created");
        assertThat(words(list(sale, "subject=" + ContractSale.MEDIUM))).containsExactly("stock.created");
        assertThat(words(list(sale, "to=" + created))).doesNotContain("stock.created");
        assertThat(words(list(sale, "from=" + created))).contains("sale.created", "sale.paused");
        assertThat(words(list(sale, "from=2001-01-01T00:00:00Z&to=2002-01-01T00:00:00Z")))
                .isEmpty();
        assertThat(words(list(ContractSale.none(), ""))).isEmpty();
    }

    @Test
    void pagesJoinWhereTheyWereCutWhateverIsDoneMeanwhile() {
        ContractSale sale = ContractSale.with(1);
        sale.api.turn(sale.id, "pause", "one").must(200);
        sale.api.turn(sale.id, "resume", "two").must(200);

        Answer first = list(sale, "limit=2");
        sale.api.turn(sale.id, "close", "three").must(200);
        Answer second = list(sale, "limit=2&cursor=" + first.text("nextCursor"));

        assertThat(words(first)).containsExactly("sale.resumed", "sale.paused");
        assertThat(words(second)).containsExactly("stock.created", "sale.created");
        assertThat(second.body().path("nextCursor").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "saleId=no%20sale, /saleId",
        "action=sale.sold, /action",
        "actor=a%00b, /actor",
        "from=now, /from",
        "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z, /to",
        "limit=0, /limit",
        "limit=101, /limit",
        "cursor=c2FsZS0x, /cursor",
        "cursor=MQ, /cursor",
        "sale=x, /sale"
    })
    void aQueryThatMakesNoSenseIsNotValid(String query, String pointer) {
        assertInvalid(get("/v1/admin/actions?" + query), pointer);
    }

    @Test
    void anExportHasNoPages() {
        assertInvalid(get("/v1/admin/actions/export?limit=1"), "/limit");
        assertInvalid(get("/v1/admin/actions/export?action=sale.sold"), "/action");
    }

    @Test
    void theTrailIsForAdmins() {
        Api api = TestNode.shared().api();

        assertProblem(api.probe("/v1/admin/actions"), 401, "unauthorized");
        assertProblem(api.probe("/v1/admin/actions/export"), 401, "unauthorized");
    }

    @Test
    void theExportIsWhatTheListIs() {
        ContractSale sale = ContractSale.with(1);
        String reason = "he said \"stop\",\r\nso we did";
        sale.api
                .turn(sale.id, "pause", reason.replace("\"", "\\\"").replace("\r\n", "\\r\\n"))
                .must(200);

        Answer export = get("/v1/admin/actions/export?saleId=" + sale.id);

        List<NamedCsvRecord> rows = rows(export);
        JsonNode listed = list(sale, "").body().path("items").path(0);
        assertThat(export.header("content-type")).hasValue("text/csv; charset=utf-8; header=present");
        assertThat(export.header("content-disposition")).hasValue("attachment; filename=\"actions.csv\"");
        assertThat(export.text())
                .startsWith("actionId,at,actor,keyName,requestId,action,saleId,subject,reason,before,after\r\n");
        assertThat(rows)
                .extracting(row -> row.getField("action"))
                .containsExactly("sale.paused", "stock.created", "sale.created");
        assertThat(rows.getFirst().getField("reason")).isEqualTo(reason);
        assertThat(rows.getFirst().getField("at")).isEqualTo(listed.path("at").asText());
        assertThat(ContractSale.json(rows.getFirst().getField("after"))).isEqualTo(listed.path("after"));
    }

    @ParameterizedTest
    @CsvSource({"=1+1", "+1", "-1", "@SUM(A1)"})
    void whatASpreadsheetWouldRunIsAText(String reason) {
        ContractSale sale = ContractSale.with(1);
        sale.api.turn(sale.id, "pause", reason).must(200);

        List<NamedCsvRecord> rows = rows(get("/v1/admin/actions/export?action=sale.paused&saleId=" + sale.id));

        assertThat(rows.getFirst().getField("reason")).isEqualTo("'" + reason);
        assertThat(list(sale, "").body().path("items").path(0).path("reason").asText())
                .isEqualTo(reason);
    }

    @Test
    void anExportOfManyPagesIsWhole() {
        ContractSale sale = ContractSale.none();
        sale.api.putSale(sale.id, "{}").must(201);
        for (int i = 1; i <= 1_001; i++) {
            sale.api.putSale(sale.id, "{\"perCustomerLimit\":" + i + "}").must(200);
        }

        List<NamedCsvRecord> rows = rows(get("/v1/admin/actions/export?saleId=" + sale.id));

        assertThat(rows).hasSize(1_002);
        assertThat(rows).extracting(row -> row.getField("actionId")).doesNotHaveDuplicates();
    }

    private static Answer list(ContractSale sale, String query) {
        return get("/v1/admin/actions?saleId=" + sale.id + "&" + query).must(200);
    }

    private static Answer get(String path) {
        Api api = TestNode.shared().api();
        return api.send(api.onAdmin("GET", path, null));
    }

    private static List<String> words(Answer trail) {
        List<String> words = new ArrayList<>();
        trail.body().path("items").forEach(item -> words.add(item.path("action").asText()));
        return words;
    }

    private static List<NamedCsvRecord> rows(Answer export) {
        return CsvReader.builder().ofNamedCsvRecord(export.must(200).text()).stream()
                .toList();
    }
}
