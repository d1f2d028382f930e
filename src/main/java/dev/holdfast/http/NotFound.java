package dev.holdfast.http;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;

/** What is told of things that are not there. */
final class NotFound {

    private NotFound() {}

    static Problem sale(SaleId saleId) {
        return Problem.of(ProblemCode.SALE_NOT_FOUND, "There is no sale " + saleId + ".");
    }

    static Problem reservation() {
        return Problem.of(ProblemCode.RESERVATION_NOT_FOUND, "The sale has no such reservation.");
    }

    static Problem sku(Sku sku) {
        return Problem.of(ProblemCode.SKU_NOT_FOUND, "The sale has no SKU " + sku + ".");
    }
}
