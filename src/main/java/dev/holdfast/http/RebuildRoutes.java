package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.LaneRebuild;
import dev.holdfast.admin.RebuildOutcome;
import dev.holdfast.admin.rebuild.Losses;
import dev.holdfast.admin.rebuild.RebuildOrder;
import dev.holdfast.admin.rebuild.RebuildOrder.Discard;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.RebuildBook.RecordedFinding;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RebuildReport;
import dev.holdfast.ledger.RebuildSource;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Admins have a sale's lane written anew, from whichever side knows what, and see how it goes and what was found. */
final class RebuildRoutes {

    private static final String REBUILD = "/v1/admin/sales/{saleId}/rebuild";

    /** More acknowledged reservations than any lane has. */
    private static final long MOST_DISCARDED = 999_999_999_999L;

    private final LaneRebuild rebuild;
    private final SaleDirectory directory;

    RebuildRoutes(LaneRebuild rebuild, SaleDirectory directory) {
        this.rebuild = rebuild;
        this.directory = directory;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post(REBUILD, Access.ADMIN, this::begin),
                Endpoint.get(REBUILD, Access.ADMIN, this::show),
                Endpoint.get(REBUILD + "/findings", Access.ADMIN, this::list));
    }

    /** Answered as soon as the lane is stopped and it is known whether anything would be lost. */
    private Future<Reply> begin(Call call) {
        SaleId saleId = call.saleId();
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        RebuildSource source = Objects.requireNonNullElse(
                body.optionalOneOf("from", List.of(RebuildSource.values()), RebuildSource::word),
                RebuildSource.POSTGRES);
        Discard discard = discard(body);
        if (source == RebuildSource.REDIS && discard.allowed()) {
            body.reject("discard", "is for a rebuild from postgres: from redis nothing is lost");
        }
        body.check();

        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.LANE_REBUILT, reason);
        return rebuild.rebuild(saleId, new RebuildOrder(source, discard), action)
                .map(outcome -> switch (outcome) {
                    case RebuildOutcome.Started started -> Answer.json(202, json -> write(json, started.lane()));
                    case RebuildOutcome.Refused refused -> refusal(refused.losses());
                    case RebuildOutcome.SaleIsClosed closed ->
                        Problem.of(
                                ProblemCode.SALE_CLOSED, "The sale is over for good: Redis does not have it any more.");
                    case RebuildOutcome.NoSuchSale none -> NotFound.sale(saleId);
                });
    }

    private static Discard discard(JsonFields body) {
        JsonFields.FlagOrNumber given = body.optionalFlagOrWhole("discard", 0, MOST_DISCARDED);
        if (given == null || Boolean.FALSE.equals(given.flag())) {
            return Discard.NOTHING;
        }
        Long number = given.number();
        return number == null ? Discard.ALL : Discard.exactly(number);
    }

    private Future<Reply> show(Call call) {
        SaleId saleId = call.saleId();
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(NotFound.sale(saleId))
                        : rebuild.latest(saleId).map(found -> shown(saleId, found)));
    }

    private Future<Reply> list(Call call) {
        SaleId saleId = call.saleId();
        Page page = Page.of(call);
        long after = page.afterNumber(0);
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(NotFound.sale(saleId))
                        : rebuild.findings(saleId, after, page.look())
                                .map(found -> Answer.json(
                                        200,
                                        json -> page.write(
                                                json,
                                                found,
                                                finding -> Long.toString(finding.number()),
                                                RebuildRoutes::write))));
    }

    private static Problem refusal(Losses losses) {
        String detail = losses.told()
                + ". Nothing was lost, and the sale stays stopped. Ask again with \"from\":\"redis\", and"
                + " PostgreSQL is brought up to it and nothing is lost" + losses.orDiscard() + '.';
        return Problem.of(ProblemCode.WOULD_LOSE, detail).with(json -> {
            json.writeNumberField("reservations", losses.reservations());
            json.writeNumberField("heldUnits", losses.heldUnits());
            json.writeNumberField("confirmedUnits", losses.confirmedUnits());
            json.writeNumberField("releases", losses.endings());
            json.writeNumberField("skus", losses.skus());
            json.writeNumberField("adjustments", losses.adjustments());
            json.writeNumberField("settings", losses.settings());
            json.writeNumberField("unknownHeldUnits", losses.unknownHeldUnits());
            write(json, "redis", losses.redis());
            write(json, "postgres", losses.postgres());
        });
    }

    private static void write(JsonGenerator json, String name, Losses.Side side) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("epoch", side.epoch());
        json.writeNumberField("seq", side.seq());
        json.writeNumberField("heldUnits", side.heldUnits());
        json.writeNumberField("soldUnits", side.soldUnits());
        json.writeEndObject();
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
        json.writeStringField("from", report.source().word());
        json.writeStringField("reason", report.reason());
        json.writeStringField("phase", report.phase().name());
        json.writeNumberField("done", report.phase().done());
        json.writeNumberField("total", report.phase().total());
        Json.time(json, "startedAt", report.startedAtMs());
        Json.timeOrNull(json, "openedAt", zeroIfNull(report.openedAtMs()));
        Json.timeOrNull(json, "endedAt", zeroIfNull(report.endedAtMs()));
        Long live = report.reservations();
        Json.numberOrNull(
                json,
                "reservations",
                live == null ? null : live + report.ended().restored());
        json.writeBooleanField("restoringEnded", report.ended().running());
        json.writeNumberField("putAside", report.putAside());
        json.writeNumberField("concluded", report.findings().concluded());
        json.writeNumberField("discarded", report.findings().discarded());
        Json.timeOrNull(json, "receiptsFirstUntil", zeroIfNull(report.receiptsFirstUntilMs()));
        Json.textOrNull(json, "problem", report.problem());
    }

    private static void write(JsonGenerator json, RecordedFinding recorded) throws IOException {
        RebuildFinding finding = recorded.finding();
        json.writeStringField("kind", finding.kind().word());
        Json.textOrNull(
                json,
                "reservationId",
                finding.reservationId() == null ? null : finding.reservationId().value());
        Json.textOrNull(
                json, "sku", finding.sku() == null ? null : finding.sku().value());
        Json.textOrNull(
                json,
                "customerId",
                finding.customerId() == null ? null : finding.customerId().value());
        json.writeStringField("detail", finding.detail());
    }

    private static long zeroIfNull(@Nullable Long ms) {
        return ms == null ? 0 : ms;
    }
}
