package dev.holdfast.http;

import dev.holdfast.admin.ReleaseOutcome;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedReservation;
import dev.holdfast.ledger.ReservationSearch;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Identifiers;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Seen;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Admins find reservations, see what happened to them, and release them. */
final class ReservationAdminRoutes {

    private static final String RESERVATIONS = "/v1/admin/sales/{saleId}/reservations";
    private static final String RESERVATION = RESERVATIONS + "/{reservationId}";
    private static final Pattern PLACE = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    private final AdminRoutes.Finding finding;
    private final SaleDirectory directory;
    private final ReservationDesk desk;

    ReservationAdminRoutes(AdminRoutes.Finding finding, SaleDirectory directory, ReservationDesk desk) {
        this.finding = finding;
        this.directory = directory;
        this.desk = desk;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get(RESERVATIONS, Access.ADMIN, this::list),
                Endpoint.get(RESERVATION + "/history", Access.ADMIN, this::history),
                Endpoint.post(RESERVATION + "/release", Access.ADMIN, this::release));
    }

    private Future<Reply> list(Call call) {
        SaleId saleId = call.saleId();
        QueryFields asked = new QueryFields(call);
        ReservationState state = asked.oneOf("state", List.of(ReservationState.values()), ReservationState::word);
        String customerId = asked.identifier("customerId");
        String sku = asked.identifier("sku");
        Long fromMs = asked.time("from");
        Long toMs = asked.timeAfter("to", fromMs);
        ReservationId after = asked.cursor(ReservationAdminRoutes::whole);
        int limit = asked.limit();
        asked.check();

        ReservationSearch.Query query = new ReservationSearch.Query(
                saleId,
                state,
                customerId == null ? null : new CustomerId(customerId),
                sku == null ? null : new Sku(sku),
                fromMs,
                toMs);
        return ofSale(
                saleId,
                () -> finding.records()
                        .reservations()
                        .find(query, after, limit)
                        .map(found ->
                                Answer.json(200, json -> RecordedJson.page(json, found, RecordedJson::reservation))));
    }

    private Future<Reply> history(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        QueryFields asked = new QueryFields(call);
        LedgerPlace after = asked.cursor(ReservationAdminRoutes::place);
        int limit = asked.limit();
        asked.check();

        return ofSale(
                saleId,
                () -> finding.records()
                        .reservations()
                        .find(saleId, id)
                        .compose(recorded -> recorded.isPresent()
                                ? history(recorded.get(), after, limit)
                                : desk.find(saleId, id)
                                        .compose(outcome -> outcome instanceof ChangeOutcome.Done done
                                                ? historyOfNewest(saleId, id, done.reservation(), after, limit)
                                                : Future.succeededFuture(
                                                        ChangeAnswers.shown(Seen.live(outcome), saleId)))));
    }

    /** Where a key alone was asked for, Redis says which reservation is its newest; else it has not been recorded yet. */
    private Future<Reply> historyOfNewest(
            SaleId saleId, ReservationId id, Reservation now, @Nullable LedgerPlace after, int limit) {
        Future<Optional<RecordedReservation>> recorded = id.equals(now.id())
                ? Future.succeededFuture(Optional.empty())
                : finding.records().reservations().find(saleId, now.id());
        return recorded.compose(found -> found.isPresent()
                ? history(found.get(), after, limit)
                : Future.succeededFuture(Answer.json(200, json -> RecordedJson.noHistory(json, now))));
    }

    private Future<Reply> history(RecordedReservation recorded, @Nullable LedgerPlace after, int limit) {
        return finding.records()
                .history()
                .find(recorded, after, limit)
                .map(found -> Answer.json(200, json -> RecordedJson.history(json, recorded, found)));
    }

    private Future<Reply> release(Call call) {
        SaleId saleId = call.saleId();
        ReservationId id = call.reservationId();
        JsonFields body = call.json();
        String reason = body.text("reason", SaleAdminRoutes.MAX_REASON_LENGTH);
        body.check();

        return finding.releases().release(call.author(), saleId, id, reason).map(outcome -> switch (outcome) {
            case ReleaseOutcome.Decided decided ->
                ChangeAnswers.withoutReceipt(decided.outcome(), saleId, ReservationState.RELEASED.word());
            case ReleaseOutcome.Stored stored -> AdminAnswers.stored(stored.reason());
        });
    }

    private Future<Reply> ofSale(SaleId saleId, Supplier<Future<Reply>> answer) {
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty() ? Future.succeededFuture(NotFound.sale(saleId)) : answer.get());
    }

    private static Optional<ReservationId> whole(String text) {
        return Identifiers.isReservationId(text)
                ? Optional.of(new ReservationId(text)).filter(ReservationId::isOfOneMoment)
                : Optional.empty();
    }

    private static Optional<LedgerPlace> place(String text) {
        Matcher place = PLACE.matcher(text);
        return place.matches()
                ? Optional.of(new LedgerPlace(Long.parseLong(place.group(1)), Long.parseLong(place.group(2))))
                : Optional.empty();
    }
}
