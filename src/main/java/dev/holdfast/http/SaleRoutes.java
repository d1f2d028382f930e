package dev.holdfast.http;

import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Buyers' pages look at a sale and its stock. */
final class SaleRoutes {

    private static final String SALE = "/v1/sales/{saleId}";

    private final ReservationDesk desk;
    private final StockPages pages;
    private final SaleDirectory directory;
    private final Standings standings;

    SaleRoutes(ReservationDesk desk, StockPages pages, SaleDirectory directory, Standings standings) {
        this.desk = desk;
        this.pages = pages;
        this.directory = directory;
        this.standings = standings;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(SALE + "/stock", Access.OPEN, this::stock),
                Endpoint.get(SALE + "/stock/{sku}", Access.OPEN, this::stockOfOne),
                Endpoint.get(SALE, Access.CHECKOUT, this::sale));
    }

    private Future<Reply> sale(Call call) {
        SaleId saleId = call.saleId();
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(NotFound.sale(saleId))
                        : shown(listed.get().sale()));
    }

    private Future<Reply> shown(Sale sale) {
        return standings.of(sale).map(standing -> Answer.json(200, json -> SaleJson.write(json, sale, standing)));
    }

    private Future<Reply> stock(Call call) {
        SaleId saleId = call.saleId();
        return desk.stock(saleId)
                .compose(counts -> counts.isEmpty()
                        ? Future.succeededFuture(NotFound.sale(saleId))
                        : pages.of(counts.get()).map(page -> Answer.json(200, page)));
    }

    private Future<Reply> stockOfOne(Call call) {
        SaleId saleId = call.saleId();
        Sku sku = call.sku();
        return desk.stock(saleId, sku)
                .map(counts -> counts.map(all -> one(all.of(sku), sku)).orElseGet(() -> NotFound.sale(saleId)));
    }

    private static Reply one(Optional<StockCount> found, Sku sku) {
        return found.<Reply>map(count -> Answer.json(200, json -> StockJson.write(json, count)))
                .orElseGet(() -> NotFound.sku(sku));
    }
}
