package dev.holdfast.http;

import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/** What comes of POST reservations. */
final class HoldAnswers {

    private HoldAnswers() {}

    static Reply reply(HoldOutcome outcome, SaleId saleId, CartBody asked, Receipts receipts) {
        return switch (outcome) {
            case HoldOutcome.Held held -> held(held.reservation(), receipts);
            case HoldOutcome.Replayed replayed -> replayed(replayed.reservation(), receipts);
            case HoldOutcome.KeyReused reused ->
                Problem.of(
                        ProblemCode.IDEMPOTENCY_KEY_REUSED,
                        "This Idempotency-Key stands for another request of this customer.");
            case HoldOutcome.HoldTooLong tooLong ->
                Problem.invalid(List.of(new FieldError(
                        "/holdSeconds", "must be at most " + tooLong.maxHoldMs() / 1000 + " in this sale")));
            case HoldOutcome.Refused refused -> RefusalProblems.problem(refused.refusal(), asked);
            case HoldOutcome.NoSuchSale noSuchSale -> NotFound.sale(saleId);
        };
    }

    private static Answer held(Reservation reservation, Receipts receipts) {
        return Answer.json(201, json -> ReservationJson.write(json, reservation, receipts))
                .with(HttpHeaders.LOCATION, "/v1/sales/" + reservation.saleId() + "/reservations/" + reservation.id())
                .countedAs(reservation.state().word());
    }

    private static Answer replayed(Reservation reservation, Receipts receipts) {
        return Answer.json(200, json -> ReservationJson.write(json, reservation, receipts))
                .with("idempotent-replayed", "true")
                .countedAs("replayed");
    }
}
