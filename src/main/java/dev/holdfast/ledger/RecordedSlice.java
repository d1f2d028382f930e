package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.StockCount;
import java.util.List;

/**
 * What the books have of some SKUs of a lane, at one moment.
 *
 * @param recordedSeq of the last entry that is in these counts
 * @param counts by name
 */
public record RecordedSlice(Lane lane, long recordedSeq, List<StockCount> counts) {}
