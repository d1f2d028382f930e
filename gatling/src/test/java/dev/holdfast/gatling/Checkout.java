package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.holdfast.gatling.history.End;
import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.history.Line;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.List;
import java.util.stream.Collectors;

/** What buyers do, call by call; what they were told goes into the journal. */
final class Checkout {
    static final String HOLD = "hold";
    private static final String CONFIRM = "confirm";
    private static final String RELEASE = "release";

    private static final String CUSTOMER = "customer";
    private static final String KEY = "key";
    private static final String LINES = "lines";
    private static final String RESERVATION = "reservation";

    private final String sale;
    private final Journal journal;

    Checkout(String saleId, Journal journal) {
        this.sale = "/v1/sales/" + saleId;
        this.journal = journal;
    }

    /** A buyer who wants something; the key names the wish, over all its repetitions. */
    static Session wish(Session session, String customer, String key, List<Line> lines) {
        return session.set(CUSTOMER, customer).set(KEY, key).set(LINES, lines).remove(RESERVATION);
    }

    /** Looks at the stock of the first SKU. */
    ChainBuilder look() {
        return exec(http("look")
                .get(session -> sale + "/stock/" + lines(session).getFirst().sku())
                .check(status().is(200)));
    }

    /** Asks for a hold. */
    ChainBuilder hold() {
        HttpRequestActionBuilder request = http(HOLD)
                .post(sale + "/reservations")
                .header("Idempotency-Key", "#{" + KEY + "}")
                .body(StringBody(Checkout::cart));
        return NamedByAnswer.call(HOLD, request, this::held);
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

    private ChainBuilder end(String verb, End.Kind kind) {
        HttpRequestActionBuilder request = http(verb).post(sale + "/reservations/#{" + RESERVATION + "}/" + verb);
        return ifHeld(NamedByAnswer.call(verb, request, (session, answer) -> ended(session, answer, kind)));
    }

    private Session held(Session session, Answer answer) {
        if (!answer.accepted()) {
            return session;
        }
        var hold = answer.hold();
        journal.held(session.getString(KEY), hold);
        return session.set(RESERVATION, hold.reservationId());
    }

    private Session ended(Session session, Answer answer, End.Kind kind) {
        String reservationId = session.getString(RESERVATION);
        if (answer.accepted()) {
            journal.ended(reservationId, new End(kind, answer.msOf("endedAt")));
        } else if (answer.code().equals("reservation-expired")) {
            journal.ended(reservationId, new End(End.Kind.EXPIRED, 0));
        } else if (answer.unknown()) {
            journal.ended(reservationId, new End(End.Kind.UNKNOWN, 0));
        }
        return session;
    }

    private static String cart(Session session) {
        return lines(session).stream()
                .map(line -> "{\"sku\":\"%s\",\"quantity\":%d}".formatted(line.sku(), line.quantity()))
                .collect(Collectors.joining(
                        ",", "{\"customerId\":\"" + session.getString(CUSTOMER) + "\",\"items\":[", "]}"));
    }

    private static List<Line> lines(Session session) {
        return session.getList(LINES);
    }
}
