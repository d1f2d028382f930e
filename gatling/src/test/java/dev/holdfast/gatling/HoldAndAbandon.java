package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.ScenarioBuilder;

/** Most holds expire, in real time, while others wait for the units. Does a unit come back at once, and once only? */
public final class HoldAndAbandon extends SaleSimulation {

    public HoldAndAbandon() {
        this(new Settings(System.getProperties()));
    }

    private HoldAndAbandon(Settings settings) {
        super(settings, HoldAndAbandon::plan);
        int rate = settings.number("rate", 150);
        int seconds = settings.number("seconds", 30);
        var buyers = new Buyers(settings.number("buyers", 5_000), plan(), 1);
        ScenarioBuilder abandoning = scenario("abandoning")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().hold())
                .exec(Shares.read(settings, 5, 0).choose(checkout()));
        setUp(abandoning.injectOpen(constantUsersPerSec(rate).during(seconds))).protocols(protocol());
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                        "holdandabandon",
                        settings.number("skus", 2),
                        settings.number("units", 150),
                        settings.number("limit", 5),
                        settings.number("holdSeconds", 5))
                .inRealTime();
    }
}
