package dev.holdfast.admin;

import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.Unavailable;

/** What may come of an admin's request. */
public sealed interface AdminOutcome {

    /** The sale is as asked, in PostgreSQL and in Redis. */
    record SaleSet(Sale sale, boolean created) implements AdminOutcome {}

    /** The SKU is as asked, in PostgreSQL and in Redis; with its counts now. */
    record StockSet(SkuRules rules, StockCount count, boolean created) implements AdminOutcome {}

    /** PostgreSQL has the change, and Redis will have it as soon as it can: it must not be asked for again. */
    record Stored(Unavailable.Reason reason) implements AdminOutcome {}

    /** The SKU has another capacity already: that changes by adjustments only. */
    record CapacityDiffers(long capacity, long version) implements AdminOutcome {}

    /** Only a rehearsal's clock may be advanced. */
    record NotARehearsal() implements AdminOutcome {}

    /** A sale once closed stays closed; or what was asked contradicts what the sale is, at this JSON pointer. */
    record Invalid(String pointer, String detail) implements AdminOutcome {}

    /** A closed sale cannot be paused or resumed, and keeps its window. */
    record SaleIsClosed() implements AdminOutcome {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements AdminOutcome {}
}
