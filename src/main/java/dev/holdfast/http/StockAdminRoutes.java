package dev.holdfast.http;

import dev.holdfast.admin.Auditor;
import dev.holdfast.admin.SaleAdmin;
import dev.holdfast.admin.StockDraft;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.List;

/** Admins put SKUs up for sale, and audit their counts. */
final class StockAdminRoutes {

    private static final String SALE = "/v1/admin/sales/{saleId}";

    private final SaleAdmin admin;
    private final Auditor auditor;
    private final AdminAnswers answers;

    StockAdminRoutes(SaleAdmin admin, Auditor auditor, Standings standings) {
        this.admin = admin;
        this.auditor = auditor;
        this.answers = new AdminAnswers(standings);
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.put(SALE + "/stock/{sku}", Access.ADMIN, this::put),
                Endpoint.get(SALE + "/audit", Access.ADMIN, this::audit));
    }

    private Future<Reply> put(Call call) {
        SaleId saleId = call.saleId();
        Sku sku = call.newSku();
        StockDraft draft = StockBody.read(call.json());
        return admin.putStock(call.author(), saleId, sku, draft).compose(outcome -> answers.reply(outcome, saleId));
    }

    private Future<Reply> audit(Call call) {
        SaleId saleId = call.saleId();
        return auditor.audit(saleId)
                .map(report -> report.<Reply>map(found -> Answer.json(200, json -> AuditJson.write(json, found)))
                        .orElseGet(() -> NotFound.sale(saleId)));
    }
}
