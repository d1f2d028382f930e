package dev.holdfast.reservation;

/**
 * What is sold and counted.
 *
 * @param value matches {@link Identifiers#isIdentifier}
 */
public record Sku(String value) {

    /** Throws IllegalArgumentException where the value is not an identifier. */
    public Sku {
        value = Identifiers.require(value, "SKU");
    }

    @Override
    public String toString() {
        return value;
    }
}
