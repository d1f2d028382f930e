package dev.holdfast.gatling;

import static io.gatling.javaapi.http.HttpDsl.http;

import dev.holdfast.gatling.history.Books;
import dev.holdfast.gatling.history.HistoryCheck;
import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.history.Verdict;
import dev.holdfast.gatling.service.SalePlan;
import dev.holdfast.gatling.service.SaleRun;
import dev.holdfast.gatling.service.Target;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** A simulation with a sale of its own, whose history is checked when the load is over. */
abstract class SaleSimulation extends Simulation {
    private final Settings settings;
    private final Target target;
    private final SalePlan plan;
    private final Journal journal = new Journal();
    private final ResponseTimes times = new ResponseTimes();
    private final SaleRun run;
    private final HttpProtocolBuilder protocol;

    /** The sale is planned from the settings that the simulation has. */
    SaleSimulation(Settings settings, Function<Settings, SalePlan> planned) {
        this.settings = settings;
        this.target = Target.read(settings);
        this.plan = planned.apply(settings);
        this.run = new SaleRun(target, plan);
        this.protocol = http.baseUrl(target.url().toString())
                .authorizationHeader("Bearer " + target.checkoutKey())
                .contentTypeHeader("application/json")
                .disableCaching()
                // The callers are a shop's own servers, which keep their connections, not its customers.
                .shareConnections();
    }

    final SalePlan plan() {
        return plan;
    }

    final HttpProtocolBuilder protocol() {
        return protocol;
    }

    final Checkout checkout() {
        return new Checkout(plan.saleId(), journal, times);
    }

    /** One for a run: its keys are its own. */
    final AdminDesk admins() {
        return new AdminDesk(target, plan, journal, times);
    }

    @Override
    public final void before() {
        settings.requireNoOthers();
        run.setUp();
    }

    /** Gatling prints its table later than this, and the verdict belongs under it. */
    @Override
    public final void after() {
        Instant loadEndedAt = Instant.now();
        LastWord.say(() -> check(loadEndedAt));
    }

    private RunReport check(Instant loadEndedAt) {
        run.awaitRecorded();
        Duration recordedAfter = Duration.between(loadEndedAt, Instant.now());
        Books books = run.settle(journal.adjustments().skus());
        run.resolve(journal);
        Verdict verdict = HistoryCheck.judge(journal, books, plan.perCustomerLimit());
        return new RunReport("sale " + plan.saleId() + ", " + settings, times, journal, recordedAfter, verdict);
    }
}
