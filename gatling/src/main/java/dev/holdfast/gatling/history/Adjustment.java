package dev.holdfast.gatling.history;

/**
 * A change of a SKU's capacity as the service told of it.
 *
 * @param version of the capacity, once it was changed
 * @param pending units that were held then, and leave as their holds end
 */
public record Adjustment(String id, long before, long after, long version, long pending) {}
