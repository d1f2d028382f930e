package dev.holdfast.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be done about incidents; it needs PostgreSQL only. */
@Command(
        name = "incidents",
        mixinStandardHelpOptions = true,
        description = "List and resolve incidents. Needs HOLDFAST_POSTGRES_URI only; no node has to run.")
final class IncidentCommands implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing required subcommand: list or resolve");
    }
}
