package dev.holdfast.http;

import dev.holdfast.admin.Adjustments;
import dev.holdfast.admin.Auditor;
import dev.holdfast.admin.Imports;
import dev.holdfast.admin.KeyAdmin;
import dev.holdfast.admin.LaneRebuild;
import dev.holdfast.admin.Releases;
import dev.holdfast.admin.SaleAdmin;
import dev.holdfast.admin.StockExplainer;
import dev.holdfast.admin.StockExport;
import dev.holdfast.admin.inspection.Repairs;
import dev.holdfast.admin.preflight.Preflight;
import dev.holdfast.ledger.DeadLetterBook;
import dev.holdfast.ledger.Incidents;
import dev.holdfast.ledger.Records;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.SaleDirectory;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The calls of the admin listener. */
public final class AdminRoutes {

    private AdminRoutes() {}

    /**
     * Who answers them.
     *
     * @param scrape the metrics as Prometheus reads them; called on a worker thread
     */
    public record Parts(
            SaleAdmin admin,
            Adjustments adjustments,
            LaneRebuild rebuild,
            Auditor auditor,
            Preflight preflight,
            StockFiles files,
            Finding finding,
            OutboxFeed outbox,
            KeyAdmin keys,
            Trouble trouble,
            SaleDirectory directory,
            Health health,
            Supplier<String> scrape) {}

    /** Who finds things, and lets go of them. */
    public record Finding(Records records, StockExplainer explainer, Releases releases) {}

    /** Who tells what went wrong, and mends it. */
    public record Trouble(Incidents incidents, Repairs repairs, DeadLetterBook letters) {}

    /** Who takes files of SKUs and writes them. */
    public record StockFiles(Imports imports, StockExport exports) {}

    /** Bound to the desk of one event loop. */
    public static Routes of(Parts parts, ReservationDesk desk, InstantSource clock) {
        var standings = new Standings(desk, clock);
        return new Routes(Stream.of(
                        new SaleAdminRoutes(parts.admin(), parts.directory(), standings).endpoints(),
                        new StockAdminRoutes(parts.admin(), parts.auditor(), standings).endpoints(),
                        new StockFileRoutes(parts.files()).endpoints(),
                        new AdjustmentRoutes(parts.adjustments()).endpoints(),
                        new PreflightRoutes(parts.preflight()).endpoints(),
                        new ReservationAdminRoutes(parts.finding(), parts.directory(), desk).endpoints(),
                        new StockExplainRoutes(parts.finding()).endpoints(),
                        new ActionRoutes(parts.finding()).endpoints(),
                        new RebuildRoutes(parts.rebuild(), parts.directory()).endpoints(),
                        new EventAdminRoutes(parts.outbox(), parts.directory()).endpoints(),
                        new KeyRoutes(parts.keys(), clock).endpoints(),
                        new IncidentRoutes(
                                        parts.trouble().incidents(),
                                        parts.trouble().repairs())
                                .endpoints(),
                        new DeadLetterRoutes(parts.trouble().letters()).endpoints(),
                        new HealthView(parts.health()).endpoints(),
                        new MetricsView(parts.scrape()).endpoints(),
                        new OpenApi().endpoints(),
                        ProblemPages.endpoints())
                .flatMap(List::stream)
                .toList());
    }
}
