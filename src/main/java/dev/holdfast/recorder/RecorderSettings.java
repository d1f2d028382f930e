package dev.holdfast.recorder;

import java.time.Duration;

/**
 * How a recorder works.
 *
 * @param id names this node among all that record into the same PostgreSQL; a new one for each start
 * @param batch entries in one transaction, at most
 * @param busyPause after entries were found, before the next look
 * @param idlePause the longest between two looks while nothing happens
 * @param retryPause the longest between two tries while PostgreSQL or Redis is away
 * @param watch between two looks at leases, at new lanes, and at the ends of the streams
 * @param warnAt entries that wait for PostgreSQL before a warning is due
 * @param behind how long Redis keeps what is recorded, for a PostgreSQL that comes back older
 */
public record RecorderSettings(
        String id,
        int batch,
        Duration busyPause,
        Duration idlePause,
        Duration retryPause,
        Duration watch,
        long warnAt,
        Duration behind) {

    /** As long as most standbys lag, and as it takes to notice a mistake. */
    public static final Duration USUAL_BEHIND = Duration.ofMinutes(10);

    /** Throws IllegalArgumentException where a batch is not 1 to 10,000. */
    public RecorderSettings {
        if (batch < 1 || batch > 10_000) {
            throw new IllegalArgumentException("batch is not 1 to 10,000: " + batch);
        }
    }

    /**
     * What suits a production node. One that dies is relieved after its lease (3 s) and a watch, which leaves a slow machine room
     * below the 5 s that are promised. A pause of 20 ms makes batches of hundreds while a sale is busy: a transaction costs as much
     * as recording some fifty entries in it. 1,000,000 waiting entries are about 90 MB of Redis.
     */
    public static RecorderSettings of(String id) {
        return of(id, USUAL_BEHIND);
    }

    /** The same, with what is recorded kept in Redis for so long. */
    public static RecorderSettings of(String id, Duration behind) {
        return new RecorderSettings(
                id,
                1_000,
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofSeconds(2),
                Duration.ofMillis(500),
                1_000_000,
                behind);
    }
}
