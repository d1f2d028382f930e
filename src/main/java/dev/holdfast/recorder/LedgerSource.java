package dev.holdfast.recorder;

import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LedgerStream;

/**
 * What a recorder reads, and where it tells that history is lost.
 *
 * @param stream on a connection of its own: a long batch must not stand in a buyer's way
 * @param lanes reports a lane as lost only where Redis is surely this deployment's
 */
public record LedgerSource(LedgerStream stream, LaneBook lanes) {}
