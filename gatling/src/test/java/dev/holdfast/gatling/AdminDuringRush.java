package dev.holdfast.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import dev.holdfast.gatling.service.SalePlan;
import io.gatling.javaapi.core.PopulationBuilder;
import java.time.Duration;

/** Admins restock, correct, pause and release while buyers rush. Do both get what they were told, and does either wait for the other? */
public final class AdminDuringRush extends SaleSimulation {

    public AdminDuringRush() {
        this(new Settings(System.getProperties()));
    }

    private AdminDuringRush(Settings settings) {
        super(settings, AdminDuringRush::plan);
        int rate = settings.number("rate", 200);
        int seconds = settings.number("seconds", 15);
        int admins = settings.number("admins", 5);
        var buyers = new Buyers(settings.number("buyers", 2_000), plan(), settings.number("lines", 2));
        var shares = Shares.read(settings, 40, 30);
        AdminDesk desk = admins();
        setUp(
                        rush(buyers, shares, rate, seconds),
                        callers(desk, buyers, rate / 10.0, seconds),
                        restockers(desk, admins, seconds),
                        correctors(desk, admins, seconds),
                        stoppers(desk, seconds))
                .protocols(protocol());
    }

    private PopulationBuilder rush(Buyers buyers, Shares shares, double rate, int seconds) {
        return scenario("rush")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().hold())
                .exec(Checkout.ifHeld(
                        pause(Duration.ofMillis(200), Duration.ofSeconds(2)).exec(shares.choose(checkout()))))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    /** Buyers who hold, and have an admin let go of it. */
    private PopulationBuilder callers(AdminDesk desk, Buyers buyers, double rate, int seconds) {
        return scenario("callers")
                .exec(Checkout.come(buyers::next))
                .exec(checkout().hold())
                .exec(Checkout.ifHeld(pause(Duration.ofMillis(500)).exec(desk.release(checkout()))))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    /** Two at a time have the same delivery. */
    private PopulationBuilder restockers(AdminDesk desk, double rate, int seconds) {
        return scenario("restockers")
                .exec(desk.restock(new Shared<>(desk.edits()::delivery, 2)::next))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    private PopulationBuilder correctors(AdminDesk desk, double rate, int seconds) {
        return scenario("correctors")
                .exec(desk.correct("/v1/sales/" + plan().saleId()))
                .injectOpen(constantUsersPerSec(rate).during(seconds));
    }

    private PopulationBuilder stoppers(AdminDesk desk, int seconds) {
        return scenario("stoppers")
                .exec(desk.pauseAndResume())
                .injectOpen(constantUsersPerSec(0.3).during(seconds));
    }

    private static SalePlan plan(Settings settings) {
        return SalePlan.of(
                "adminduringrush",
                settings.number("skus", 5),
                settings.number("units", 100),
                settings.number("limit", 4),
                settings.number("holdSeconds", 5));
    }
}
