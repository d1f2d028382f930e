package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.admin.RebuildOutcome;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a sale's lane anew from PostgreSQL, and waits until it sells again. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description = "Stop a sale, write it anew into Redis from PostgreSQL, and let it sell again.")
final class Rebuild implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<sale>", converter = SaleIdConverter.class, description = "The sale's id.")
    private SaleId saleId;

    @Option(names = "--reason", required = true, description = "Why, for the audit trail.")
    private String reason;

    @Mixin
    private Person person;

    @Spec
    private CommandSpec spec;

    Rebuild(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String redisUri = SettingsReader.readRedisUri(environment);
        String postgresUri = SettingsReader.readPostgresUri(environment);
        AdminAction action = new AdminAction(person.author(), AdminAction.Kind.LANE_REBUILT, reason);
        try (Servers servers = Servers.open(postgresUri)) {
            long reservations = servers.onLanes(
                    redisUri,
                    lanes -> lanes.rebuild(
                            redisUri, rebuild -> rebuild.rebuild(saleId, action).compose(this::whole)));
            spec.commandLine()
                    .getOut()
                    .println("Sale " + saleId + " is rebuilt, with " + reservations + " reservations, and sells.");
        }
        return 0;
    }

    /** How many reservations Redis has again, once the sale sells. */
    private Future<Long> whole(RebuildOutcome outcome) {
        return switch (outcome) {
            case RebuildOutcome.Started started -> started.whole();
            case RebuildOutcome.SaleIsClosed closed ->
                Future.failedFuture(new IllegalStateException("sale " + saleId + " is over for good"));
            case RebuildOutcome.NoSuchSale none ->
                Future.failedFuture(new IllegalStateException("there is no sale " + saleId));
        };
    }
}
