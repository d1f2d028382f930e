package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.ledger.ActionPlace;
import dev.holdfast.ledger.ActionSearch;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.RecordedAction;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Admins read the audit trail. */
final class ActionRoutes {

    private static final String ACTIONS = "/v1/admin/actions";
    private static final Pattern PLACE = Pattern.compile("([0-9]{1,17})-([0-9]{1,18})");

    private final AdminRoutes.Finding finding;

    ActionRoutes(AdminRoutes.Finding finding) {
        this.finding = finding;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(ACTIONS, Access.ADMIN, this::list),
                Endpoint.get(ACTIONS + "/export", Access.ADMIN, this::export));
    }

    private Future<Reply> list(Call call) {
        QueryFields asked = new QueryFields(call);
        ActionSearch.Query query = query(asked);
        ActionPlace after = asked.cursor(ActionRoutes::place);
        int limit = asked.limit();
        asked.check();

        return finding.records()
                .actions()
                .find(query, after, limit)
                .map(found -> Answer.json(200, json -> RecordedJson.page(json, found, ActionRoutes::write)));
    }

    private Future<Reply> export(Call call) {
        QueryFields asked = new QueryFields(call);
        ActionSearch.Query query = query(asked);
        asked.check();

        return Download.of(
                        "actions.csv",
                        ActionCsv.MEDIA_TYPE,
                        new ActionCsv(finding.records().actions(), query))
                .map(download -> download);
    }

    private static ActionSearch.Query query(QueryFields asked) {
        String saleId = asked.identifier("saleId");
        String actor = asked.text("actor");
        String keyName = asked.text("keyName");
        AdminAction.Kind action = asked.oneOf("action", List.of(AdminAction.Kind.values()), AdminAction.Kind::word);
        String subject = asked.text("subject");
        Long fromMs = asked.time("from");
        Long toMs = asked.timeAfter("to", fromMs);
        return new ActionSearch.Query(
                saleId == null ? null : new SaleId(saleId), actor, keyName, action, subject, fromMs, toMs);
    }

    private static void write(JsonGenerator json, RecordedAction action) throws IOException {
        Author author = action.author();
        json.writeNumberField("actionId", action.actionId());
        Json.time(json, "at", action.at().toInstant().toEpochMilli());
        json.writeStringField("actor", author.actor());
        json.writeStringField("keyName", author.keyName());
        json.writeStringField("requestId", author.requestId());
        json.writeStringField("action", action.action());
        Json.textOrNull(json, "saleId", action.saleId());
        Json.textOrNull(json, "subject", action.subject());
        Json.textOrNull(json, "reason", action.reason());
        Json.jsonOrNull(json, "before", action.before());
        Json.jsonOrNull(json, "after", action.after());
    }

    private static Optional<ActionPlace> place(String text) {
        Matcher place = PLACE.matcher(text);
        return place.matches()
                ? Optional.of(new ActionPlace(Long.parseLong(place.group(1)), Long.parseLong(place.group(2))))
                : Optional.empty();
    }
}
