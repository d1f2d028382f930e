package dev.holdfast.http;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.List;

/** Buyers' pages watch a sale's stock. */
final class StockEventRoutes {

    private final StockFeeds feeds;

    StockEventRoutes(StockFeeds feeds) {
        this.feeds = feeds;
    }

    /** To be before those of single SKUs: this one is not a SKU's name. */
    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/v1/sales/{saleId}/stock/events", Access.OPEN, this::watch));
    }

    private Future<Reply> watch(Call call) {
        SaleId saleId = call.saleId();
        return feeds.watch(saleId).map(stream -> stream.<Reply>map(s -> s).orElseGet(() -> NotFound.sale(saleId)));
    }
}
