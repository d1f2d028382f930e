package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.LetterOutcome;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has an entry recorded that could not be recorded before. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Record what a dead letter says, once, and print what to do next.")
final class ReplayDeadLetter implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<letter>", description = "Its number, as the list shows it.")
    private long letterId;

    @Option(
            names = "--entry",
            paramLabel = "<entry>",
            description = "The entry as it should have been, to be recorded in its place.")
    private @Nullable String entry;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    ReplayDeadLetter(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        AdminAction action = auditTrail.action(AdminAction.Kind.DEAD_LETTER_REPLAYED);
        try (Servers servers = Servers.open(postgresUri)) {
            LetterOutcome outcome =
                    servers.letters().replay(action, letterId, entry).await();
            LetterAnswers.print(outcome, letterId, spec.commandLine().getOut());
        }
        return 0;
    }
}
