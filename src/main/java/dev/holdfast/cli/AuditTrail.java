package dev.holdfast.cli;

import dev.holdfast.ledger.AdminAction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the audit trail keeps of a command that changes something: who typed it, and why. */
final class AuditTrail {

    @Mixin
    private Person person;

    @Option(names = "--reason", required = true, description = "Why, for the audit trail.")
    private String reason;

    AdminAction action(AdminAction.Kind kind) {
        return new AdminAction(person.author(), kind, reason);
    }
}
