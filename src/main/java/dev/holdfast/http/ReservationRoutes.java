package dev.holdfast.http;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Receipt;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checkouts reserve, and change what they reserved. */
final class ReservationRoutes {

    /** A year: longer than any sale's maximum, and a number that every part of the service can count in ms. */
    private static final int MOST_HOLD_SECONDS = 31_536_000;

    /** More than a reservation will ever have, and a number that every part of the service can count. */
    private static final long MOST_REVISIONS = 999_999_999_999_999L;

    /** Characters: 20 lines with the longest names are some 4,000. */
    private static final int MOST_RECEIPT = 8_192;

    private static final String RESERVATIONS = "/v1/sales/{saleId}/reservations";
    private static final String RESERVATION = RESERVATIONS + "/{reservationId}";

    private final ReservationDesk desk;
    private final HoldGate gate;
    private final Receipts receipts;

    ReservationRoutes(ReservationDesk desk, HoldGate gate, Receipts receipts) {
        this.desk = desk;
        this.gate = gate;
        this.receipts = receipts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post(RESERVATIONS, Access.CHECKOUT, this::hold).count(),
                Endpoint.post(RESERVATION + "/confirm", Access.CHECKOUT, this::confirm)
                        .count(),
                Endpoint.post(RESERVATION + "/release", Access.CHECKOUT, this::release)
                        .count(),
                Endpoint.post(RESERVATION + "/extend", Access.CHECKOUT, this::extend)
                        .count(),
                Endpoint.put(RESERVATION + "/items", Access.CHECKOUT, this::replace)
                        .count(),
                Endpoint.post(RESERVATION + "/reclaim", Access.CHECKOUT, this::reclaim)
                        .count(),
                Endpoint.get(RESERVATION, Access.CHECKOUT, this::show));
    }

    private Future<Reply> hold(Call call) {
        // Before anything is read: what is turned away must cost next to nothing.
        if (!gate.isOpen()) {
            return Future.succeededFuture(gate.turnAway());
        }
        SaleId saleId = call.saleId();
        String key = IdempotencyKey.of(call.headers(IdempotencyKey.HEADER));
        JsonFields body = call.json();
        String customerId = body.identifier("customerId");
        CartBody cart = CartBody.read(body);
        Integer holdSeconds = body.optionalInt("holdSeconds", HoldRequest.MIN_HOLD_SECONDS, MOST_HOLD_SECONDS);
        body.check();

        return gate.within(
                        desk.hold(new HoldRequest(saleId, new CustomerId(customerId), cart.cart(), holdSeconds, key)))
                .map(outcome -> HoldAnswers.reply(outcome, saleId, cart, receipts));
    }

    private Future<Reply> confirm(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        call.requireNothing();

        return desk.confirm(saleId, id)
                .map(outcome -> ChangeAnswers.reply(outcome, saleId, ReservationState.CONFIRMED.word(), receipts));
    }

    private Future<Reply> release(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        call.requireNothing();

        return desk.release(saleId, id)
                .map(outcome -> ChangeAnswers.reply(outcome, saleId, ReservationState.RELEASED.word(), receipts));
    }

    private Future<Reply> extend(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        JsonFields body = call.json();
        long holdSeconds = body.whole("holdSeconds", HoldRequest.MIN_HOLD_SECONDS, MOST_HOLD_SECONDS);
        Long expectedRevision = expectedRevision(body);
        body.check();

        return desk.extend(saleId, id, (int) holdSeconds, expectedRevision)
                .map(outcome -> ChangeAnswers.reply(outcome, saleId, "extended", receipts));
    }

    private Future<Reply> replace(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        JsonFields body = call.json();
        CartBody cart = CartBody.read(body);
        Long expectedRevision = expectedRevision(body);
        body.check();

        return desk.replace(saleId, id, cart.cart(), expectedRevision)
                .map(outcome -> ChangeAnswers.reply(outcome, saleId, "replaced", cart, receipts));
    }

    private Future<Reply> reclaim(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        JsonFields body = call.json();
        String text = body.text("receipt", MOST_RECEIPT);
        body.check();

        Optional<Receipt> receipt = receipts.read(text)
                .filter(read -> read.saleId().equals(saleId) && read.id().equals(id));
        return receipt.isEmpty()
                ? Future.succeededFuture(Problem.of(
                        ProblemCode.RECEIPT_INVALID,
                        "It is not a receipt that this service gave for this reservation."))
                : desk.reclaim(receipt.get())
                        .map(outcome -> ChangeAnswers.reply(outcome, saleId, "reclaimed", receipts));
    }

    /** Null where the caller does not say. */
    private static @Nullable Long expectedRevision(JsonFields body) {
        return body.optionalWhole("expectedRevision", 1, MOST_REVISIONS);
    }

    private Future<Reply> show(Call call) {
        SaleId saleId = call.saleId();
        return desk.look(saleId, call.reservationId()).map(seen -> ChangeAnswers.shown(seen, saleId));
    }
}
