package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;

/** Another operation has the sale: the one that meets this changes nothing, or nothing more. */
public final class SaleIsLocked extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient FenceHolder holder;

    /** Rolls back the transaction that it is thrown in. */
    public SaleIsLocked(SaleId saleId, FenceHolder holder) {
        super("sale " + saleId + " is locked: " + holder, null, false, false);
        this.holder = holder;
    }

    /** Who has it. */
    public FenceHolder holder() {
        return holder;
    }
}
