package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Seen;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** What comes of a verb on a reservation. */
final class ChangeAnswers {

    private static final CartBody NOTHING_ASKED = new CartBody(List.of());

    private ChangeAnswers() {}

    /** Of confirm, release, extend and reclaim; metrics count a success under this word. */
    static Reply reply(ChangeOutcome outcome, SaleId saleId, String word, Receipts receipts) {
        return reply(outcome, saleId, word, NOTHING_ASKED, receipts);
    }

    /** Of a cart that was asked for. */
    static Reply reply(ChangeOutcome outcome, SaleId saleId, String word, CartBody asked, Receipts receipts) {
        return reply(
                outcome,
                saleId,
                asked,
                done -> Answer.json(200, json -> ReservationJson.write(json, done, receipts))
                        .countedAs(word));
    }

    /** As admins see it: a receipt is the checkout's. */
    static Reply withoutReceipt(ChangeOutcome outcome, SaleId saleId, String word) {
        return reply(
                outcome,
                saleId,
                NOTHING_ASKED,
                done -> Answer.json(200, json -> ReservationJson.write(json, done))
                        .countedAs(word));
    }

    /** Of a look, which shows ended ones too. */
    static Reply shown(Seen<ChangeOutcome> seen, SaleId saleId) {
        return reply(
                seen.value(),
                saleId,
                NOTHING_ASKED,
                done -> Answer.json(200, json -> {
                    ReservationJson.writeRecorded(json, done);
                    Json.notLive(json, seen);
                }));
    }

    private static Reply reply(
            ChangeOutcome outcome, SaleId saleId, CartBody asked, Function<Reservation, Reply> success) {
        return switch (outcome) {
            case ChangeOutcome.Done done -> success.apply(done.reservation());
            case ChangeOutcome.Ended ended -> ended(ended.reservation());
            case ChangeOutcome.OtherRevision other -> otherRevision(other.reservation());
            case ChangeOutcome.Refused refused -> RefusalProblems.problem(refused.refusal(), asked);
            case ChangeOutcome.NoSuchReservation none -> NotFound.reservation();
            case ChangeOutcome.NoSuchSale none -> NotFound.sale(saleId);
        };
    }

    private static Problem otherRevision(Reservation reservation) {
        return Problem.of(
                        ProblemCode.VERSION_CONFLICT,
                        "It has another revision than the one that was expected: nothing was changed. Look at it as it is, then ask"
                                + " again with its revision.")
                .with(json -> ReservationJson.write(json, reservation));
    }

    private static Problem ended(Reservation reservation) {
        return switch (reservation.state()) {
            case CONFIRMED ->
                ended(ProblemCode.RESERVATION_CONFIRMED, "It is confirmed: its units are sold.", reservation);
            case RELEASED ->
                ended(ProblemCode.RESERVATION_RELEASED, "It was released: its units went back.", reservation);
            case EXPIRED ->
                ended(ProblemCode.RESERVATION_EXPIRED, "Its hold ran out: its units went back.", reservation);
            case HELD -> throw new IllegalStateException("a held reservation cannot have ended: " + reservation.id());
        };
    }

    private static Problem ended(ProblemCode code, String detail, Reservation reservation) {
        return Problem.of(code, detail).with(json -> write(json, reservation));
    }

    private static void write(JsonGenerator json, Reservation reservation) throws IOException {
        json.writeStringField("reservationId", reservation.id().value());
        json.writeStringField("state", reservation.state().word());
        Long endedAtMs = reservation.endedAtMs();
        if (endedAtMs != null) {
            Json.time(json, "endedAt", endedAtMs);
        }
    }
}
