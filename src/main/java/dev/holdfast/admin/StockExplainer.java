package dev.holdfast.admin;

import dev.holdfast.ledger.Records;
import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import java.util.List;

/** Tells where every unit of a SKU is: Redis's word, and the books' word beside it. */
public final class StockExplainer {

    private static final int EXPIRIES = 10;

    private final ReservationDesk desk;
    private final Records records;

    /** To be used on the event loop of the desk. */
    public StockExplainer(ReservationDesk desk, Records records) {
        this.desk = desk;
        this.records = records;
    }

    /** Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<StockExplanation> explain(SaleId saleId, Sku sku) {
        return desk.count(saleId, sku).compose(counts -> {
            if (counts.isEmpty()) {
                return Future.succeededFuture(new StockExplanation.NoSuchSale());
            }
            return counts.get().isEmpty()
                    ? Future.succeededFuture(new StockExplanation.NoSuchSku())
                    : explain(saleId, counts.get().getFirst());
        });
    }

    private Future<StockExplanation> explain(SaleId saleId, StockCount now) {
        return desk.expiries(saleId, now.sku(), EXPIRIES)
                .map(found -> found.orElseGet(() -> new Expiries(List.of(), true)))
                .compose(expiries -> records.stock(saleId, now.sku())
                        .map(recorded -> new StockExplanation.Explained(now, expiries, recorded)));
    }
}
