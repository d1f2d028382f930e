package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;

/** The right of one operation to change a sale, until another operation claims the sale and gets a higher token. */
record Fence(SaleId saleId, long token) {}
