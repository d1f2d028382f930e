package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.Incident;
import dev.holdfast.ledger.Incidents;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists incidents, and says of each open one what to do. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List open incidents, the latest first, with what to do about each.")
final class ListIncidents implements Callable<Integer> {

    private final Map<String, String> environment;

    @Mixin
    private Listing listing;

    @Spec
    private CommandSpec spec;

    ListIncidents(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        PrintWriter out = spec.commandLine().getOut();
        var query = new Incidents.Query(listing.saleId(), listing.onlyIn(Incident.State.OPEN), null, null);
        try (Servers servers = Servers.open(postgresUri)) {
            Incidents incidents = servers.books().incidents();
            Listing.showAll(after -> incidents.find(query, after, Listing.AT_ONCE), incident -> print(incident, out));
        }
        return 0;
    }

    private static void print(Incident incident, PrintWriter out) {
        out.println("Incident " + incident.id() + ", " + incident.kind() + ", "
                + incident.state().name().toLowerCase(Locale.ROOT) + ": "
                + Objects.requireNonNullElse(incident.saleId(), "no sale alone")
                + (incident.subject() == null ? "" : ", " + incident.subject())
                + (incident.units() == null ? "" : ", " + incident.units() + " units"));
        out.println("  " + Instant.ofEpochMilli(incident.atMs())
                + (incident.times() == 1
                        ? ""
                        : ", " + incident.times() + " times, last " + Instant.ofEpochMilli(incident.lastAtMs()))
                + ": " + incident.detail());
        Incident.Resolution resolution = incident.resolution();
        if (resolution == null) {
            out.println("  What to do: " + incident.whatToDo());
            incident.call().ifPresent(call -> out.println("  " + call));
        } else {
            out.println("  Resolved " + Instant.ofEpochMilli(resolution.atMs()) + " by " + resolution.by() + ": "
                    + resolution.reason());
        }
    }
}
