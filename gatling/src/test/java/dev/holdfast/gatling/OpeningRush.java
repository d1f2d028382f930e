package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.ScenarioBuilder;
import java.time.Duration;

/** Everyone comes in the first seconds, for one SKU of which there are few units. Is the rush answered, and fast? */
public final class OpeningRush extends SaleSimulation {

    public OpeningRush() {
        this(new Settings(System.getProperties()));
    }

    private OpeningRush(Settings settings) {
        super(settings, OpeningRush::plan);
        int rate = settings.number("rate", 500);
        int seconds = settings.number("seconds", 6);
        var buyers = new Buyers(settings.number("buyers", 1_000), plan(), 1);
        ScenarioBuilder rush = scenario("rush")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().hold())
                .exec(Checkout.ifHeld(pause(Duration.ofMillis(200), Duration.ofSeconds(2))
                        .exec(checkout().confirm())));
        setUp(rush.injectOpen(
                        constantUsersPerSec(rate).during(seconds),
                        rampUsersPerSec(rate).to(1).during(seconds)))
                .protocols(protocol());
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                "openingrush",
                1,
                settings.number("units", 100),
                settings.number("limit", 2),
                settings.number("holdSeconds", 60));
    }
}
