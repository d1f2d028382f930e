package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.commons.stats.Status;
import io.gatling.commons.validation.Success;
import io.gatling.core.action.builder.SessionHookBuilder;
import io.gatling.core.structure.ScenarioContext;
import io.gatling.javaapi.core.ActionBuilder;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.function.BiFunction;
import scala.Option;

/**
 * Reports a request under a name that depends on its answer, so that what was accepted and what was refused have percentiles
 * of their own.
 *
 * <p>Gatling fixes a request's name before it is sent. So the request itself is silent, and an action after it reports the
 * time in between to Gatling's statistics, which takes a step into Gatling's Scala API. It is Gatling's own clock, read in
 * the same event loop before and after; connecting counts, as it does in Gatling.
 */
final class NamedByAnswer {
    private static final String STARTED_AT_MS = "call.startedAtMs";
    private static final String STATUS = "call.status";
    private static final String BODY = "call.body";

    private final ResponseTimes times;

    /** Has the times counted there, too. */
    NamedByAnswer(ResponseTimes times) {
        this.times = times;
    }

    /**
     * Sends the request and reports it as "verb accepted", "verb repeated", "verb refused", "verb paused" or, as not OK, "verb
     * failed".
     *
     * @param then takes what it needs from the answer into the session
     */
    ChainBuilder call(String verb, HttpRequestActionBuilder request, BiFunction<Session, Answer, Session> then) {
        return exec(
                action((context, session) -> session.removeAll(STATUS, BODY)
                        .set(STARTED_AT_MS, context.coreComponents().clock().nowMillis())),
                request.silent().check(status().saveAs(STATUS), bodyString().saveAs(BODY)),
                action((context, session) -> {
                    long endedAtMs = context.coreComponents().clock().nowMillis();
                    Answer answer = answer(session);
                    report(context, session, verb, answer, endedAtMs);
                    return then.apply(session.markAsSucceeded().removeAll(STATUS, BODY), answer);
                }));
    }

    /** The last word of the name. */
    private static String outcome(String verb, Answer answer) {
        if (answer.refused()) {
            return answer.code().equals("sale-paused") ? "paused" : "refused";
        }
        if (!answer.accepted()) {
            return "failed";
        }
        return verb.equals(Checkout.HOLD) && answer.status() == 200 ? "repeated" : "accepted";
    }

    private static Answer answer(Session session) {
        return session.contains(STATUS)
                ? Answer.of(session.getInt(STATUS), session.contains(BODY) ? session.get(BODY) : "")
                : Answer.NONE;
    }

    private void report(ScenarioContext context, Session session, String verb, Answer answer, long endedAtMs) {
        String name = verb + " " + outcome(verb, answer);
        long startedAtMs = session.getLong(STARTED_AT_MS);
        times.add(name, endedAtMs - startedAtMs);
        boolean ok = answer.accepted() || answer.refused();
        Status status = ok ? OK$.MODULE$ : KO$.MODULE$;
        context.coreComponents()
                .statsEngine()
                .logResponse(
                        session.scenario(),
                        session.asScala().groups(),
                        name,
                        startedAtMs,
                        endedAtMs,
                        status,
                        Option.apply(Integer.toString(answer.status())),
                        Option.apply(ok ? null : "status %d %s".formatted(answer.status(), answer.code())));
    }

    private static ActionBuilder action(BiFunction<ScenarioContext, Session, Session> step) {
        return () -> (context, next) -> new SessionHookBuilder(
                        session -> Success.apply(
                                step.apply(context, new Session(session)).asScala()),
                        false)
                .build(context, next);
    }
}
