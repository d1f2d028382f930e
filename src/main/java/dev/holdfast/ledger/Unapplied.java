package dev.holdfast.ledger;

import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SkuRules;
import java.util.List;

/**
 * Changes that PostgreSQL has and Redis may not have: they are to be sent again.
 *
 * @param rules the SKUs whose rules changed; none where it is the sale itself
 */
public record Unapplied(ListedSale listed, List<SkuRules> rules) {}
