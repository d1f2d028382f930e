package dev.holdfast.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a bounded search came upon.
 *
 * @param items in the order of the search; they may be fewer than were asked for, or none, where the search is not over
 * @param next after which place it goes on; null where there is nothing more
 */
public record Found<T, P>(List<T> items, @Nullable P next) {}
