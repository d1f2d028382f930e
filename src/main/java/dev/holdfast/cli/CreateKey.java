package dev.holdfast.cli;

import dev.holdfast.SettingsReader;
import dev.holdfast.admin.KeyAdmin;
import dev.holdfast.ledger.ApiKey;
import dev.holdfast.ledger.KeyOutcome;
import dev.holdfast.ledger.KeyScope;
import dev.holdfast.ledger.NewKey;
import dev.holdfast.reservation.Identifiers;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a key, and prints it alone on standard output, so that it can go into a file or a vault unseen. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Make a key and print it, this once. A name may have two valid keys, while callers change over.")
final class CreateKey implements Callable<Integer> {

    private final Map<String, String> environment;

    @Parameters(paramLabel = "<name>", description = "What the audit trail calls it.")
    private String name;

    @Option(
            names = "--scope",
            required = true,
            description = "What it is for: checkout, admin, or read, which is the GET calls of both.")
    private KeyScope scope;

    @Option(
            names = "--expires-at",
            paramLabel = "<time>",
            description = "When it ends, as in 2027-01-31T00:00:00Z. Never, unless said.")
    private @Nullable Instant expiresAt;

    @Mixin
    private Person person;

    @Spec
    private CommandSpec spec;

    CreateKey(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        if (!Identifiers.isIdentifier(name)) {
            throw new ParameterException(
                    spec.commandLine(), "The name of a key matches [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}");
        }
        String postgresUri = SettingsReader.readPostgresUri(environment);
        NewKey wanted = new NewKey(name, scope, expiresAt == null ? null : expiresAt.toEpochMilli());
        try (Servers servers = Servers.open(postgresUri)) {
            KeyAdmin admin =
                    new KeyAdmin(servers.books().keys(), SettingsReader.readKeyNames(environment), Clock.systemUTC());
            show(admin.create(person.author(), wanted).await());
        }
        return 0;
    }

    private void show(KeyOutcome outcome) {
        if (!(outcome instanceof KeyOutcome.Created created)) {
            throw KeyRefusals.of(outcome, name);
        }
        ApiKey key = created.key();
        spec.commandLine().getOut().println(created.secret().reveal());
        spec.commandLine()
                .getErr()
                .println("Key " + key.id() + " of " + key.name() + ", for "
                        + key.scope().word() + ", expires "
                        + (key.expiresAtMs() == null ? "never" : Instant.ofEpochMilli(key.expiresAtMs()))
                        + ". It is shown this once.");
    }
}
