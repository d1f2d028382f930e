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
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.support.Api.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Admins find reservations and see what happened to them, over HTTP. */
class ReservationFindingTest {

    @Test
    void whatEndedIsFoundWithWhenAndWhy() {
        ContractSale sale = ContractSale.with(9);
        String bought = sale.held("c-bought", 1);
        String gone = sale.held("c-gone", 2);
        String late = sale.held("c-late", 3);
        sale.api.confirm(sale.id, bought).must(200);
        sale.api.release(sale.id, gone).must(200);
        sale.api.advanceClock(sale.id, 60).must(200);
        sale.assertDresses(8, 0, 1);

        List<JsonNode> found =
                recorded(sale, "", 3, item -> !item.path("state").asText().equals("held"));

        assertThat(found)
                .extracting(item -> item.path("reservationId").asText())
                .containsExactly(late, gone, bought);
        assertThat(found)
                .extracting(item -> item.path("state").asText())
                .containsExactly("expired", "released", "confirmed");
        assertThat(found)
                .extracting(item -> item.path("endedBy").asText())
                .containsExactly("deadline", "buyer", "confirmation");
        assertThat(found.getFirst().path("endedAt").asText())
                .isEqualTo(found.getFirst().path("expiresAt").asText());
        assertThat(fields(found.getLast()))
                .containsExactly(
                        "reservationId",
                        "saleId",
                        "customerId",
                        "state",
                        "items",
                        "heldAt",
                        "expiresAt",
                        "endedAt",
                        "endedBy",
                        "revision",
                        "position",
                        "recordedAt");
        assertThat(found.getLast().path("revision").asInt()).isEqualTo(2);
        assertThat(found.getLast().path("position").asText()).matches("[0-9]+-[0-9]+");
        assertThat(found.getLast().path("recordedAt").asText()).matches(TIME);
    }

    @Test
    void everyFilterLeavesWhatItNames() {
        ContractSale sale = ContractSale.with(9);
        sale.api.putStock(sale.id, LARGE, 9).must(201);
        String confirmed = sale.held("c-1", 1);
        String held = sale.held("c-1", 2);
        String large = sale.api.hold(sale.id, "c-2", LARGE, 1).must(201).text("reservationId");
        sale.api.confirm(sale.id, confirmed).must(200);
        recorded(sale, "state=confirmed", 1, item -> true);
        String heldAt = recorded(sale, "sku=" + LARGE, 1, item -> true)
                .getFirst()
                .path("heldAt")
                .asText();

        assertThat(ids(sale, "state=held")).containsExactly(large, held);
        assertThat(ids(sale, "customerId=c-1")).containsExactly(held, confirmed);
        assertThat(ids(sale, "customerId=c-1&state=confirmed")).containsExactly(confirmed);
        assertThat(ids(sale, "sku=" + MEDIUM)).containsExactly(held, confirmed);
        assertThat(ids(sale, "sku=" + MEDIUM + "&customerId=c-2")).isEmpty();
        assertThat(ids(sale, "customerId=nobody")).isEmpty();
        assertThat(ids(sale, "from=" + heldAt)).contains(large);
        assertThat(ids(sale, "to=" + heldAt)).doesNotContain(large);
        assertThat(ids(sale, "from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z"))
                .isEmpty();
        assertThat(ids(sale, "state=&customerId=&sku=&from=&to=&cursor=")).containsExactly(large, held, confirmed);
    }

    @Test
    void ofAnotherSaleNothingIsFound() {
        ContractSale sale = ContractSale.with(1);
        ContractSale other = ContractSale.with(1);
        other.held("c-shared", 1);
        recorded(other, "customerId=c-shared", 1, item -> true);

        assertThat(ids(sale, "customerId=c-shared")).isEmpty();
    }

    @Test
    void pagesJoinWhereTheyWereCutWhateverIsHeldMeanwhile() {
        ContractSale sale = ContractSale.with(100);
        List<String> held = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            held.addFirst(sale.held("c-" + i, 1));
        }
        recorded(sale, "", 7, item -> true);

        List<String> read = new ArrayList<>();
        String cursor = "";
        do {
            Answer page = list(sale, "limit=2&cursor=" + cursor).must(200);
            page.body()
                    .path("items")
                    .forEach(item -> read.add(item.path("reservationId").asText()));
            cursor = page.text("nextCursor");
            sale.held("c-late", 1);
        } while (!cursor.isEmpty() && !cursor.equals("null"));

