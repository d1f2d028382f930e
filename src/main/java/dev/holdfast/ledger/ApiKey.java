package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * A key that an admin made, without the key.
 *
 * @param createdBy the actor
 * @param expiresAtMs null for never
 * @param lastUsedAtMs late by about a minute; null for never
 * @param revokedAtMs null while it is not
 */
public record ApiKey(
        long id,
        String name,
        KeyScope scope,
        long createdAtMs,
        String createdBy,
        @Nullable Long expiresAtMs,
        @Nullable Long lastUsedAtMs,
        @Nullable Long revokedAtMs) {

    /** Whether it opens anything. */
    public enum State {
        VALID,
        EXPIRED,
        REVOKED
    }

    /** The first moment of its expiry is one in which it has expired. */
    public State state(long nowMs) {
        if (revokedAtMs != null) {
            return State.REVOKED;
        }
        return expiresAtMs != null && nowMs >= expiresAtMs ? State.EXPIRED : State.VALID;
    }
}
