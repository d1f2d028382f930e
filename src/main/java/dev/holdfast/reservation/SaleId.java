package dev.holdfast.reservation;

/**
 * One event: a window in time, a policy and a set of SKUs.
 *
 * @param value matches {@link Identifiers#isIdentifier}
 */
public record SaleId(String value) {

    /** Throws IllegalArgumentException where the value is not an identifier. */
    public SaleId {
        value = Identifiers.require(value, "sale id");
    }

    @Override
    public String toString() {
        return value;
    }
}
