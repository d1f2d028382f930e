package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.DeadLetter;
import dev.holdfast.ledger.DeadLetterBook;
import dev.holdfast.ledger.LetterOutcome;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Admins see what could not be recorded, have it recorded after all, mended if need be, or say that it is not wanted. */
final class DeadLetterRoutes {

    private static final String LETTERS = "/v1/admin/dead-letters";
    private static final String ONE = LETTERS + "/{deadLetterId}";

    /** Twenty lines before and twenty after, each of a name and a number. */
    private static final int MAX_ENTRY_LENGTH = 8_000;

    private final DeadLetterBook letters;

    DeadLetterRoutes(DeadLetterBook letters) {
        this.letters = letters;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(LETTERS, Access.ADMIN, this::list),
                Endpoint.get(ONE, Access.ADMIN, this::show),
                Endpoint.post(ONE + "/replay", Access.ADMIN, this::replay),
                Endpoint.post(ONE + "/discard", Access.ADMIN, this::discard));
    }

    private Future<Reply> list(Call call) {
        QueryFields asked = new QueryFields(call);
        String saleId = asked.identifier("saleId");
        DeadLetter.State state = asked.oneOf("state", List.of(DeadLetter.State.values()), DeadLetterRoutes::word);
        Long beforeId = asked.cursor(Json::number);
        int limit = asked.limit();
        asked.check();

        return letters.find(
                        new DeadLetterBook.Query(saleId == null ? null : new SaleId(saleId), state), beforeId, limit)
                .map(found -> Answer.json(200, json -> RecordedJson.page(json, found, DeadLetterRoutes::write)));
    }

    private Future<Reply> show(Call call) {
        return id(call).map(id -> letters.find(id)
                        .map(found -> found.<Reply>map(letter -> Answer.json(200, json -> write(json, letter)))
                                .orElseGet(DeadLetterRoutes::none)))
                .orElseGet(() -> Future.succeededFuture(none()));
    }

    private Future<Reply> replay(Call call) {
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        String mended = body.optionalText("entry", MAX_ENTRY_LENGTH);
        body.check();

        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.DEAD_LETTER_REPLAYED, reason);
        return id(call).map(id -> letters.replay(action, id, mended).map(DeadLetterRoutes::reply))
                .orElseGet(() -> Future.succeededFuture(none()));
    }

    private Future<Reply> discard(Call call) {
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        body.check();

        AdminAction action = new AdminAction(call.author(), AdminAction.Kind.DEAD_LETTER_DISCARDED, reason);
        return id(call).map(id -> letters.discard(action, id).map(DeadLetterRoutes::reply))
                .orElseGet(() -> Future.succeededFuture(none()));
    }

    private static Reply reply(LetterOutcome outcome) {
        return switch (outcome) {
            case LetterOutcome.Settled settled -> {
                Answer answer = Answer.json(200, json -> {
                    write(json, settled.letter());
                    next(json, settled.next());
                });
                yield settled.again() ? answer.with("idempotent-replayed", "true") : answer;
            }
            case LetterOutcome.SettledOtherwise other ->
                Problem.of(
                                ProblemCode.NOT_REPLAYABLE,
                                "It was settled otherwise before: it is "
                                        + word(other.letter().state()) + '.')
                        .with(json -> json.writeStringField(
                                "state", word(other.letter().state())));
            case LetterOutcome.Unusable unusable ->
                Problem.invalid(List.of(new FieldError("/entry", "cannot be recorded: " + unusable.why())));
            case LetterOutcome.NotNow not ->
                Problem.of(ProblemCode.NOT_REPLAYABLE, "The books cannot take it as they are: " + not.why() + '.');
            case LetterOutcome.Rebuilding rebuilding ->
                Problem.of(ProblemCode.RECOVERING, "The sale is being rebuilt: send it again when that is done.");
            case LetterOutcome.NoSuchLetter no -> none();
        };
    }

    private static void write(JsonGenerator json, DeadLetter letter) throws IOException {
        json.writeStringField("deadLetterId", Long.toString(letter.id()));
        json.writeStringField("saleId", letter.saleId());
        json.writeStringField("position", letter.place().toString());
        json.writeStringField("state", word(letter.state()));
        Json.textOrNull(json, "reservationId", letter.reservationId());
        json.writeStringField("entry", letter.entry());
        json.writeStringField("problem", letter.problem());
        json.writeBooleanField("stopsTheSale", letter.stopsTheLane());
        Json.time(json, "at", letter.atMs());
        DeadLetter.Settlement settlement = letter.settlement();
        Json.textOrNull(json, "mendedEntry", settlement == null ? null : settlement.mendedEntry());
        json.writeBooleanField("tookEffect", settlement != null && settlement.tookEffect());
        Json.timeOrNull(json, "settledAt", settlement == null ? 0 : settlement.atMs());
        Json.textOrNull(json, "settledBy", settlement == null ? null : settlement.by());
        Json.textOrNull(json, "settledReason", settlement == null ? null : settlement.reason());
    }

    private static void next(JsonGenerator json, LetterOutcome.NextStep next) throws IOException {
        json.writeObjectFieldStart("next");
        json.writeStringField("whatToDo", next.whatToDo());
        Json.callOrNull(json, "call", next.call());
        json.writeEndObject();
    }

    private static Problem none() {
        return Problem.of(ProblemCode.NOT_FOUND, "There is no dead letter with this id.");
    }

    private static Optional<Long> id(Call call) {
        return Json.number(call.inPath("deadLetterId"));
    }

    private static String word(DeadLetter.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
