package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.AuditBook;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.SaleDirectory;
import io.vertx.core.Vertx;

/** What inspections and repairs look with, all on one connection. */
record Looks(
        LaneScan scan,
        InspectionBook book,
        AuditBook audits,
        SaleDirectory directory,
        HoldLook holds,
        BuyerLook buyers,
        StockLook stock,
        SettingsLook settings) {

    static Looks over(Vertx vertx, LaneScan scan, LedgerStream stream, Books books, InspectionBook book) {
        return new Looks(
                scan,
                book,
                books.audits(),
                books.sales(),
                new HoldLook(vertx, scan, book),
                new BuyerLook(vertx, scan, stream, book),
                new StockLook(scan, book),
                new SettingsLook(scan, books.sales()));
    }
}
