package dev.holdfast.cli;

import dev.holdfast.Settings;
import dev.holdfast.Version;
import dev.holdfast.reservation.Unavailable;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** All commands of the program, and how they fail: with one line on standard error. */
public final class Commands {

    /** What was asked for could not be done, or an audit found a difference. */
    static final int EXIT_FAILURE = 1;

    /** There is no such command, or not with these arguments. */
    static final int EXIT_USAGE = 2;

    /** A setting is missing or wrong; sysexits.h calls it EX_CONFIG. */
    static final int EXIT_CONFIG = 78;

    private Commands() {}

    /** Without a command, it serves. */
    @Command(
            name = "holdfast",
            mixinStandardHelpOptions = true,
            versionProvider = Build.class,
            description = "Reserves stock in flash sales.%nConfigured by the environment: HOLDFAST_REDIS_URI, "
                    + "HOLDFAST_POSTGRES_URI, HOLDFAST_SECRET and others, see README.md.",
            commandListHeading = "%nCommands; without one of them, serve:%n")
    private static final class Root extends Serve {

        Root(Map<String, String> environment) {
            super(environment);
        }
    }

    /** Does what the words say, with these variables of the environment, and answers the exit code. */
    public static int run(Map<String, String> environment, String... words) {
        return with(environment).execute(words);
    }

    static CommandLine with(Map<String, String> environment) {
        CommandLine keys = new CommandLine(new Keys())
                .addSubcommand(new CreateKey(environment))
                .addSubcommand(new ListKeys(environment))
                .addSubcommand(new RevokeKey(environment));
        CommandLine incidents = new CommandLine(new IncidentCommands())
                .addSubcommand(new ListIncidents(environment))
                .addSubcommand(new RepairIncident(environment))
                .addSubcommand(new ResolveIncident(environment));
        CommandLine letters = new CommandLine(new DeadLetterCommands())
                .addSubcommand(new ListDeadLetters(environment))
                .addSubcommand(new ReplayDeadLetter(environment))
                .addSubcommand(new DiscardDeadLetter(environment));
        return new CommandLine(new Root(environment))
                .addSubcommand(new Serve(environment))
                .addSubcommand(keys)
                .addSubcommand(incidents)
                .addSubcommand(letters)
                .addSubcommand(new Migrate(environment))
                .addSubcommand(new Adopt(environment))
                .addSubcommand(new Audit(environment))
                .addSubcommand(new Rebuild(environment))
                .addSubcommand(new Export(environment))
                .addSubcommand(new PrintVersion())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((problem, words) -> misused(problem))
                .setExecutionExceptionHandler((failure, command, words) -> failed(failure, command));
    }

    private static int misused(ParameterException problem) {
        CommandLine command = problem.getCommandLine();
        command.getErr()
                .println(OneLine.of(problem) + " (see: "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return EXIT_USAGE;
    }

    private static int failed(Exception failure, CommandLine command) {
        if (failure instanceof Settings.Problem) {
            command.getErr().println(failure.getMessage());
            return EXIT_CONFIG;
        }
        command.getErr()
                .println(command.getCommandSpec().qualifiedName() + ": " + OneLine.of(failure)
                        + whatThen(failure, command.getCommandName()));
        return EXIT_FAILURE;
    }

    /** Whether a server that did not answer may have done it all the same, and whether the command may be given again. */
    static String whatThen(Throwable failure, String command) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        if (!(cause instanceof Unavailable unavailable)) {
            return "";
        }
        if (unavailable.reason() != Unavailable.Reason.OUTCOME_UNKNOWN) {
            return " (this was not done; the command may be given again)";
        }
        return command.equals("create")
                ? " (it may have been done: list the keys, and revoke one that was made and not shown)"
                : " (it may have been done: the command may be given again, and what is done already is not done twice)";
    }

    /** What --version prints. */
    private static final class Build implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"Holdfast " + Version.current()};
        }
    }
}
