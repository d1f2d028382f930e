package dev.holdfast.ledger;

/** What comes of making or revoking a key. */
public sealed interface KeyOutcome {

    /** It works from now on, here at once and on other nodes within about a second. */
    record Created(ApiKey key, KeySecret secret) implements KeyOutcome {}

    /** It works no longer, here at once and on other nodes within about a second; or it did not before. */
    record Revoked(ApiKey key) implements KeyOutcome {}

    /** The name has its two valid keys: one of them has to go first. */
    record TwoValid(long olderId, long newerId) implements KeyOutcome {}

    /** The name's valid key is for something else: the audit trail could not tell the two apart. */
    record OtherScope(KeyScope scope) implements KeyOutcome {}

    /** The name is one of a key in the settings: the audit trail could not tell the two apart. */
    record NameInEnvironment() implements KeyOutcome {}

    /** It would have expired before it was made. */
    record ExpiresInThePast() implements KeyOutcome {}

    /** The call came with it: who revokes must still get in afterwards. */
    record OwnKey() implements KeyOutcome {}

    /** No key has this id. */
    record NoSuchKey() implements KeyOutcome {}
}
