package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Incident;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says that an incident is over. */
@Command(
        name = "resolve",
        mixinStandardHelpOptions = true,
        description = "Say that an incident is over. A sale that it stopped stays stopped until it is rebuilt.")
final class ResolveIncident implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<incident>", description = "Its number, as the list shows it.")
    private long incidentId;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    ResolveIncident(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        AdminAction action = auditTrail.action(AdminAction.Kind.INCIDENT_RESOLVED);
        try (Servers servers = Servers.open(postgresUri)) {
            Incident incident = servers.books()
                    .incidents()
                    .resolve(action, incidentId)
                    .await()
                    .orElseThrow(() -> new IllegalStateException("there is no incident " + incidentId));
            spec.commandLine().getOut().println("Incident " + incidentId + ", " + incident.kind() + ", is resolved.");
        }
        return 0;
    }
}
