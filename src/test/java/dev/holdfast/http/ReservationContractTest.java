package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.LARGE;
import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.TIME;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static dev.holdfast.http.ContractSale.fields;
import static dev.holdfast.http.ContractSale.json;
import static dev.holdfast.http.ContractSale.pointers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract's page on reservations, over HTTP. */
class ReservationContractTest {

    private static final String UNKNOWN_ID = "AAAAAAAAAAAAAAAAAAAAAA";

    @Test
    void aHoldIsAnsweredWithTheReservation() {
        ContractSale sale = ContractSale.with(10);

        Answer answer = sale.api.hold(
                sale.id,
                "{\"customerId\":\"c-42\",\"items\":[{\"sku\":\"RED-DRESS-M\",\"quantity\":1}],\"holdSeconds\":90}",
                null);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("location")).hasValue(sale.path(answer.text("reservationId")));
        assertThat(answer.header("content-type")).hasValue("application/json");
        assertThat(answer.header("cache-control")).hasValue("no-store");
        assertThat(fields(answer.body()))
                .containsExactly(
                        "reservationId",
                        "saleId",
                        "customerId",
                        "state",
                        "items",
                        "heldAt",
                        "expiresAt",
                        "expiresInMs",
                        "revision",
                        "receipt");
        assertThat(answer.text("reservationId")).matches("[A-Za-z0-9_-]{22,64}");
        assertThat(answer.text("saleId")).isEqualTo(sale.id);
        assertThat(answer.text("customerId")).isEqualTo("c-42");
        assertThat(answer.text("state")).isEqualTo("held");
        assertThat(answer.body().path("items")).isEqualTo(json("[{'sku':'RED-DRESS-M','quantity':1}]"));
        assertThat(answer.text("heldAt")).matches(TIME);
        assertThat(Instant.parse(answer.text("heldAt")).plusSeconds(90))
                .isEqualTo(Instant.parse(answer.text("expiresAt")));
        assertThat(answer.body().path("expiresInMs").asLong()).isEqualTo(90_000);
        sale.assertDresses(9, 1, 0);
    }

    @Test
    void withoutHoldSecondsTheSalesOwnTimeIsTaken() {
        ContractSale sale = ContractSale.with(10);

        Answer answer = sale.api.hold(sale.id, "c-1", MEDIUM, 1);

        assertThat(answer.body().path("expiresInMs").asLong()).isEqualTo(60_000);
    }

    @Test
    void aSkuOnTwoLinesIsSummed() {
        ContractSale sale = ContractSale.with(10);
        String body =
                "{\"customerId\":\"c-1\",\"items\":[{\"sku\":\"%s\",\"quantity\":1},{\"sku\":\"%s\",\"quantity\":2}]}"
                        .formatted(MEDIUM, MEDIUM);

        Answer answer = sale.api.hold(sale.id, body, null);

        assertThat(answer.body().path("items")).isEqualTo(json("[{'sku':'RED-DRESS-M','quantity':3}]"));
        sale.assertDresses(7, 3, 0);
    }

    @Test
    void theSameKeyAndBodyAreAnsweredAgainWithTheStateOfNow() {
        ContractSale sale = ContractSale.with(10);
        String body = Api.cart("c-1", MEDIUM, 2);
        Answer first = sale.api.hold(sale.id, body, "key-1");

        Answer second = sale.api.hold(sale.id, body, "\"key-1\"");
        sale.api.confirm(sale.id, first.text("reservationId"));
        Answer third = sale.api.hold(sale.id, body, "key-1");

        assertThat(first.status()).isEqualTo(201);
        assertThat(first.header("idempotent-replayed")).isEmpty();
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("idempotent-replayed")).hasValue("true");
        assertThat(second.text("reservationId")).isEqualTo(first.text("reservationId"));
        assertThat(second.text("state")).isEqualTo("held");
        assertThat(third.text("state")).isEqualTo("confirmed");
        assertThat(third.body().path("expiresInMs").asLong()).isZero();
        assertThat(third.text("endedAt")).matches(TIME);
        sale.assertDresses(8, 0, 2);
    }

    @Test
    void theSameKeyWithAnotherBodyIsRefused() {
        ContractSale sale = ContractSale.with(10);
        sale.api.hold(sale.id, Api.cart("c-1", MEDIUM, 1), "key-1");

        Answer answer = sale.api.hold(sale.id, Api.cart("c-1", MEDIUM, 2), "key-1");

        assertProblem(answer, 422, "idempotency-key-reused");
        sale.assertDresses(9, 1, 0);
    }

    @Test
    void theSameKeyOfAnotherCustomerIsAnotherRequest() {
        ContractSale sale = ContractSale.with(10);
        sale.api.hold(sale.id, Api.cart("c-1", MEDIUM, 1), "key-1");

        Answer answer = sale.api.hold(sale.id, Api.cart("c-2", MEDIUM, 1), "key-1");

        assertThat(answer.status()).isEqualTo(201);
    }

    @Test
    void aRefusalIsNotRemembered() {
        ContractSale sale = ContractSale.with(1);
        String other = sale.held("c-1", 1);
        String body = Api.cart("c-2", MEDIUM, 1);
        assertProblem(sale.api.hold(sale.id, body, "key-1"), 409, "out-of-stock");

        sale.api.release(sale.id, other);

        assertThat(sale.api.hold(sale.id, body, "key-1").status()).isEqualTo(201);
    }

    @Test
    void whatIsShortIsListedWithWhatIsThereInstead() {
        ContractSale sale = ContractSale.with(3);
        sale.api.putStock(sale.id, MEDIUM, "{\"capacity\":3,\"productId\":\"red-dress\"}");
        sale.api.putStock(sale.id, LARGE, "{\"capacity\":12,\"productId\":\"red-dress\"}");
        sale.held("c-1", 3);

        Answer answer = sale.api.hold(sale.id, "c-2", MEDIUM, 1);

        assertProblem(answer, 409, "out-of-stock");
        assertThat(answer.body().path("shortages"))
                .isEqualTo(json("[{'sku':'RED-DRESS-M','requested':1,'available':0,'held':3,'soldOut':false}]"));
        assertThat(answer.body().path("alternatives")).isEqualTo(json("[{'sku':'RED-DRESS-L','available':12}]"));
        assertThat(answer.header("retry-after").map(Integer::parseInt))
                .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(1, 60));
    }

    @Test
    void whatIsSoldOutIsNotWorthARetry() {
        ContractSale sale = ContractSale.with(1);
        sale.api.confirm(sale.id, sale.held("c-1", 1));

        Answer answer = sale.api.hold(sale.id, "c-2", MEDIUM, 1);

        assertProblem(answer, 409, "out-of-stock");
        assertThat(answer.body().path("shortages").path(0).path("soldOut").asBoolean())
                .isTrue();
        assertThat(answer.body().path("alternatives").isArray()).isTrue();
        assertThat(answer.header("retry-after")).isEmpty();
    }

    @Test
    void theLimitOfTheSaleIsOverAllSkus() {
        ContractSale sale = ContractSale.with(10, "{\"perCustomerLimit\":3}");
        sale.held("c-1", 2);

        Answer answer = sale.api.hold(sale.id, "c-1", MEDIUM, 2);

        assertProblem(answer, 409, "purchase-limit");
        assertThat(answer.body().path("limit").asInt()).isEqualTo(3);
        assertThat(answer.body().path("taken").asInt()).isEqualTo(2);
        assertThat(answer.body().has("sku")).isFalse();
    }

    @Test
    void theLimitOfASkuNamesIt() {
        ContractSale sale = ContractSale.with(10);
        sale.api.putStock(sale.id, MEDIUM, "{\"capacity\":10,\"perCustomerLimit\":1}");

        Answer answer = sale.api.hold(sale.id, "c-1", MEDIUM, 2);

        assertProblem(answer, 409, "purchase-limit");
        assertThat(answer.text("sku")).isEqualTo(MEDIUM);
        assertThat(answer.body().path("limit").asInt()).isEqualTo(1);
        assertThat(answer.body().path("taken").asInt()).isZero();
    }

    @Test
    void unknownSkusAreNamedAndPointedAt() {
        ContractSale sale = ContractSale.with(10);
        String body =
                "{\"customerId\":\"c-1\",\"items\":[{\"sku\":\"%s\",\"quantity\":1},{\"sku\":\"HAT\",\"quantity\":1}]}"
                        .formatted(MEDIUM);

        Answer answer = sale.api.hold(sale.id, body, null);

        assertProblem(answer, 422, "unknown-sku");
        assertThat(answer.body().path("skus")).isEqualTo(json("['HAT']"));
        assertThat(pointers(answer)).containsExactly("/items/1/sku");
        sale.assertDresses(10, 0, 0);
    }

    @Test
    void aHoldLongerThanTheSalesMaximumIsNotValid() {
        ContractSale sale = ContractSale.with(10);
        String body =
                "{\"customerId\":\"c-1\",\"items\":[{\"sku\":\"RED-DRESS-M\",\"quantity\":1}],\"holdSeconds\":601}";

        assertInvalid(sale.api.hold(sale.id, body, null), "/holdSeconds");
    }

    @Test
    void beforeTheSaleOpensNothingIsHeld() {
        Instant opensAt = Instant.now().plusSeconds(3600);
        ContractSale sale = ContractSale.with(10, "{\"opensAt\":\"%s\"}".formatted(opensAt));

        Answer answer = sale.api.hold(sale.id, "c-1", MEDIUM, 1);

        assertProblem(answer, 409, "sale-not-open");
        assertThat(Instant.parse(answer.text("opensAt")).toEpochMilli()).isEqualTo(opensAt.toEpochMilli());
        assertThat(answer.header("retry-after").map(Integer::parseInt))
                .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(3500, 3600));
    }

    @Test
    void aPausedSaleHoldsNothingButConfirmsWhatIsHeld() {
        ContractSale sale = ContractSale.with(10);
        String held = sale.held("c-1", 1);
        sale.api.turn(sale.id, "pause", "a price is wrong");

        assertProblem(sale.api.hold(sale.id, "c-2", MEDIUM, 1), 409, "sale-paused");
        assertThat(sale.api.confirm(sale.id, held).status()).isEqualTo(200);
    }

    @Test
    void aClosedSaleHoldsNothing() {
        ContractSale sale = ContractSale.with(10);
        sale.api.turn(sale.id, "close", "over");

        assertProblem(sale.api.hold(sale.id, "c-2", MEDIUM, 1), 409, "sale-closed");
    }

    @Test
    void aReservationIsShownWithWhetherItIsRecorded() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 1);

        await().untilAsserted(() -> assertThat(sale.api
                        .reservation(sale.id, id)
                        .body()
                        .path("recorded")
                        .asBoolean())
                .isTrue());

        Answer answer = sale.api.reservation(sale.id, id);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("state")).isEqualTo("held");
        assertThat(answer.body().path("expiresInMs").asLong()).isBetween(1L, 60_000L);
        assertThat(answer.body().has("endedAt")).isFalse();
    }

    @Test
    void confirmIsAnsweredAgainAndAgain() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 2);

        Answer first = sale.api.confirm(sale.id, id);
        Answer second = sale.api.confirm(sale.id, id);

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.text("state")).isEqualTo("confirmed");
        assertThat(first.text("endedAt")).matches(TIME);
        assertThat(first.body().path("expiresInMs").asLong()).isZero();
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body());
        sale.assertDresses(8, 0, 2);
    }

    @Test
    void releaseIsAnsweredAgainAndAgain() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 2);

        Answer first = sale.api.release(sale.id, id);
        Answer second = sale.api.release(sale.id, id);

        assertThat(first.text("state")).isEqualTo("released");
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body());
        sale.assertDresses(10, 0, 0);
    }

    @Test
    void confirmAndReleaseTakeAnEmptyObjectToo() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 1);

        assertThat(sale.api
                        .send(sale.api.onPublic("POST", sale.path(id) + "/confirm", "{}"))
                        .status())
                .isEqualTo(200);
        assertInvalid(sale.api.send(sale.api.onPublic("POST", sale.path(id) + "/confirm", "{\"a\":1}")), "/a");
    }

    @Test
    void aConfirmedReservationCannotChange() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 1);
        sale.api.confirm(sale.id, id);

        Answer released = sale.api.release(sale.id, id);

        assertProblem(released, 409, "reservation-confirmed");
        assertThat(released.text("reservationId")).isEqualTo(id);
        assertThat(released.text("state")).isEqualTo("confirmed");
        assertThat(released.text("endedAt")).matches(TIME);
        assertProblem(sale.api.extend(sale.id, id, 60), 409, "reservation-confirmed");
        assertProblem(sale.api.replace(sale.id, id, MEDIUM, 2), 409, "reservation-confirmed");
        sale.assertDresses(9, 0, 1);
    }

    @Test
    void aReleasedReservationCannotChange() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 1);
        sale.api.release(sale.id, id);

        assertProblem(sale.api.confirm(sale.id, id), 409, "reservation-released");
        assertProblem(sale.api.extend(sale.id, id, 60), 409, "reservation-released");
        assertProblem(sale.api.replace(sale.id, id, MEDIUM, 2), 409, "reservation-released");
    }

    @Test
    void aReservationWhoseHoldIsDueHasExpired() {
        ContractSale sale = ContractSale.with(10);
        String id = sale.held("c-1", 1);
        String expiresAt = sale.api.reservation(sale.id, id).text("expiresAt");
        sale.api.advanceClock(sale.id, 61);

        Answer answer = sale.api.reservation(sale.id, id);

        assertThat(answer.text("state")).isEqualTo("expired");
        assertThat(answer.text("endedAt")).isEqualTo(expiresAt);
        assertThat(answer.body().path("expiresInMs").asLong()).isZero();
        assertProblem(sale.api.confirm(sale.id, id), 409, "reservation-expired");
        assertProblem(sale.api.release(sale.id, id), 409, "reservation-expired");
        assertProblem(sale.api.extend(sale.id, id, 60), 409, "reservation-expired");
        assertProblem(sale.api.replace(sale.id, id, MEDIUM, 2), 409, "reservation-expired");
        sale.assertDresses(10, 0, 0);
    }

    @Test
    void extendCountsFromNowUpToTheSalesMaximumAndNeverBack() {
        ContractSale sale = ContractSale.with(10);
        Answer held = sale.api.hold(sale.id, "c-1", MEDIUM, 1);
        Instant heldAt = Instant.parse(held.text("heldAt"));
        String id = held.text("reservationId");

        Answer shorter = sale.api.extend(sale.id, id, 5);
        Answer longer = sale.api.extend(sale.id, id, 300);
        Answer longest = sale.api.extend(sale.id, id, 86_400);

        assertThat(shorter.status()).isEqualTo(200);
        assertThat(shorter.text("expiresAt")).isEqualTo(held.text("expiresAt"));
        assertThat(Instant.parse(longer.text("expiresAt"))).isBetween(heldAt.plusSeconds(300), heldAt.plusSeconds(360));
        assertThat(Instant.parse(longest.text("expiresAt"))).isEqualTo(heldAt.plusSeconds(600));
        assertThat(longest.status()).isEqualTo(200);
    }

    @Test
    void aHeldCartIsReplacedInOneStepItsOwnUnitsCountedAsFree() {
        ContractSale sale = ContractSale.with(3);
        String id = sale.held("c-1", 2);

        Answer answer = sale.api.replace(sale.id, id, MEDIUM, 3);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("items")).isEqualTo(json("[{'sku':'RED-DRESS-M','quantity':3}]"));
        sale.assertDresses(0, 3, 0);
    }

    @Test
    void aCartThatCannotBeHadLeavesTheHeldOneAsItWas() {
        ContractSale sale = ContractSale.with(3);
        String id = sale.held("c-1", 2);

        Answer tooMany = sale.api.replace(sale.id, id, MEDIUM, 4);
        Answer unknown = sale.api.replace(sale.id, id, "HAT", 1);

        assertProblem(tooMany, 409, "out-of-stock");
        assertThat(tooMany.body().path("shortages").path(0).path("available").asInt())
                .isEqualTo(3);
        assertProblem(unknown, 422, "unknown-sku");
        assertThat(pointers(unknown)).containsExactly("/items/0/sku");
        sale.assertDresses(1, 2, 0);
    }

    @Test
    void aChangeThatExpectsAnotherRevisionIsRefusedWithTheReservationAsItIs() {
        ContractSale sale = ContractSale.with(9);
        Answer held = sale.api.hold(sale.id, "c-1", MEDIUM, 1);
        String id = held.text("reservationId");
        String two = "{\"items\":[{\"sku\":\"RED-DRESS-M\",\"quantity\":2}],\"expectedRevision\":1}";

        Answer replaced = sale.api.change(sale.id, id, "PUT", "items", two);
        Answer again = sale.api.change(sale.id, id, "PUT", "items", two);
        Answer newer = sale.api.replace(sale.id, id, MEDIUM, 3);
        Answer late = sale.api.change(sale.id, id, "PUT", "items", two);
        Answer extended =
                sale.api.change(sale.id, id, "POST", "extend", "{\"holdSeconds\":300,\"expectedRevision\":2}");

        assertThat(held.body().path("revision").asInt()).isEqualTo(1);
        assertThat(replaced.body().path("revision").asInt()).isEqualTo(2);
        assertThat(again.status()).isEqualTo(200);
        assertThat(newer.body().path("revision").asInt()).isEqualTo(3);
        assertProblem(late, 409, "version-conflict");
        assertThat(late.body().path("revision").asInt()).isEqualTo(3);
        assertThat(late.body().path("items").path(0).path("quantity").asInt()).isEqualTo(3);
        assertProblem(extended, 409, "version-conflict");
        sale.assertDresses(6, 3, 0);
    }

    @Test
    void everySuccessHasAReceiptAndReclaimTakesIt() {
        ContractSale sale = ContractSale.with(9);
        Answer held = sale.api.hold(sale.id, "c-1", MEDIUM, 1);
        String id = held.text("reservationId");
        Answer extended = sale.api.extend(sale.id, id, 300);
        Answer replaced = sale.api.replace(sale.id, id, MEDIUM, 2);
        Answer confirmed = sale.api.confirm(sale.id, id);

        for (Answer answer : List.of(held, extended, replaced, confirmed)) {
            Answer reclaimed = sale.api.reclaim(sale.id, id, answer.text("receipt"));
            assertThat(reclaimed.status()).isEqualTo(200);
            assertThat(reclaimed.text("state")).isEqualTo("confirmed");
            assertThat(reclaimed.text("receipt")).isNotEmpty();
        }
        sale.assertDresses(7, 0, 2);
    }

    @Test
    void aReceiptOfAnotherReservationOrOneThatWasChangedIsInvalid() {
        ContractSale sale = ContractSale.with(9);
        Answer one = sale.api.hold(sale.id, "c-1", MEDIUM, 1);
        Answer other = sale.api.hold(sale.id, "c-2", MEDIUM, 1);
        String id = one.text("reservationId");

        assertProblem(sale.api.reclaim(sale.id, id, other.text("receipt")), 422, "receipt-invalid");
        assertProblem(sale.api.reclaim(sale.id, id, "A" + one.text("receipt")), 422, "receipt-invalid");
        assertProblem(sale.api.reclaim(sale.id, id, "no receipt"), 422, "receipt-invalid");
        assertProblem(sale.api.change(sale.id, id, "POST", "reclaim", "{}"), 422, "validation-failed");
        sale.assertDresses(7, 2, 0);
    }

    @Test
    void aPurchaseThatIsRememberedNoLongerIsNotMadeASecondTime() {
        ContractSale sale = ContractSale.with(9);
        long longAgo = System.currentTimeMillis() - Duration.ofDays(31).toMillis();
        Reservation old = new Reservation(
                ReservationId.of("a-key-of-22-characters", longAgo),
                new SaleId(sale.id),
                new CustomerId("c-1"),
                ReservationState.CONFIRMED,
                Cart.of(List.of(new Line(new Sku(MEDIUM), 2))),
                longAgo,
                longAgo + 60_000,
                longAgo + 1_000,
                longAgo + 1_000,
                true,
                new Reservation.Mark(2, 1, 7, "fingerprint"));
        String receipt = new Receipts(List.of(TestNode.SECRET)).of(old);

        assertProblem(sale.api.reclaim(sale.id, old.id().value(), receipt), 404, "reservation-not-found");

        sale.assertDresses(9, 0, 0);
    }

    @Test
    void anExpectedRevisionIsAWholeNumber() {
        ContractSale sale = ContractSale.with(9);
        String id = sale.held("c-1", 1);

        Answer zero = sale.api.change(sale.id, id, "POST", "extend", "{\"holdSeconds\":300,\"expectedRevision\":0}");

        assertProblem(zero, 422, "validation-failed");
        assertThat(pointers(zero)).containsExactly("/expectedRevision");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        ContractSale sale = ContractSale.with(1);
        ContractSale none = ContractSale.none();

        assertProblem(sale.api.reservation(sale.id, UNKNOWN_ID), 404, "reservation-not-found");
        assertProblem(sale.api.confirm(sale.id, UNKNOWN_ID), 404, "reservation-not-found");
        assertProblem(sale.api.release(sale.id, UNKNOWN_ID), 404, "reservation-not-found");
        assertProblem(sale.api.extend(sale.id, UNKNOWN_ID, 60), 404, "reservation-not-found");
        assertProblem(sale.api.replace(sale.id, UNKNOWN_ID, MEDIUM, 1), 404, "reservation-not-found");
        assertProblem(sale.api.reservation(sale.id, "short"), 404, "reservation-not-found");
        assertProblem(none.api.hold(none.id, "c-1", MEDIUM, 1), 404, "sale-not-found");
        assertProblem(none.api.confirm(none.id, UNKNOWN_ID), 404, "sale-not-found");
        assertProblem(none.api.hold("-no-sale", "c-1", MEDIUM, 1), 404, "sale-not-found");
        assertProblem(none.api.hold("a%2Fb", "c-1", MEDIUM, 1), 404, "sale-not-found");
    }

    @Test
    void aDayAfterItsEndAReservationIsReadFromPostgresAndItsKeyMakesAnotherOne() {
        ContractSale sale = ContractSale.with(5);
        String body = Api.cart("c-1", MEDIUM, 1);
        String first = sale.api.hold(sale.id, body, "the-key").must(201).text("reservationId");
        sale.api.confirm(sale.id, first).must(200);
        await().until(() ->
                sale.api.reservation(sale.id, first).body().path("recorded").asBoolean());
        sale.api.advanceClock(sale.id, 86_401).must(200);
        // Reading the stock takes back what is due, ended reservations too.
        await().until(() -> sale.api.stock(sale.id).status() == 200
                && sale.api.hold(sale.id, body, "the-key").status() == 201);

        Answer again = sale.api.hold(sale.id, body, "the-key").must(200);
        String second = again.text("reservationId");
        Answer old = sale.api.reservation(sale.id, first);

        assertThat(second).isNotEqualTo(first);
        assertThat(again.text("state")).isEqualTo("held");
        assertThat(old.text("state")).isEqualTo("confirmed");
        assertThat(old.body().path("recorded").asBoolean()).isTrue();
        assertThat(sale.api.confirm(sale.id, first).text("state")).isEqualTo("confirmed");
        assertProblem(sale.api.release(sale.id, first), 409, "reservation-confirmed");
        sale.assertDresses(3, 1, 1);
    }
}
