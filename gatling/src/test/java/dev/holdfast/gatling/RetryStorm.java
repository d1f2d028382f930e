package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.ScenarioBuilder;

/** Callers repeat every request, one after the other and side by side. Is a repeated request as cheap as it is harmless? */
public final class RetryStorm extends SaleSimulation {

    public RetryStorm() {
        this(new Settings(System.getProperties()));
    }

    private RetryStorm(Settings settings) {
        super(settings, RetryStorm::plan);
        int rate = settings.number("rate", 100);
        int seconds = settings.number("seconds", 20);
        int repeats = settings.number("repeats", 4);
        var buyers = new Buyers(settings.number("buyers", 500), plan(), settings.number("lines", 2));
        var wishes = new Shared<>(buyers::next, settings.number("parallel", 4));
        ScenarioBuilder callers = scenario("callers")
                .exec(Checkout.come(wishes::next))
                .exec(repeat(repeats).on(checkout().hold()))
                .exec(repeat(repeats).on(checkout().confirm()));
        setUp(callers.injectOpen(constantUsersPerSec(rate).during(seconds))).protocols(protocol());
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                "retrystorm",
                settings.number("skus", 10),
                settings.number("units", 50),
                settings.number("limit", 4),
                settings.number("holdSeconds", 30));
    }
}
