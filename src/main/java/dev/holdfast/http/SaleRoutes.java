package dev.holdfast.http;

import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import io.vertx.core.Future;
import java.util.List;

/** Buyers' pages look at a sale and its stock. */
final class SaleRoutes {

    private static final String SALE = "/v1/sales/{saleId}";

    private final ReservationDesk desk;
    private final SaleDirectory directory;
    private final Standings standings;

    SaleRoutes(ReservationDesk desk, SaleDirectory directory, Standings standings) {
        this.desk = desk;
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
        return desk.count(saleId, null)
                .map(counts -> counts.<Reply>map(SaleRoutes::all).orElseGet(() -> NotFound.sale(saleId)));
    }

    private static Answer all(List<StockCount> counts) {
        return Answer.json(200, json -> Json.list(json, "items", counts, StockJson::write));
    }

    private Future<Reply> stockOfOne(Call call) {
        SaleId saleId = call.saleId();
        Sku sku = call.sku();
        return desk.count(saleId, sku)
                .map(counts -> counts.map(found -> one(found, sku)).orElseGet(() -> NotFound.sale(saleId)));
    }

    private static Reply one(List<StockCount> found, Sku sku) {
        return found.isEmpty() ? NotFound.sku(sku) : Answer.json(200, json -> StockJson.write(json, found.get(0)));
    }
}
