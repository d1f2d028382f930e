package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.ScenarioBuilder;

/** Carts of several lines over a thousand SKUs. What do breadth and all-or-none cost against one hot SKU? */
public final class ManySkus extends SaleSimulation {

    public ManySkus() {
        this(new Settings(System.getProperties()));
    }

    private ManySkus(Settings settings) {
        super(settings, ManySkus::plan);
        int rate = settings.number("rate", 200);
        int seconds = settings.number("seconds", 20);
        var buyers = new Buyers(settings.number("buyers", 2_000), plan(), settings.number("lines", 5));
        ScenarioBuilder carts = scenario("carts")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().hold())
                .exec(Shares.read(settings, 70, 30).choose(checkout()));
        setUp(carts.injectOpen(
                        rampUsersPerSec(1).to(rate).during(5),
                        constantUsersPerSec(rate).during(seconds)))
                .protocols(protocol());
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                "manyskus",
                settings.number("skus", 1_000),
                settings.number("units", 10),
                settings.number("limit", 20),
                settings.number("holdSeconds", 60));
    }
}
