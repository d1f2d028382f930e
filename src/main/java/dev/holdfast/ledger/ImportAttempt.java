package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * One attempt at one import.
 *
 * @param name that no other has
 * @param idempotencyKey of the import; null for one without
 */
public record ImportAttempt(String name, @Nullable String idempotencyKey) {}
