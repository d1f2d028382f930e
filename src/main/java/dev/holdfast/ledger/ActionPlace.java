package dev.holdfast.ledger;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Where an entry stands in the audit trail.
 *
 * @param atMicros since 1970, as exact as PostgreSQL has it
 */
public record ActionPlace(long atMicros, long actionId) {

    static ActionPlace of(OffsetDateTime at, long actionId) {
        return new ActionPlace(ChronoUnit.MICROS.between(Instant.EPOCH, at.toInstant()), actionId);
    }

    OffsetDateTime at() {
        return Instant.EPOCH.plus(atMicros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    @Override
    public String toString() {
        return atMicros + "-" + actionId;
    }
}
