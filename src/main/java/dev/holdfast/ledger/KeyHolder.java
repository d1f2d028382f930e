package dev.holdfast.ledger;

/**
 * Whose key a call came with.
 *
 * @param name of the key
 * @param keyId 0 for a key of the environment
 */
public record KeyHolder(KeyScope scope, String name, long keyId) {

    /** Of a key that stands in the settings. */
    public static KeyHolder ofEnvironment(KeyScope scope, String name) {
        return new KeyHolder(scope, name, 0);
    }
}
