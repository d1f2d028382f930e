package dev.holdfast.ledger;

import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SkuRules;
import java.util.List;

/** A change that PostgreSQL has and Redis may not have: it is to be sent again. */
public sealed interface Unapplied {

    /** The sale that it is about. */
    ListedSale listed();

    /** A sale's policy. */
    record Policy(ListedSale listed) implements Unapplied {}

    /** The rules of SKUs. */
    record Rules(ListedSale listed, List<SkuRules> rules) implements Unapplied {}

    /** An adjustment that no ledger entry has told of yet. */
    record Adjusting(ListedSale listed, Adjustment adjustment) implements Unapplied {}
}
