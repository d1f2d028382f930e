package dev.holdfast.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.ledger.Found;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedReservation;
import dev.holdfast.ledger.RecordedTransition;
import dev.holdfast.ledger.Release;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is recorded of reservations, as admins see it. */
final class RecordedJson {

    private RecordedJson() {}

    /** Items and nextCursor. */
    static <T, P> void page(JsonGenerator json, Found<T, P> found, Json.ElementWriter<T> element) throws IOException {
        Json.list(json, "items", found.items(), element);
        P next = found.next();
        Json.textOrNull(json, "nextCursor", next == null ? null : QueryFields.cursorOf(next));
    }

    /** As it is recorded: a hold that is due is held until its end is recorded. */
    static void reservation(JsonGenerator json, RecordedReservation recorded) throws IOException {
        Reservation reservation = recorded.reservation();
        facts(json, reservation);
        Long endedAtMs = reservation.endedAtMs();
        if (endedAtMs != null) {
            Json.time(json, "endedAt", endedAtMs);
            json.writeStringField("endedBy", endedBy(reservation.state(), recorded.release()));
        }
        release(json, recorded.release());
        json.writeNumberField("revision", recorded.revision());
        json.writeStringField("position", recorded.place().toString());
        Json.time(json, "recordedAt", recorded.recordedAtMs());
    }

    /** The reservation, and its transitions as a list. */
    static void history(
            JsonGenerator json, RecordedReservation recorded, Found<RecordedTransition, LedgerPlace> transitions)
            throws IOException {
        json.writeBooleanField("recorded", true);
        json.writeObjectFieldStart("reservation");
        reservation(json, recorded);
        json.writeEndObject();
        page(json, transitions, (generator, transition) -> transition(generator, transition, recorded.release()));
    }

    /** Of a reservation that is so new that nothing of it is recorded. */
    static void noHistory(JsonGenerator json, Reservation reservation) throws IOException {
        json.writeBooleanField("recorded", false);
        json.writeObjectFieldStart("reservation");
        facts(json, reservation);
        json.writeEndObject();
        page(json, new Found<RecordedTransition, LedgerPlace>(List.of(), null), (generator, none) -> {});
    }

    private static void facts(JsonGenerator json, Reservation reservation) throws IOException {
        json.writeStringField("reservationId", reservation.id().value());
        json.writeStringField("saleId", reservation.saleId().value());
        json.writeStringField("customerId", reservation.customerId().value());
        json.writeStringField("state", reservation.state().word());
        ReservationJson.lines(json, reservation.cart());
        Json.time(json, "heldAt", reservation.heldAtMs());
        Json.time(json, "expiresAt", reservation.expiresAtMs());
    }

    /** With who released it, where this is how an admin ended it. */
    private static void transition(JsonGenerator json, RecordedTransition recorded, @Nullable Release release)
            throws IOException {
        Transition transition = recorded.transition();
        json.writeStringField("op", transition.kind().name().toLowerCase(Locale.ROOT));
        json.writeNumberField("revision", transition.revision());
        Json.time(json, "at", transition.atMs());
        ReservationJson.lines(json, transition.cart());
        Json.time(json, "expiresAt", transition.expiresAtMs());
        json.writeStringField("position", recorded.place().toString());
        Json.time(json, "recordedAt", recorded.recordedAtMs());
        if (transition.kind() == Kind.RELEASED) {
            release(json, release);
        }
    }

    private static String endedBy(ReservationState state, @Nullable Release release) {
        return switch (state) {
            case CONFIRMED -> "confirmation";
            case EXPIRED -> "deadline";
            case RELEASED -> release == null ? "buyer" : "admin";
            case HELD -> throw new IllegalStateException("what is held has not ended");
        };
    }

    private static void release(JsonGenerator json, @Nullable Release release) throws IOException {
        if (release != null) {
            json.writeObjectFieldStart("release");
            json.writeStringField("reason", release.reason());
            json.writeStringField("actor", release.author().actor());
            json.writeStringField("keyName", release.author().keyName());
            json.writeStringField("requestId", release.author().requestId());
            Json.time(json, "at", release.askedAtMs());
            json.writeEndObject();
        }
    }
}
