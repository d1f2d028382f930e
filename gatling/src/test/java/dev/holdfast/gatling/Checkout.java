package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.holdfast.gatling.history.End;
import dev.holdfast.gatling.history.Journal;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/** What buyers do, call by call; what they were told goes into the journal. */
final class Checkout {
    static final String HOLD = "hold";
    private static final String CONFIRM = "confirm";
    private static final String RELEASE = "release";

    private static final String WISH = "wish";
    private static final String RESERVATION = "reservation";

    private static final String UNKNOWN = "unknown";

    private static final int MOST_RETRIES = 2;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final String sale;
    private final Journal journal;
    private final NamedByAnswer answered;

    Checkout(String saleId, Journal journal, ResponseTimes times) {
        this.sale = "/v1/sales/" + saleId;
        this.journal = journal;
        this.answered = new NamedByAnswer(times);
    }

    /** A buyer comes, with a wish from there. */
    static ChainBuilder come(Supplier<Wish> wishes) {
        return exec(session -> session.remove(RESERVATION).set(WISH, wishes.get()));
    }

    /** Looks at the stock of the first SKU. */
    ChainBuilder look() {
        return exec(http("look")
                .get(session ->
                        sale + "/stock/" + wish(session).lines().getFirst().sku())
                .check(status().is(200)));
    }

    /** Asks for a hold. */
    ChainBuilder hold() {
        HttpRequestActionBuilder request = http(HOLD)
                .post(sale + "/reservations")
                .header("Idempotency-Key", session -> wish(session).key())
                .body(StringBody(session -> wish(session).body()));
        return untilKnown(answered.call(HOLD, request, (session, answer) -> noting(held(session, answer), answer)));
    }

    /** Confirms the hold, if there is one. */
    ChainBuilder confirm() {
        return end(CONFIRM, End.Kind.CONFIRMED);
    }

    /** Releases the hold, if there is one. */
    ChainBuilder release() {
        return end(RELEASE, End.Kind.RELEASED);
    }

    /** Does this if there is a hold. */
    static ChainBuilder ifHeld(ChainBuilder then) {
        return doIf(session -> session.contains(RESERVATION)).then(then);
    }

    /** Callers who do not know what became of their request, or find the sale locked, send it again, as the API tells them to; not for ever. */
    static ChainBuilder untilKnown(ChainBuilder call) {
        return exec(call)
                .exec(repeat(MOST_RETRIES)
                        .on(doIf(session -> session.contains(UNKNOWN))
                                .then(pause(RETRY_AFTER).exec(call))));
    }

    /** Remembers whether that is so. */
    static Session noting(Session session, Answer answer) {
        return answer.worthRepeating() ? session.set(UNKNOWN, true) : session.remove(UNKNOWN);
    }

    private ChainBuilder end(String verb, End.Kind kind) {
        return end(verb, http(verb).post(sale + "/reservations/#{" + RESERVATION + "}/" + verb), kind);
    }

    /** Ends the hold, if there is one, by this request; {@link #reservation} is in it. */
    ChainBuilder end(String verb, HttpRequestActionBuilder request, End.Kind kind) {
        return ifHeld(untilKnown(
                answered.call(verb, request, (session, answer) -> noting(ended(session, answer, kind), answer))));
    }

    /** The id of the hold. */
    static String reservation(Session session) {
        return Objects.requireNonNull(session.getString(RESERVATION), RESERVATION);
    }

    private Session held(Session session, Answer answer) {
        if (!answer.accepted()) {
            return session;
        }
        var hold = answer.hold();
        journal.held(wish(session).key(), hold);
        return session.set(RESERVATION, hold.reservationId());
    }

    private Session ended(Session session, Answer answer, End.Kind kind) {
        String reservationId = reservation(session);
        if (answer.accepted()) {
            journal.ended(reservationId, new End(kind, answer.msOf("endedAt")));
        } else if (answer.code().equals("reservation-expired")) {
            journal.ended(reservationId, new End(End.Kind.EXPIRED, 0));
        } else if (answer.unknown()) {
            journal.ended(reservationId, new End(End.Kind.UNKNOWN, 0));
        }
        return session;
    }

    private static Wish wish(Session session) {
        return session.get(WISH);
    }
}
