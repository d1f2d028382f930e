package dev.holdfast.reservation;

/**
 * Units of one SKU in a cart.
 *
 * @param quantity units, 1 to {@link #MAX_QUANTITY}
 */
public record Line(Sku sku, int quantity) {

    /** The most units of one SKU in one cart: contract, POST reservations. */
    public static final int MAX_QUANTITY = 10_000;

    /** Throws IllegalArgumentException where the quantity is out of range. */
    public Line {
        if (quantity < 1 || quantity > MAX_QUANTITY) {
            throw new IllegalArgumentException("quantity of " + sku + " is not 1 to " + MAX_QUANTITY + ": " + quantity);
        }
    }
}
