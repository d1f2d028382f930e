package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.admin.inspection.Repairs;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Incident;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Mends what an incident of an audit or an inspection tells of, as the admin API does. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description =
                "Mend what an audit or inspection found: Redis gets what the books have, the books get what the ledger has. "
                        + "Needs HOLDFAST_REDIS_URI, too.")
final class RepairIncident implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<incident>", description = "Its number, as the list shows it.")
    private long incidentId;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    RepairIncident(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String redisUri = SettingsReader.readRedisUri(environment);
        String postgresUri = SettingsReader.readPostgresUri(environment);
        Duration detailsKept = SettingsReader.readDetailRetention(environment);
        AdminAction action = auditTrail.action(AdminAction.Kind.INCIDENT_REPAIRED);
        try (Servers servers = Servers.open(postgresUri)) {
            Incident mended = servers.onLanes(
                    redisUri,
                    lanes -> lanes.repair(
                            redisUri,
                            servers.inspections(),
                            detailsKept,
                            repairs -> repairs.repair(incidentId, action).compose(this::mended)));
            spec.commandLine()
                    .getOut()
                    .println("Incident " + incidentId + ", " + mended.kind() + ", is mended and resolved.");
        }
        return 0;
    }

    private Future<Incident> mended(Repairs.Outcome outcome) {
        return switch (outcome) {
            case Repairs.Outcome.Repaired repaired -> Future.succeededFuture(repaired.incident());
            case Repairs.Outcome.NotRepaired not ->
                Future.failedFuture(new IllegalStateException(
                        "incident " + incidentId + ", " + not.incident().kind() + ", is not mended. " + not.why()));
            case Repairs.Outcome.NoSuchIncident none ->
                Future.failedFuture(new IllegalStateException("there is no incident " + incidentId));
        };
    }
}
