package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.LetterOutcome;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says that an entry that could not be recorded is not wanted. */
@Command(
        name = "discard",
        mixinStandardHelpOptions = true,
        description = "Say that what a dead letter says is not wanted, and print what to do next.")
final class DiscardDeadLetter implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<letter>", description = "Its number, as the list shows it.")
    private long letterId;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    DiscardDeadLetter(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        AdminAction action = auditTrail.action(AdminAction.Kind.DEAD_LETTER_DISCARDED);
        try (Servers servers = Servers.open(postgresUri)) {
            LetterOutcome outcome = servers.letters().discard(action, letterId).await();
            LetterAnswers.print(outcome, letterId, spec.commandLine().getOut());
        }
        return 0;
    }
}
