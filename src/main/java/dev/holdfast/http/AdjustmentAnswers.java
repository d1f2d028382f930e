package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.AdjustOutcome;
import dev.holdfast.admin.StockDraft;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import java.io.IOException;
import java.util.List;

/** What comes of an adjustment. */
final class AdjustmentAnswers {

    private AdjustmentAnswers() {}

    static Reply reply(AdjustOutcome outcome, SaleId saleId, Sku sku) {
        return switch (outcome) {
            case AdjustOutcome.Applied applied -> applied(applied);
            case AdjustOutcome.BelowUse use -> belowUse(use);
            case AdjustOutcome.OtherVersion other ->
                Problem.of(
                                ProblemCode.VERSION_CONFLICT,
                                "The capacity is " + other.capacity() + " now, in version " + other.version()
                                        + ": look again before you change it.")
                        .with(json -> {
                            json.writeNumberField("capacity", other.capacity());
                            json.writeNumberField("version", other.version());
                        });
            case AdjustOutcome.OutOfRange range ->
                Problem.invalid(List.of(new FieldError(
                        "/delta",
                        "would make a capacity of " + range.after() + ": it must be from 0 to "
                                + StockDraft.MOST_UNITS)));
            case AdjustOutcome.KeyReused reused ->
                Problem.of(
                        ProblemCode.IDEMPOTENCY_KEY_REUSED,
                        "Another adjustment of this sale was asked for with this Idempotency-Key.");
            case AdjustOutcome.Stored stored ->
                Problem.of(
                        Failures.code(stored.reason()),
                        "The adjustment is stored in PostgreSQL, and is decided as soon as Redis takes it."
                                + " The same request with the same key tells how.");
            case AdjustOutcome.SaleIsClosed closed ->
                Problem.of(ProblemCode.SALE_CLOSED, "The sale is over for good: its stock does not change any more.");
            case AdjustOutcome.NoSuchSku none -> NotFound.sku(sku);
            case AdjustOutcome.NoSuchSale none -> NotFound.sale(saleId);
        };
    }

    private static Reply applied(AdjustOutcome.Applied applied) {
        Answer answer = Answer.json(201, json -> write(json, applied));
        return applied.replayed() ? answer.with("idempotent-replayed", "true") : answer;
    }

    private static void write(JsonGenerator json, AdjustOutcome.Applied applied) throws IOException {
        Adjustment adjustment = applied.adjustment();
        json.writeStringField("adjustmentId", adjustment.id());
        json.writeNumberField("before", adjustment.before());
        json.writeNumberField("after", adjustment.after());
        json.writeNumberField("version", adjustment.version());
        json.writeStringField("state", "applied");
        json.writeNumberField("pendingReduction", applied.pendingReduction());
    }

    private static Problem belowUse(AdjustOutcome.BelowUse use) {
        Adjustment adjustment = use.adjustment();
        String detail = adjustment.allowBelowHeld()
                ? use.sold() + " units are sold: the capacity cannot be less."
                : use.held() + " units are held and " + use.sold()
                        + " are sold. To let the held ones go as their holds end, ask with allowBelowHeld.";
        return Problem.of(ProblemCode.CAPACITY_BELOW_USE, detail).with(json -> {
            json.writeNumberField("requested", adjustment.after());
            json.writeNumberField("capacity", adjustment.before());
            json.writeNumberField("held", use.held());
            json.writeNumberField("sold", use.sold());
        });
    }
}
