package dev.holdfast.http;

import static dev.holdfast.http.ContractSale.MEDIUM;
import static dev.holdfast.http.ContractSale.assertInvalid;
import static dev.holdfast.http.ContractSale.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.support.Api;
import dev.holdfast.support.Api.Answer;
import dev.holdfast.support.TestDatabase;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sale from its announcement to its end, on a rehearsal's clock, with two nodes: admins ask one, buyers the other. */
class SaleLifeTest {

    private static final String TRAIL = """
            select action, reason, before ->> 'state', after ->> 'state', before ->> 'closesAt', after ->> 'closesAt'
            from admin_actions where sale_id = ? and subject is null order by action_id
            """;

    private static TestDatabase database;
    private static TestNode admins;
    private static TestNode buyers;

    private final String sale = "life-" + UUID.randomUUID();
    private final Api admin = admins.api();
    private final Api buyer = buyers.api();

    @BeforeAll
    static void start() {
        database = new TestDatabase(TestServers.postgresUri());
        admins = TestNode.shared();
        buyers = TestNode.neighbour();
    }

    @Test
    void aSaleIsScheduledOpenPausedResumedOverExtendedAndClosed() {
        String opens = inHours(1);
        String closes = inHours(2);
        String extended = inHours(3);

        put("{\"rehearsal\":true,\"opensAt\":\"%s\",\"closesAt\":\"%s\"}".formatted(opens, closes));
        assertStands("scheduled", "sale-not-open");

        admin.advanceClock(sale, 3700);
        assertSells();

        admin.turn(sale, "pause", "a price is wrong");
        assertStands("paused", "sale-paused");

        admin.turn(sale, "resume", "the price is right");
        assertSells();

        admin.advanceClock(sale, 3600);
        assertStands("closed", "sale-closed");

        Answer moved = admin.window(sale, window("\"closesAt\":\"%s\"".formatted(extended)));
        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.text("closesAt")).isEqualTo(extended);
        assertThat(moved.text("opensAt")).isEqualTo(opens);
        assertSells();

        admin.turn(sale, "close", "sold enough");
        assertStands("closed", "sale-closed");
        assertProblem(admin.window(sale, window("\"closesAt\":\"%s\"".formatted(inHours(9)))), 409, "sale-closed");
        assertStands("closed", "sale-closed");

