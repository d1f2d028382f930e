package dev.holdfast.admin;

import java.time.Duration;

/**
 * What is kept for how long, and how the rest is removed.
 *
 * @param node names this node among all that share a PostgreSQL; a new one for each start
 * @param interval between two times that all is looked through, by whichever node
 * @param pause between two steps, so that others get their turn
 * @param rows that one step removes, at most
 * @param details how long PostgreSQL keeps what has ended
 * @param quiet how long nothing may have happened on a lane that is retired: as long as Redis keeps what has ended
 */
public record HousekeepingSettings(
        String node, Duration interval, Duration pause, int rows, Duration details, Duration quiet) {

    /** Throws IllegalArgumentException where there is no interval, or PostgreSQL would keep less than Redis. */
    public HousekeepingSettings {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("interval is under a millisecond: " + interval);
        }
        if (rows < 1) {
            throw new IllegalArgumentException("rows is not positive: " + rows);
        }
        if (details.compareTo(quiet) < 0) {
            throw new IllegalArgumentException("PostgreSQL would keep " + details + ", Redis " + quiet);
        }
    }

    /** 1,000 rows ten times a second at most: a tenth of what a recorder writes in a rush. */
    public static HousekeepingSettings of(String node, Duration interval, Duration details, Duration quiet) {
        return new HousekeepingSettings(node, interval, Duration.ofMillis(100), 1_000, details, quiet);
    }
}
