package dev.holdfast.ledger;

/**
 * An admin's word that ended a reservation.
 *
 * @param askedAtMs ms since 1970 by PostgreSQL's clock
 */
public record Release(Author author, String reason, long askedAtMs) {}
