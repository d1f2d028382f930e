package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.LaneRebuild;
import dev.holdfast.admin.RebuildOutcome;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.RebuildReport;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Admins have a sale's lane written anew from PostgreSQL, and see how it goes. */
final class RebuildRoutes {

    private static final String REBUILD = "/v1/admin/sales/{saleId}/rebuild";

    private final LaneRebuild rebuild;
    private final SaleDirectory directory;

    RebuildRoutes(LaneRebuild rebuild, SaleDirectory directory) {
        this.rebuild = rebuild;
        this.directory = directory;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post(REBUILD, Access.ADMIN, this::begin), Endpoint.get(REBUILD, Access.ADMIN, this::show));
    }

    /** Answered as soon as the lane is stopped. */
    private Future<Reply> begin(Call call) {
        SaleId saleId = call.saleId();
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        body.check();

        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.LANE_REBUILT, reason);
        return rebuild.rebuild(saleId, action).map(outcome -> switch (outcome) {
            case RebuildOutcome.Started started -> Answer.json(202, json -> write(json, started.lane()));
            case RebuildOutcome.SaleIsClosed closed ->
                Problem.of(ProblemCode.SALE_CLOSED, "The sale is over for good: Redis does not have it any more.");
            case RebuildOutcome.NoSuchSale none -> NotFound.sale(saleId);
        });
    }

    private Future<Reply> show(Call call) {
        SaleId saleId = call.saleId();
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(NotFound.sale(saleId))
                        : rebuild.latest(saleId).map(found -> shown(saleId, found)));
    }

    private static Reply shown(SaleId saleId, Optional<RebuildReport> found) {
        return found.<Reply>map(report -> Answer.json(200, json -> write(json, saleId, report)))
                .orElseGet(() -> Problem.of(ProblemCode.NOT_FOUND, "This sale was never rebuilt."));
    }

    private static void write(JsonGenerator json, Lane lane) throws IOException {
        json.writeStringField("saleId", lane.saleId().value());
        json.writeStringField("state", "recovering");
        json.writeNumberField("epoch", lane.epoch());
    }

    private static void write(JsonGenerator json, SaleId saleId, RebuildReport report) throws IOException {
        json.writeStringField("saleId", saleId.value());
        json.writeNumberField("epoch", report.epoch());
        json.writeStringField("state", report.state().name().toLowerCase(Locale.ROOT));
        json.writeStringField("reason", report.reason());
        Json.time(json, "startedAt", report.startedAtMs());
        Long endedAtMs = report.endedAtMs();
        Json.timeOrNull(json, "endedAt", endedAtMs == null ? 0 : endedAtMs);
        Json.numberOrNull(json, "reservations", report.reservations());
        json.writeNumberField("putAside", report.putAside());
        Json.textOrNull(json, "problem", report.problem());
    }
}
