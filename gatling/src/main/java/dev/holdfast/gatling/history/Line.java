package dev.holdfast.gatling.history;

/** Units of one SKU in a cart. */
public record Line(String sku, int quantity) {}
