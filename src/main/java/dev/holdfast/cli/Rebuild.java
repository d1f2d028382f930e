package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
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

    /** Answers how many reservations Redis has again, once the sale sells; empty if there is no such sale. */
    @FunctionalInterface
    interface Rebuilder {
        Future<Optional<Long>> rebuild(LaneTools lanes, SaleId saleId, AdminAction action);
    }

    private final Map<String, String> environment;
    private final Rebuilder rebuilder;

    @Parameters(paramLabel = "<sale>", converter = SaleIdConverter.class, description = "The sale's id.")
    private SaleId saleId;

    @Option(names = "--reason", required = true, description = "Why, for the audit trail.")
    private String reason;

    @Mixin
    private Person person;

    @Spec
    private CommandSpec spec;

    Rebuild(Map<String, String> environment, Rebuilder rebuilder) {
        this.environment = environment;
        this.rebuilder = rebuilder;
    }

    @Override
    public Integer call() {
        String redisUri = SettingsReader.readRedisUri(environment);
        String postgresUri = SettingsReader.readPostgresUri(environment);
        AdminAction action = new AdminAction(person.author(), AdminAction.Kind.LANE_REBUILT, reason);
        try (Servers servers = Servers.open(postgresUri)) {
            long reservations = servers.onLanes(redisUri, lanes -> rebuilder.rebuild(lanes, saleId, action))
                    .orElseThrow(() -> new IllegalStateException("there is no sale " + saleId));
            spec.commandLine()
                    .getOut()
                    .println("Sale " + saleId + " is rebuilt, with " + reservations + " reservations, and sells.");
        }
        return 0;
    }
}
