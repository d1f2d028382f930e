package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Sku;
import java.io.IOException;

/** What a caller is told when a cart cannot be had. */
final class RefusalProblems {

    private RefusalProblems() {}

    static Problem problem(Refusal refusal, CartBody asked) {
        return switch (refusal) {
            case Refusal.OutOfStock outOfStock -> outOfStock(outOfStock);
            case Refusal.PurchaseLimit limit ->
                Problem.of(
                                ProblemCode.PURCHASE_LIMIT,
                                "The customer may have " + limit.limit() + " units and has " + limit.taken() + ".")
                        .with(json -> write(json, limit));
            case Refusal.UnknownSkus unknown ->
                Problem.of(ProblemCode.UNKNOWN_SKU, "The sale does not have all SKUs of the cart.")
                        .withErrors(asked.errors(unknown.skus(), "is not a SKU of this sale"))
                        .with(json -> write(json, unknown));
            case Refusal.SaleNotOpen early ->
                Problem.of(ProblemCode.SALE_NOT_OPEN, "The sale opens at " + Rfc3339.text(early.opensAtMs()) + ".")
                        .with(json -> Json.time(json, "opensAt", early.opensAtMs()))
                        .retryAfterMs(early.opensAtMs() - early.nowMs());
            case Refusal.SalePaused paused ->
                Problem.of(ProblemCode.SALE_PAUSED, "The sale is paused and takes no new reservations.");
            case Refusal.SaleClosed closed ->
                Problem.of(ProblemCode.SALE_CLOSED, "The sale is closed and takes no new reservations.");
        };
    }

    private static Problem outOfStock(Refusal.OutOfStock refusal) {
        Problem problem = Problem.of(ProblemCode.OUT_OF_STOCK, "Not all units can be had, so none was reserved.")
                .with(json -> write(json, refusal));
        Long retryAfterMs = refusal.retryAfterMs();
        return retryAfterMs == null ? problem : problem.retryAfterMs(retryAfterMs);
    }

    private static void write(JsonGenerator json, Refusal.OutOfStock refusal) throws IOException {
        Json.list(json, "shortages", refusal.shortages(), RefusalProblems::shortage);
        Json.list(json, "alternatives", refusal.alternatives(), RefusalProblems::alternative);
    }

    private static void shortage(JsonGenerator json, Refusal.Shortage shortage) throws IOException {
        json.writeStringField("sku", shortage.sku().value());
        json.writeNumberField("requested", shortage.requested());
        json.writeNumberField("available", Math.max(0, shortage.available()));
        json.writeNumberField("held", shortage.held());
        json.writeBooleanField("soldOut", shortage.soldOut());
    }

    private static void alternative(JsonGenerator json, Refusal.Alternative alternative) throws IOException {
        json.writeStringField("sku", alternative.sku().value());
        json.writeNumberField("available", alternative.available());
    }

    private static void write(JsonGenerator json, Refusal.PurchaseLimit limit) throws IOException {
        json.writeNumberField("limit", limit.limit());
        json.writeNumberField("taken", limit.taken());
        Sku sku = limit.sku();
        if (sku != null) {
            json.writeStringField("sku", sku.value());
        }
    }

    private static void write(JsonGenerator json, Refusal.UnknownSkus unknown) throws IOException {
        json.writeArrayFieldStart("skus");
        for (Sku sku : unknown.skus()) {
            json.writeString(sku.value());
        }
        json.writeEndArray();
    }
}