        assertThat(database.rows(TRAIL, sale))
                .containsExactly(
                        List.of("sale.created", "null", "null", "open", "null", closes),
                        List.of("sale.clock-advanced", "null", "open", "open", closes, closes),
                        List.of("sale.paused", "a price is wrong", "open", "paused", closes, closes),
                        List.of("sale.resumed", "the price is right", "paused", "open", closes, closes),
                        List.of("sale.clock-advanced", "null", "open", "open", closes, closes),
                        List.of("sale.window-changed", "they ask for it", "open", "open", closes, extended),
                        List.of("sale.closed", "sold enough", "open", "closed", extended, extended));
    }

    @Test
    void whoWasJustToldThatItIsOverBuysOnceItIsExtended() {
        put("{\"closesAt\":\"%s\"}".formatted(inHours(-1)));
        assertThat(hold().code()).isEqualTo("sale-closed");

        admin.window(sale, window("\"closesAt\":\"%s\"".formatted(inHours(1)))).must(200);

        assertThat(hold().status()).isEqualTo(201);
    }

    @Test
    void anOpeningInThePastIsNowAndOneAheadSchedulesAgain() {
        put("{\"opensAt\":\"%s\"}".formatted(inHours(1)));

        Answer opened = admin.window(sale, window("\"opensAt\":\"%s\"".formatted(inHours(-1))));
        assertThat(opened.text("state")).isEqualTo("open");
        assertSells();

        Answer postponed = admin.window(sale, window("\"opensAt\":\"%s\"".formatted(inHours(1))));
        assertThat(postponed.text("state")).isEqualTo("scheduled");
        assertStands("scheduled", "sale-not-open");
    }

    @Test
    void nullTakesAnEndOfTheWindowAway() {
        put("{\"opensAt\":\"%s\",\"closesAt\":\"%s\"}".formatted(inHours(-2), inHours(-1)));

        Answer endless = admin.window(sale, window("\"closesAt\":null"));
        Answer unbounded = admin.window(sale, window("\"opensAt\":null"));

        assertThat(endless.text("state")).isEqualTo("open");
        assertThat(endless.body().path("closesAt").isNull()).isTrue();
        assertThat(endless.body().path("opensAt").isNull()).isFalse();
        assertThat(unbounded.body().path("opensAt").isNull()).isTrue();
    }

    @Test
    void theSameWindowAgainIsNoChange() {
        String closes = inHours(1);
        put("{\"closesAt\":\"%s\"}".formatted(closes));

        Answer again = admin.window(sale, window("\"closesAt\":\"%s\"".formatted(closes)));

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body().path("version").asInt()).isEqualTo(1);
        assertThat(database.rows(TRAIL, sale)).hasSize(1);
    }

    @Test
    void aClosedSaleKeepsItsWindowHoweverItIsPut() {
        put("{\"name\":\"Winter\"}");
        admin.turn(sale, "close", "sold enough");

        Answer otherWindow = admin.putSale(sale, "{\"closesAt\":\"%s\"}".formatted(inHours(1)));
        Answer otherName = admin.putSale(sale, "{\"name\":\"Winter 2026\"}");

        assertProblem(otherWindow, 409, "sale-closed");
        assertThat(otherName.status()).isEqualTo(200);
        assertThat(otherName.text("state")).isEqualTo("closed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | /reason /opensAt",
                "{'reason':'x'} | /opensAt",
                "{'closesAt':'2098-06-01T00:00:00Z'} | /reason",
                "{'closesAt':'2098-06-01T00:00:00Z','reason':' '} | /reason",
                "{'closesAt':'2098-06-01T00:00:00Z','reason':5} | /reason",
                "{'closesAt':'2098-06-01T00:00:00Z','reason':'x','state':'open'} | /state",
                "{'closesAt':'soon','reason':'x'} | /closesAt",
                "{'closesAt':4051555200,'reason':'x'} | /closesAt",
                "{'closesAt':'1970-01-01T00:00:00Z','reason':'x'} | /closesAt",
                "{'opensAt':'1969-12-31T23:59:59Z','reason':'x'} | /opensAt",
                "{'closesAt':'2097-01-01T00:00:00Z','reason':'x'} | /closesAt",
                "{'closesAt':'2096-01-01T00:00:00Z','reason':'x'} | /closesAt",
                "{'opensAt':'2099-01-01T00:00:00Z','reason':'x'} | /opensAt",
                "{'opensAt':'2098-01-02T00:00:00Z','closesAt':'2098-01-01T00:00:00Z','reason':'x'} | /closesAt"
            })
    void aWindowThatCannotBeIsNotValidAndChangesNothing(String body, String pointers) {
        put("{\"opensAt\":\"2097-01-01T00:00:00Z\",\"closesAt\":\"2098-01-01T00:00:00Z\"}");

        Answer answer = admin.window(sale, body.replace('\'', '"'));

        assertInvalid(answer, pointers.split(" ", -1));
        Answer unchanged = admin.sale(sale, true);
        assertThat(unchanged.body().path("version").asInt()).isEqualTo(1);
        assertThat(unchanged.text("closesAt")).isEqualTo("2098-01-01T00:00:00.000Z");
    }

    @Test
    void aReasonThatNobodyCanStoreIsNotValid() {
        put("{}");
        String closes = "\"closesAt\":\"%s\"".formatted(inHours(1));

        Answer tooLong = admin.window(sale, "{%s,\"reason\":\"%s\"}".formatted(closes, "x".repeat(501)));
        Answer nul = admin.window(sale, "{%s,\"reason\":\"a\\u0000b\"}".formatted(closes));

        assertInvalid(tooLong, "/reason");
        assertInvalid(nul, "/reason");
        assertThat(database.rows(TRAIL, sale)).hasSize(1);
    }

    @Test
    void aSaleThatIsNotThereHasNoWindow() {
        Answer answer = admin.window("nobody-knows", window("\"closesAt\":null"));

        assertProblem(answer, 404, "sale-not-found");
    }

    private void put(String body) {
        admin.putSale(sale, body).must(201);
        admin.putStock(sale, MEDIUM, 100).must(201);
    }

    private void assertStands(String state, String refusal) {
        assertThat(admin.sale(sale, true).text("state")).isEqualTo(state);
        assertProblem(hold(), 409, refusal);
    }

    private void assertSells() {
        assertThat(admin.sale(sale, true).text("state")).isEqualTo("open");
        assertThat(hold().status()).isEqualTo(201);
    }

    /** On the node that was not told of the change. */
    private Answer hold() {
        return buyer.hold(sale, "c-1", MEDIUM, 1);
    }

    private static String window(String ends) {
        return "{%s,\"reason\":\"they ask for it\"}".formatted(ends);
    }

    private static String inHours(int hours) {
        return Rfc3339.text(Instant.now().plus(Duration.ofHours(hours)).toEpochMilli());
    }
}
