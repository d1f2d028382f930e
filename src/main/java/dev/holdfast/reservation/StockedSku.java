package dev.holdfast.reservation;

/** A SKU that was put up: its rules, and where its units are. */
public record StockedSku(SkuRules rules, StockCount count) {}
