package dev.holdfast.cli;

import dev.holdfast.ledger.Author;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who types a command that changes something, for the audit trail. */
final class Person {

    /** No key can have this name, so that nobody takes one for the other. */
    private static final String NO_KEY = "(command line)";

    @Option(
            names = "--actor",
            paramLabel = "<name>",
            description = "Who does it, for the audit trail. The user of this machine, unless said otherwise.")
    private @Nullable String actor;

    Author author() {
        String name = actor == null ? System.getProperty("user.name", "unknown") : actor;
        return new Author(name, NO_KEY, UUID.randomUUID().toString().replace("-", ""));
    }
}
