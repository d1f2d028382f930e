package dev.holdfast.http;

/**
 * What shows stock to anyone, on an event loop of its own.
 *
 * @param feeds for those who watch it
 * @param pages for those who look at it once
 */
public record PublicStock(StockFeeds feeds, StockPages pages) {}
