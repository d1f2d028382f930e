package dev.holdfast.ledger;

import java.time.Instant;

/**
 * The operation that claimed a sale last. It may be over.
 *
 * @param actor who it is of
 * @param operation what it does: the word of an {@link AdminAction.Kind}
 * @param since when it claimed the sale, by PostgreSQL's clock
 */
public record FenceHolder(long token, String actor, String operation, Instant since) {}
