package dev.holdfast.admin;

import dev.holdfast.ledger.AuditReport;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * People set up and steer a sale: PostgreSQL first, then Redis, then this answers. Where Redis is away the change stays in
 * PostgreSQL and is sent again by itself. Every method fails with {@link dev.holdfast.reservation.Unavailable}.
 */
public interface SaleAdmin {

    /** Creates the sale or replaces its policy. */
    Future<AdminOutcome> putSale(SaleId saleId, SaleDraft draft);

    /** Pauses, resumes or closes the sale, for a reason. */
    Future<AdminOutcome> turn(SaleId saleId, Sale.Switch to, String reason);

    /** Advances a rehearsal's clock. */
    Future<AdminOutcome> advanceClock(SaleId saleId, long advanceSeconds);

    /** Puts a SKU up for sale, or changes its rules but never its capacity. */
    Future<AdminOutcome> putStock(SaleId saleId, Sku sku, StockDraft draft);

    /** Sales after {@code after} (a sale id; empty string for the first page) in the order of their ids. */
    Future<List<Sale>> list(String after, int limit);

    /** Audits the books of the sale now: waits until the recorder has come to the audit's entry. Empty if there is no such sale. */
    Future<Optional<AuditReport>> audit(SaleId saleId);
}
