package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.admin.inspection.RepairSource;
import dev.holdfast.admin.inspection.Repairs;
import dev.holdfast.ledger.AdminAction;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(
            names = "--from",
            paramLabel = "ledger|row|redis",
            description = "Whom to believe about a reservation where the repair says that it cannot tell by itself.")
    private @Nullable String from;

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
        RepairSource source = source();
        AdminAction action = auditTrail.action(AdminAction.Kind.INCIDENT_REPAIRED);
        try (Servers servers = Servers.open(postgresUri)) {
            Repairs.Outcome.Repaired repaired = servers.onLanes(
                    redisUri,
                    lanes -> lanes.repair(
                            redisUri,
                            servers.inspections(),
                            detailsKept,
                            repairs ->
                                    repairs.repair(incidentId, source, action).compose(this::mended)));
            spec.commandLine()
                    .getOut()
                    .println(("Incident " + incidentId + ", "
                                    + repaired.incident().kind() + ", is mended and resolved. " + repaired.concluded())
                            .strip());
        }
        return 0;
    }

    private @Nullable RepairSource source() {
        if (from == null) {
            return null;
        }
        return Arrays.stream(RepairSource.values())
                .filter(one -> one.word().equals(from))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("--from is none of ledger, row and redis: " + from));
    }

    private Future<Repairs.Outcome.Repaired> mended(Repairs.Outcome outcome) {
        return switch (outcome) {
            case Repairs.Outcome.Repaired repaired -> Future.succeededFuture(repaired);
            case Repairs.Outcome.NotRepaired not ->
                Future.failedFuture(new IllegalStateException(
                        "incident " + incidentId + ", " + not.incident().kind() + ", is not mended. " + not.why()));
            case Repairs.Outcome.NoSuchIncident none ->
                Future.failedFuture(new IllegalStateException("there is no incident " + incidentId));
        };
    }
}