        assertThat(read).isEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource({
        "state=gone, /state",
        "state=HELD, /state",
        "customerId=%20, /customerId",
        "customerId=a%00b, /customerId",
        "sku=no%20sku, /sku",
        "from=yesterday, /from",
        "to=2026-13-01T00:00:00Z, /to",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z, /to",
        "limit=0, /limit",
        "limit=101, /limit",
        "limit=ten, /limit",
        "cursor=!!!, /cursor",
        "cursor=c2FsZS0x, /cursor",
        "state=held&state=held, /state",
        "customer=c-1, /customer"
    })
    void aQueryThatMakesNoSenseIsNotValid(String query, String pointer) {
        ContractSale sale = ContractSale.with(1);

        assertInvalid(list(sale, query), pointer);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        ContractSale sale = ContractSale.with(1);
        String unknown = "A".repeat(22) + "mi2x9z00";

        assertProblem(list(ContractSale.none(), ""), 404, "sale-not-found");
        assertProblem(history(ContractSale.none(), unknown, ""), 404, "sale-not-found");
        assertProblem(history(sale, unknown, ""), 404, "reservation-not-found");
        assertProblem(history(sale, "short", ""), 404, "reservation-not-found");
    }

    @Test
    void theHistoryTellsEveryTransitionTheLatestFirst() {
        ContractSale sale = ContractSale.with(9);
        String id = sale.held("c-1", 2);
        sale.api.extend(sale.id, id, 120).must(200);
        sale.api.replace(sale.id, id, MEDIUM, 3).must(200);
        sale.api.confirm(sale.id, id).must(200);
        recorded(sale, "state=confirmed", 1, item -> true);

        Answer history = history(sale, id, "").must(200);

        JsonNode items = history.body().path("items");
        assertThat(fields(history.body())).containsExactly("recorded", "reservation", "items", "nextCursor");
        assertThat(history.body().path("reservation").path("state").asText()).isEqualTo("confirmed");
        assertThat(items)
                .extracting(item -> item.path("op").asText())
                .containsExactly("confirmed", "replaced", "extended", "held");
        assertThat(items).extracting(item -> item.path("revision").asInt()).containsExactly(4, 3, 2, 1);
        assertThat(items)
                .extracting(item -> item.path("items").path(0).path("quantity").asInt())
                .containsExactly(3, 3, 2, 2);
        assertThat(items.path(3).path("expiresAt").asText())
                .isLessThan(items.path(2).path("expiresAt").asText());
        assertThat(fields(items.path(0)))
                .containsExactly("op", "revision", "at", "items", "expiresAt", "position", "recordedAt");
        assertThat(history.body().path("nextCursor").isNull()).isTrue();
        assertThat(history.body().path("recorded").asBoolean()).isTrue();
    }

    @Test
    void theHistoryIsReadPageByPageAndByTheKeyAlone() {
        ContractSale sale = ContractSale.with(9);
        String id = sale.held("c-1", 2);
        sale.api.extend(sale.id, id, 120).must(200);
        sale.api.confirm(sale.id, id).must(200);
        recorded(sale, "state=confirmed", 1, item -> true);

        Answer first = history(sale, id.substring(0, 22), "limit=2").must(200);
        Answer second =
                history(sale, id, "limit=2&cursor=" + first.text("nextCursor")).must(200);

        assertThat(first.body().path("reservation").path("reservationId").asText())
                .isEqualTo(id);
        assertThat(first.body().path("items"))
                .extracting(item -> item.path("op").asText())
                .containsExactly("confirmed", "extended");
        assertThat(second.body().path("items"))
                .extracting(item -> item.path("op").asText())
                .containsExactly("held");
        assertThat(second.body().path("nextCursor").isNull()).isTrue();
        assertInvalid(history(sale, id, "cursor=c2FsZS0x"), "/cursor");
        assertInvalid(history(sale, id, "limit=0"), "/limit");
    }

    private static Answer list(ContractSale sale, String query) {
        return sale.api.send(sale.api.onAdmin("GET", "/v1/admin/sales/" + sale.id + "/reservations?" + query, null));
    }

    private static Answer history(ContractSale sale, String id, String query) {
        String path = "/v1/admin/sales/" + sale.id + "/reservations/" + id + "/history?" + query;
        return sale.api.send(sale.api.onAdmin("GET", path, null));
    }

    private static List<String> ids(ContractSale sale, String query) {
        return list(sale, query).must(200).body().path("items").findValuesAsText("reservationId");
    }

    /** What is found once it is so many, and all of them are as they should be: the recorder follows Redis. */
    @CanIgnoreReturnValue
    private static List<JsonNode> recorded(ContractSale sale, String query, int count, Predicate<JsonNode> as) {
        List<JsonNode> found = new ArrayList<>();
        await().until(() -> {
            found.clear();
            list(sale, query).must(200).body().path("items").forEach(found::add);
            return found.size() == count && found.stream().allMatch(as);
        });
        return found;
    }
}
