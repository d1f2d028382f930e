package dev.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A hold ends at its deadline, not before and not later, though nobody sweeps here. */
class ExpiryTest {

    private static final Duration NEVER = Duration.ofHours(1);

    private static TestNode node;
    private static BooksReader books;
    private static Api api;

    private final String saleId = "expiry-" + UUID.randomUUID();

    @BeforeAll
    static void startANodeThatDoesNotSweep() {
        String database = TestServers.migratedDatabase();
        node = TestNode.start(TestServers.redisUri(), database, tuning -> tuning.withSweepInterval(NEVER));
        books = new BooksReader(database);
        api = new Api(node.publicUri(), node.adminUri());
    }

    @AfterAll
    static void stopIt() {
        node.close();
    }

    @BeforeEach
    void putUpOneUnitForTenMinutes() {
        assertThat(api.putSale(saleId, "{\"holdSeconds\":600,\"maxHoldSeconds\":600,\"rehearsal\":true}")
                        .status())
                .isEqualTo(201);
        assertThat(api.putStock(saleId, "GPU", 1).status()).isEqualTo(201);
    }

    @Test
    void theNextBuyerAfterTheDeadlineGetsTheUnit() {
        Api.Answer first = api.hold(saleId, "anna", "GPU", 1);
        Api.Answer tooEarly = api.hold(saleId, "bert", "GPU", 1);

        advance(600);
        Api.Answer next = api.hold(saleId, "carl", "GPU", 1);

        assertThat(tooEarly.code()).isEqualTo("out-of-stock");
        assertThat(tooEarly.body().at("/shortages/0/held").asInt()).isEqualTo(1);
        assertThat(tooEarly.body().at("/shortages/0/soldOut").asBoolean(true)).isFalse();
        assertThat(tooEarly.header("Retry-After")).isPresent();
        assertThat(next.status()).isEqualTo(201);
        assertThat(state(first)).isEqualTo("expired");
    }

    @Test
    void aHoldIsNotTakenBackBeforeItsDeadline() {
        Api.Answer first = api.hold(saleId, "anna", "GPU", 1);

        advance(570);
        Api.Answer tooEarly = api.hold(saleId, "bert", "GPU", 1);
        Api.Answer confirmed = api.confirm(saleId, first.text("reservationId"));

        assertThat(tooEarly.code()).isEqualTo("out-of-stock");
        assertThat(confirmed.status()).isEqualTo(200);
        assertThat(confirmed.text("state")).isEqualTo("confirmed");
    }

    @Test
    void aDueHoldIsExpiredForEveryVerbThoughNobodySweptIt() {
        String id = api.hold(saleId, "anna", "GPU", 1).text("reservationId");

        advance(600);

        assertThat(api.reservation(saleId, id).text("state")).isEqualTo("expired");
        assertThat(api.extend(saleId, id, 60).code()).isEqualTo("reservation-expired");
        assertThat(api.confirm(saleId, id).code()).isEqualTo("reservation-expired");
        assertThat(api.release(saleId, id).code()).isEqualTo("reservation-expired");
        assertThat(api.replace(saleId, id, "GPU", 1).code()).isEqualTo("reservation-expired");
        assertThat(api.stock(saleId, "GPU").body().path("available").asInt()).isEqualTo(1);
    }

    @Test
    void anExpiredReservationIsRecordedAsEndedAtItsDeadline() {
        Api.Answer first = api.hold(saleId, "anna", "GPU", 1);
        String id = first.text("reservationId");

        advance(3600);
        assertThat(api.hold(saleId, "bert", "GPU", 1).status()).isEqualTo(201);

        await().untilAsserted(() -> {
            BooksState.Row row = books.state(saleId).reservations().get(id);
            assertThat(row).as("recorded").isNotNull();
            assertThat(row.state()).isEqualTo("expired");
            assertThat(row.endedAtMs()).isEqualTo(row.expiresAtMs()).isEqualTo(row.heldAtMs() + 600_000);
        });
    }

    private String state(Api.Answer held) {
        return api.reservation(saleId, held.text("reservationId")).text("state");
    }

    private void advance(int seconds) {
        assertThat(api.advanceClock(saleId, seconds).status()).isEqualTo(200);
    }
}
