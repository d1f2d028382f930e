package dev.holdfast.ledger;

import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SkuRules;
import org.jspecify.annotations.Nullable;

/**
 * A change that PostgreSQL has and Redis may not have: it is to be sent again.
 *
 * @param rules the SKU whose rules changed; null where it is the sale itself
 */
public record Unapplied(ListedSale listed, @Nullable SkuRules rules) {}
