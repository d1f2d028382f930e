package dev.holdfast.ledger;

/**
 * Who asks for a change.
 *
 * @param actor the person or program, as the caller says; the key's name where it does not say
 * @param keyName the name of the key that was used
 * @param requestId the traceId that the caller is answered with
 */
public record Author(String actor, String keyName, String requestId) {}
