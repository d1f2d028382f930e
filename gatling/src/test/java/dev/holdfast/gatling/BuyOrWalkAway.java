package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.ScenarioBuilder;
import java.time.Duration;

/** Buyers look, hold, think, then buy, let go or vanish. How does a sale run whose buyers are people? */
public final class BuyOrWalkAway extends SaleSimulation {

    public BuyOrWalkAway() {
        this(new Settings(System.getProperties()));
    }

    private BuyOrWalkAway(Settings settings) {
        super(settings, BuyOrWalkAway::plan);
        int rate = settings.number("rate", 100);
        int seconds = settings.number("seconds", 30);
        var buyers = new Buyers(settings.number("buyers", 2_000), plan(), settings.number("lines", 3));
        var shares = Shares.read(settings, 55, 25);
        ScenarioBuilder people = scenario("people")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().look())
                .exec(pause(Duration.ofMillis(100), Duration.ofSeconds(1)))
                .exec(checkout().hold())
                .exec(Checkout.ifHeld(
                        pause(Duration.ofMillis(300), Duration.ofSeconds(3)).exec(shares.choose(checkout()))));
        setUp(people.injectOpen(
                        rampUsersPerSec(1).to(rate).during(5),
                        constantUsersPerSec(rate).during(seconds)))
                .protocols(protocol());
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                "buyorwalkaway",
                settings.number("skus", 50),
                settings.number("units", 60),
                settings.number("limit", 4),
                settings.number("holdSeconds", 10));
    }
}
