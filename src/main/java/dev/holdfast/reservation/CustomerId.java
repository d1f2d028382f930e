package dev.holdfast.reservation;

/**
 * Who buys, in the shop's own naming.
 *
 * @param value matches {@link Identifiers#isIdentifier}
 */
public record CustomerId(String value) {

    /** Throws IllegalArgumentException where the value is not an identifier. */
    public CustomerId {
        value = Identifiers.require(value, "customer id");
    }

    @Override
    public String toString() {
        return value;
    }
}
