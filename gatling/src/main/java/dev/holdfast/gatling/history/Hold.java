package dev.holdfast.gatling.history;

import java.util.List;

/**
 * A reservation as the service acknowledged it; times are the service's own.
 *
 * @param expiresAtMs from this millisecond on its units are free, unless it was confirmed before
 */
public record Hold(String reservationId, String customerId, List<Line> lines, long heldAtMs, long expiresAtMs) {
    public Hold {
        lines = List.copyOf(lines);
    }
}
