package dev.holdfast.cli;

import dev.holdfast.ledger.KeyOutcome;

/** Why a key is not made or revoked, in one line. */
final class KeyRefusals {

    private KeyRefusals() {}

    static IllegalStateException of(KeyOutcome outcome, String asked) {
        return new IllegalStateException(
                switch (outcome) {
                    case KeyOutcome.TwoValid two ->
                        asked + " has two valid keys already, " + two.olderId() + " and " + two.newerId()
                                + ": revoke one of them first";
                    case KeyOutcome.OtherScope other ->
                        asked + " has a key for " + other.scope().word() + ": use another name";
                    case KeyOutcome.NameInEnvironment taken ->
                        "a key of the environment is named " + asked + ": use another name";
                    case KeyOutcome.ExpiresInThePast past -> "it would have expired already";
                    case KeyOutcome.NoSuchKey none ->
                        "there is no such key; keys of the environment end where they were set";
                    case KeyOutcome.OwnKey own -> "a key cannot revoke itself";
                    case KeyOutcome.Created created -> throw new IllegalStateException("was made: " + created.key());
                    case KeyOutcome.Revoked revoked -> throw new IllegalStateException("was revoked: " + revoked.key());
                });
    }
}
