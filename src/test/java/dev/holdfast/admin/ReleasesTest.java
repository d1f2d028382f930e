package dev.holdfast.admin;

import static dev.holdfast.ledger.TestBooks.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.ReleaseBook;
import dev.holdfast.ledger.TestBooks;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.support.Api;
import dev.holdfast.support.TestNode;
import dev.holdfast.support.TestServers;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A release that a node wrote down before it died comes to its end, and into the audit trail, by another node. */
class ReleasesTest {

    private static final Author ALICE = new Author("alice", "console", "trace-1");

    private static TestNode node;
    private static TestBooks db;

    private final SaleId saleId = new SaleId("released-" + UUID.randomUUID());
    private Api api;
    private String id;
    private ReleaseBook book;

    @BeforeAll
    static void start() {
        String uri = TestServers.migratedDatabase();
        node = TestNode.start(TestServers.redisUri(), uri, UnaryOperator.identity());
        db = TestBooks.migrated(uri);
    }

    @AfterAll
    static void stop() {
        db.close();
        node.close();
    }

    @BeforeEach
    void aHold() {
        api = node.api();
        api.putSale(saleId.value(), false).must(201);
        api.putStock(saleId.value(), "A", 5).must(201);
        id = api.hold(saleId.value(), "c-1", "A", 2).must(201).text("reservationId");
        book = new ReleaseBook(db.postgres);
    }

    @Test
    void whatWasOnlyAskedForIsDone() {
        diedAfterAsking();

        await().untilAsserted(() -> assertThat(trail()).isEqualTo("alice: reservation.released, held to released"));
        assertThat(api.reservation(saleId.value(), id).text("state")).isEqualTo("released");
        assertThat(api.stock(saleId.value(), "A").body().path("available").asInt())
                .isEqualTo(5);
    }

    @Test
    void whatWasDoneIsWrittenDown() {
        api.release(saleId.value(), id).must(200);

        diedAfterAsking();

        await().untilAsserted(() -> assertThat(trail()).isEqualTo("alice: reservation.released, held to released"));
    }

    @Test
    void whatCameTooLateIsWrittenDownAsRefused() {
        api.confirm(saleId.value(), id).must(200);

        diedAfterAsking();

        await().untilAsserted(
                        () -> assertThat(trail()).isEqualTo("alice: reservation.release-refused, held to confirmed"));
        assertThat(api.reservation(saleId.value(), id).text("state")).isEqualTo("confirmed");
    }

    @Test
    void itIsWrittenDownOnce() {
        ReleaseBook.Asked asked = await(book.ask(ALICE, "a bot", reservation(ReservationState.HELD)));

        await(book.settle(asked, reservation(ReservationState.RELEASED)));
        await(book.settle(asked, reservation(ReservationState.RELEASED)));

        assertThat(trail()).isEqualTo("alice: reservation.released, held to released");
    }

    /** Long enough ago that nobody can be at it any more. */
    private void diedAfterAsking() {
        await(book.ask(ALICE, "a bot", reservation(ReservationState.HELD)));
        db.sql("update releases set asked_at = asked_at - interval '1 minute' where sale_id = $1", saleId.value());
    }

    private Reservation reservation(ReservationState state) {
        ReservationId reservationId = new ReservationId(id);
        long heldAtMs = reservationId.heldAtMs();
        return new Reservation(
                reservationId,
                saleId,
                new CustomerId("c-1"),
                state,
                Cart.of(List.of(new Line(new Sku("A"), 2))),
                heldAtMs,
                heldAtMs + 120_000,
                state == ReservationState.HELD ? null : heldAtMs + 1,
                heldAtMs + 1,
                true,
                new Reservation.Mark(1, 1, 1, "fingerprint"));
    }

    /** Every entry about the reservation. */
    private String trail() {
        return db.text("""
                select coalesce(string_agg(actor || ': ' || action || ', ' || (before ->> 'state') || ' to ' || (after ->> 'state'), '; '), '')
                from admin_actions where sale_id = $1 and subject = $2
                """, saleId.value(), id);
    }
}
