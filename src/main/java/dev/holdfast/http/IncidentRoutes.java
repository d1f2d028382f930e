package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.admin.inspection.RepairSource;
import dev.holdfast.admin.inspection.Repairs;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Incident;
import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Admins see what went wrong and what to do about it, and say when it is over. */
final class IncidentRoutes {

    private static final String INCIDENTS = "/v1/admin/incidents";
    private static final String ONE = INCIDENTS + "/{incidentId}";

    private final Incidents incidents;
    private final Repairs repairs;

    IncidentRoutes(Incidents incidents, Repairs repairs) {
        this.incidents = incidents;
        this.repairs = repairs;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(INCIDENTS, Access.ADMIN, this::list),
                Endpoint.get(ONE, Access.ADMIN, this::show),
                Endpoint.post(ONE + "/resolve", Access.ADMIN, this::resolve),
                Endpoint.post(ONE + "/repair", Access.ADMIN, this::repair));
    }

    private Future<Reply> list(Call call) {
        QueryFields asked = new QueryFields(call);
        String saleId = asked.identifier("saleId");
        Incident.State state = asked.oneOf("state", List.of(Incident.State.values()), IncidentRoutes::word);
        IncidentKind kind = asked.oneOf("kind", List.of(IncidentKind.values()), IncidentKind::word);
        String subject = asked.text("subject");
        Long beforeId = asked.cursor(Json::number);
        int limit = asked.limit();
        asked.check();

        return incidents
                .find(
                        new Incidents.Query(saleId == null ? null : new SaleId(saleId), state, kind, subject),
                        beforeId,
                        limit)
                .map(found -> Answer.json(200, json -> RecordedJson.page(json, found, IncidentRoutes::write)));
    }

    private Future<Reply> show(Call call) {
        return Json.number(call.inPath("incidentId"))
                .map(id -> incidents.find(id).map(IncidentRoutes::reply))
                .orElseGet(IncidentRoutes::notFound);
    }

    private Future<Reply> resolve(Call call) {
        Optional<Long> id = Json.number(call.inPath("incidentId"));
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        body.check();

        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.INCIDENT_RESOLVED, reason);
        return id.map(known -> incidents.resolve(action, known).map(IncidentRoutes::reply))
                .orElseGet(IncidentRoutes::notFound);
    }

    private Future<Reply> repair(Call call) {
        Optional<Long> id = Json.number(call.inPath("incidentId"));
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        RepairSource from = body.optionalOneOf("from", List.of(RepairSource.values()), RepairSource::word);
        body.check();

        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.INCIDENT_REPAIRED, reason);
        return id.map(known -> repairs.repair(known, from, action).map(IncidentRoutes::repaired))
                .orElseGet(IncidentRoutes::notFound);
    }

    private static Reply repaired(Repairs.Outcome outcome) {
        return switch (outcome) {
            case Repairs.Outcome.Repaired repaired -> repaired(repaired.incident(), null, repaired.concluded());
            case Repairs.Outcome.NotRepaired not -> repaired(not.incident(), not.why(), "");
            case Repairs.Outcome.NoSuchIncident none -> none();
        };
    }

    private static Reply repaired(Incident incident, @Nullable String why, String concluded) {
        return Answer.json(200, json -> {
            json.writeBooleanField("repaired", why == null);
            Json.textOrNull(json, "why", why);
            Json.textOrNull(json, "concluded", concluded.isEmpty() ? null : concluded);
            json.writeObjectFieldStart("incident");
            write(json, incident);
            json.writeEndObject();
        });
    }

    private static Reply reply(Optional<Incident> found) {
        return found.<Reply>map(incident -> Answer.json(200, json -> write(json, incident)))
                .orElseGet(IncidentRoutes::none);
    }

    private static Future<Reply> notFound() {
        return Future.succeededFuture(none());
    }

    private static Reply none() {
        return Problem.of(ProblemCode.NOT_FOUND, "There is no incident with this id.");
    }

    private static void write(JsonGenerator json, Incident incident) throws IOException {
        json.writeStringField("incidentId", Long.toString(incident.id()));
        json.writeStringField("kind", incident.kind());
        json.writeStringField("state", word(incident.state()));
        Json.textOrNull(json, "saleId", incident.saleId());
        Json.textOrNull(json, "subject", incident.subject());
        Json.numberOrNull(json, "units", incident.units());
        json.writeStringField("detail", incident.detail());
        Json.jsonOrNull(json, "details", incident.details());
        Json.numberOrNull(json, "epoch", incident.epoch());
        json.writeNumberField("times", incident.times());
        Json.time(json, "at", incident.atMs());
        Json.time(json, "lastAt", incident.lastAtMs());
        json.writeBooleanField("stoppedTheSale", incident.stoppedTheSale());
        json.writeStringField("whatToDo", incident.whatToDo());
        Json.callOrNull(json, "call", incident.call().orElse(null));
        resolution(json, incident.resolution());
    }

    private static void resolution(JsonGenerator json, Incident.@Nullable Resolution resolution) throws IOException {
        Json.timeOrNull(json, "resolvedAt", resolution == null ? 0 : resolution.atMs());
        Json.textOrNull(json, "resolvedBy", resolution == null ? null : resolution.by());
        Json.textOrNull(json, "resolvedReason", resolution == null ? null : resolution.reason());
    }

    private static String word(Incident.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
