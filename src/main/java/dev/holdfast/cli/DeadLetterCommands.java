package dev.holdfast.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be done about dead letters; it needs PostgreSQL only. */
@Command(
        name = "dead-letters",
        mixinStandardHelpOptions = true,
        description = "List, replay and discard ledger entries that could not be recorded. "
                + "Needs HOLDFAST_POSTGRES_URI only; no node has to run.")
final class DeadLetterCommands implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing required subcommand: list, replay or discard");
    }
}
