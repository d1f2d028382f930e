package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.KeyOutcome;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Ends a key for good. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        description = "End a key for good, on all nodes within about a second.")
final class RevokeKey implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<key>", description = "Its number, as the list shows it.")
    private long keyId;

    @Mixin
    private AuditTrail auditTrail;

    @Spec
    private CommandSpec spec;

    RevokeKey(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String postgresUri = SettingsReader.readPostgresUri(environment);
        try (Servers servers = Servers.open(postgresUri)) {
            AdminAction action = auditTrail.action(AdminAction.Kind.KEY_REVOKED);
            KeyOutcome outcome = servers.books().keys().revoke(action, keyId).await();
            if (!(outcome instanceof KeyOutcome.Revoked revoked)) {
                throw KeyRefusals.of(outcome, Long.toString(keyId));
            }
            spec.commandLine()
                    .getOut()
                    .println("Key " + keyId + " of " + revoked.key().name() + " is revoked.");
        }
        return 0;
    }
}
