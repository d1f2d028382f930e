package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.nothingFor;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.PopulationBuilder;
import java.time.Duration;

/** Half a minute of everything at a rate that any machine bears: is it right, and does it answer? */
public final class Smoke extends SaleSimulation {

    /** A busy disk makes Redis late and some answers 503, which must do no harm; a broken service gives more of them. */
    private static final double MOST_FAILED_PERCENT = 20;

    private static final Duration THINKING = Duration.ofSeconds(1);

    public Smoke() {
        this(new Settings(System.getProperties()));
    }

    private Smoke(Settings settings) {
        super(settings, Smoke::plan);
        int rate = settings.number("rate", 40);
        int seconds = settings.number("seconds", 22);
        var buyers = new Buyers(settings.number("buyers", 300), plan(), 3);
        setUp(
                        rush(buyers, 5 * rate),
                        people(buyers, rate, seconds),
                        callers(buyers, rate / 4.0, seconds),
                        admins(admins(), rate / 40.0, seconds))
                .protocols(protocol())
                .assertions(global().failedRequests().percent().lt(MOST_FAILED_PERCENT));
    }

    private PopulationBuilder rush(Buyers buyers, int rate) {
        return scenario("rush")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().hold())
                .exec(checkout().confirm())
                .injectOpen(nothingFor(2), constantUsersPerSec(rate).during(2));
    }

    private PopulationBuilder people(Buyers buyers, double rate, int seconds) {
        return scenario("people")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().look())
                .exec(checkout().hold())
                .exec(Checkout.ifHeld(pause(THINKING).exec(new Shares(30, 30).choose(checkout()))))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    private PopulationBuilder callers(Buyers buyers, double rate, int seconds) {
        return scenario("callers")
                .exec(Checkout.come(new Shared<>(buyers::next, 2)::next))
                .exec(repeat(2).on(checkout().hold()))
                .exec(repeat(2).on(checkout().confirm()))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    /** They correct, too: what they were told adds up to the capacity in the end. */
    private PopulationBuilder admins(AdminDesk desk, double rate, int seconds) {
        return scenario("admins")
                .exec(desk.restock(new Shared<>(desk.edits()::delivery, 2)::next))
                .exec(desk.correct("/v1/sales/" + plan().saleId()))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                        "smoke",
                        settings.number("skus", 20),
                        settings.number("units", 25),
                        settings.number("limit", 4),
                        settings.number("holdSeconds", 5))
                .inRealTime();
    }
}
