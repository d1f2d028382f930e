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

    /** What was asked for is not repeated: it could be a key itself. */
    static Problem key() {
        return Problem.of(
                ProblemCode.KEY_NOT_FOUND,
                "No key that an admin made has this id. Keys of the environment have none: they end where they were set.");
    }

    static Problem sku(Sku sku) {
        return Problem.of(ProblemCode.SKU_NOT_FOUND, "The sale has no SKU " + sku + ".");
    }
}
