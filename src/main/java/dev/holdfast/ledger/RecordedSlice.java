package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.StockCount;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * What the books have of some SKUs of a lane, at one moment.
 *
 * @param readAt when they were read, by PostgreSQL's clock
 * @param recordedSeq of the last entry that is in these counts
 * @param counts by name
 */
public record RecordedSlice(Lane lane, OffsetDateTime readAt, long recordedSeq, List<StockCount> counts) {}
