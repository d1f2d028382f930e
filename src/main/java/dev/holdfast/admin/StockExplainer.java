package dev.holdfast.admin;

import dev.holdfast.ledger.AdjustmentBook;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.Records;
import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Tells where every unit of a SKU is: Redis's word, and the books' word beside it. */
public final class StockExplainer {

    private static final int EXPIRIES = 10;

    private static final int ADJUSTMENTS = 5;

    private final ReservationDesk desk;
    private final AdjustmentBook adjustments;
    private final Records records;

    /** To be used on the event loop of the desk. */
    public StockExplainer(ReservationDesk desk, Books books, Records records) {
        this.desk = desk;
        this.adjustments = books.adjustments();
        this.records = records;
    }

    /** Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<StockExplanation> explain(SaleId saleId, Sku sku) {
        return desk.stock(saleId, sku).compose(counts -> {
            if (counts.isEmpty()) {
                return Future.succeededFuture(new StockExplanation.NoSuchSale());
            }
            Optional<StockCount> now = counts.get().of(sku);
            return now.isEmpty()
                    ? Future.succeededFuture(new StockExplanation.NoSuchSku())
                    : explain(saleId, now.get());
        });
    }

    /** Redis is asked first: what was recorded by then is in what the books say. */
    private Future<StockExplanation> explain(SaleId saleId, StockCount now) {
        Future<Expiries> expiries = desk.expiries(saleId, now.sku(), EXPIRIES)
                .map(found -> found.orElseGet(() -> new Expiries(List.of(), true)));
        return expiries.compose(next -> records.stock(saleId, now.sku())
                .compose(recorded -> adjustments
                        .list(saleId, now.sku(), Long.MAX_VALUE, ADJUSTMENTS)
                        .map(changes ->
                                new StockExplanation.Explained(now, next, recorded, changes.orElseGet(List::of)))));
    }
}
