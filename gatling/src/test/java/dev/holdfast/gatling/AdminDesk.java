package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.holdfast.gatling.history.End;
import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.service.SalePlan;
import dev.holdfast.gatling.service.Target;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/** What admins do, call by call; what they were told goes into the journal. */
final class AdminDesk {
    private static final String EDIT = "edit";
    private static final String SKU = "edit.sku";
    private static final String CAPACITY = "edit.capacity";
    private static final String VERSION = "edit.version";

    private final Target target;
    private final String sale;
    private final Journal journal;
    private final NamedByAnswer answered;
    private final Edits edits;

    AdminDesk(Target target, SalePlan plan, Journal journal, ResponseTimes times) {
        this.target = target;
        this.sale =
                target.adminUrl().resolve("/v1/admin/sales/" + plan.saleId()).toString();
        this.journal = journal;
        this.answered = new NamedByAnswer(times);
        this.edits = new Edits(plan);
    }

    /** An admin comes with a delivery from there, and sends it twice. */
    ChainBuilder restock(Supplier<Edit> deliveries) {
        return exec(session -> session.set(EDIT, deliveries.get()))
                .exec(repeat(2).on(adjust("restock")));
    }

    /** What admins want of the stock of this sale. */
    Edits edits() {
        return edits;
    }

    /** An admin looks at a SKU, counts the shelf, and sends what was counted twice. */
    ChainBuilder correct(String publicSale) {
        return exec(session -> session.removeAll(CAPACITY, VERSION).set(SKU, edits.sku()))
                .exec(http("admin look")
                        .get(session -> publicSale + "/stock/" + session.getString(SKU))
                        .check(
                                status().is(200),
                                jsonPath("$.capacity").saveAs(CAPACITY),
                                jsonPath("$.version").saveAs(VERSION)))
                .exec(pause(Duration.ofMillis(100)))
                .exec(doIf(session -> session.contains(VERSION))
                        .then(exec(session -> session.set(EDIT, counted(session)))
                                .exec(repeat(2).on(adjust("correct")))));
    }

    /** An admin stops the sale and lets it go on a moment later. */
    ChainBuilder pauseAndResume() {
        return exec(steer("pause"), pause(Duration.ofMillis(200), Duration.ofMillis(400)), steer("resume"));
    }

    /** An admin lets go of the hold that a buyer has, if there is one. */
    ChainBuilder release(Checkout checkout) {
        HttpRequestActionBuilder request = post(
                        "admin release", session -> "/reservations/" + Checkout.reservation(session) + "/release")
                .body(StringBody("{\"reason\":\"the buyer called\"}"));
        return checkout.end("admin release", request, End.Kind.RELEASED);
    }

    private ChainBuilder steer(String verb) {
        HttpRequestActionBuilder request =
                post(verb, session -> "/" + verb).body(StringBody("{\"reason\":\"a price is looked at\"}"));
        return Checkout.untilKnown(answered.call(verb, request, (session, answer) -> Checkout.noting(session, answer)));
    }

    private ChainBuilder adjust(String verb) {
        HttpRequestActionBuilder request = post(
                        verb, session -> "/stock/" + edit(session).sku() + "/adjustments")
                .header("Idempotency-Key", session -> edit(session).key())
                .body(StringBody(session -> edit(session).body()));
        return Checkout.untilKnown(answered.call(verb, request, (session, answer) -> {
            note(edit(session), answer);
            return Checkout.noting(session, answer);
        }));
    }

    private void note(Edit edit, Answer answer) {
        if (answer.accepted()) {
            var adjustment = answer.adjustment();
            journal.adjustments()
                    .told(edit.key(), edit.sku(), adjustment, edit.wanted().applyAsLong(adjustment.before()));
        } else if (answer.unknown()) {
            journal.adjustments().unanswered(edit.key(), edit.sku());
        }
    }

    private HttpRequestActionBuilder post(String verb, Function<Session, String> path) {
        return http(verb)
                .post(session -> sale + path.apply(session))
                .header("Authorization", "Bearer " + target.adminKey());
    }

    private Edit counted(Session session) {
        return edits.correction(
                session.get(SKU), Long.parseLong(session.get(CAPACITY)), Long.parseLong(session.get(VERSION)));
    }

    private static Edit edit(Session session) {
        return session.get(EDIT);
    }
}
