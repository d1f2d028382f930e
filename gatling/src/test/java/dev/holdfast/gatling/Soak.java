package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.ScenarioBuilder;
import java.time.Duration;

/** An even load for a long time, with stock for all of it. Does anything grow, slow down or drift apart? */
public final class Soak extends SaleSimulation {

    public Soak() {
        this(new Settings(System.getProperties()));
    }

    private Soak(Settings settings) {
        super(settings, Soak::plan);
        int rate = settings.number("rate", 50);
        int minutes = settings.number("minutes", 10);
        var buyers = new Buyers(settings.number("buyers", 100_000), plan(), settings.number("lines", 3));
        var shares = Shares.read(settings, 40, 30);
        ScenarioBuilder people = scenario("people")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().look())
                .exec(checkout().hold())
                .exec(Checkout.ifHeld(
                        pause(Duration.ofSeconds(1), Duration.ofSeconds(5)).exec(shares.choose(checkout()))));
        setUp(people.injectOpen(
                        rampUsersPerSec(1).to(rate).during(10),
                        constantUsersPerSec(rate).during(Duration.ofMinutes(minutes))))
                .protocols(protocol());
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                "soak",
                settings.number("skus", 100),
                settings.number("units", 10_000),
                settings.number("limit", 100),
                settings.number("holdSeconds", 20));
    }
}
