package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.Migrations;
import dev.holdfast.ledger.ServiceRole;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings the schema up to date, under the role that owns it, so that the service can run under another. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        description =
                "Bring the schema up to date, as the role in HOLDFAST_POSTGRES_URI, which owns the tables from then on.")
final class Migrate implements Callable<Integer> {

    private final Map<String, String> environment;

    @Option(
            names = "--service-role",
            paramLabel = "<role>",
            description = "Grant this role what the service needs, and nothing else.")
    private @Nullable String serviceRole;

    @Spec
    private CommandSpec spec;

    Migrate(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        PrintWriter out = spec.commandLine().getOut();
        Migrations.run(postgresUri);
        out.println("The schema is up to date.");
        if (serviceRole != null) {
            ServiceRole.grant(postgresUri, serviceRole);
            out.println("The service can run as " + serviceRole + ".");
        }
        return 0;
    }
}
