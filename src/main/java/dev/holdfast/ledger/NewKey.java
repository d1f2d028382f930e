package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * A key that is asked for.
 *
 * @param expiresAtMs null for never
 */
public record NewKey(String name, KeyScope scope, @Nullable Long expiresAtMs) {}
