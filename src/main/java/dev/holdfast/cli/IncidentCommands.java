package dev.holdfast.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be done about incidents; all but repairs need PostgreSQL only. */
@Command(
        name = "incidents",
        mixinStandardHelpOptions = true,
        description =
                "List, repair and resolve incidents. Needs HOLDFAST_POSTGRES_URI, repair HOLDFAST_REDIS_URI, too; no node has to run.")
final class IncidentCommands implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing required subcommand: list, repair or resolve");
    }
}
