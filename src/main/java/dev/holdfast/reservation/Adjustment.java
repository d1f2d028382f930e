package dev.holdfast.reservation;

/**
 * A change of a SKU's capacity, as PostgreSQL has it.
 *
 * @param number puts adjustments in order: Redis decides about each once, and never about one before the last
 * @param version of the capacity, once it is applied
 * @param before units people had decided on until then
 * @param after units from then on
 * @param allowBelowHeld whether capacity that is held goes as holds end; else less than what is held and sold is refused
 */
public record Adjustment(
        long number, String id, Sku sku, long version, long before, long after, boolean allowBelowHeld) {}
