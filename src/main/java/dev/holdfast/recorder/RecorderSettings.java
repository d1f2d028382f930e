package dev.holdfast.recorder;

import java.time.Duration;

/**
 * How a recorder works.
 *
 * @param id names this node among all that record into the same PostgreSQL; a new one for each start
 * @param batch entries in one transaction, at most
 * @param lanes lanes in one transaction, at most
 * @param pause between the end of a transaction and the next, while that is not full: entries that come meanwhile go along
 * @param retryPause the longest between two tries while PostgreSQL or Redis is away
 * @param watch between two renewals of the lease, each with a look at how lanes are shared
 * @param safetyLook between two looks at lanes of which nobody said that they have changed
 * @param positionLook between two looks at the end of a lane's ledger in Redis, for lost history
 * @param warnAt entries of a lane that wait for PostgreSQL before a warning is due
 * @param behind how long Redis keeps what is recorded, for a PostgreSQL that comes back older
 */
public record RecorderSettings(
        String id,
        int batch,
        int lanes,
        Duration pause,
        Duration retryPause,
        Duration watch,
        Duration safetyLook,
        Duration positionLook,
        long warnAt,
        Duration behind) {

    /** As long as most standbys lag, and as it takes to notice a mistake. */
    public static final Duration USUAL_BEHIND = Duration.ofMinutes(10);

    /** Throws IllegalArgumentException where a batch is not 1 to 10,000 entries of 1 to 1,000 lanes. */
    public RecorderSettings {
        if (batch < 1 || batch > 10_000) {
            throw new IllegalArgumentException("batch is not 1 to 10,000: " + batch);
        }
        if (lanes < 1 || lanes > 1_000) {
            throw new IllegalArgumentException("lanes is not 1 to 1,000: " + lanes);
        }
    }

    /**
     * What suits a production node. One that dies is relieved after its lease (3 s) and a watch, which leaves a slow machine room
     * below the 5 s that are promised. A pause of 20 ms makes batches of hundreds while a sale is busy: a transaction costs as much
     * as recording some fifty entries in it. A safety look each second keeps the promise of 2 s where the node that changed a lane died
     * before it could say so. 1,000,000 waiting entries are about 90 MB of Redis.
     */
    public static RecorderSettings of(String id) {
        return of(id, USUAL_BEHIND);
    }

    /** The same, with what is recorded kept in Redis for so long. */
    public static RecorderSettings of(String id, Duration behind) {
        return new RecorderSettings(
                id,
                2_000,
                50,
                Duration.ofMillis(20),
                Duration.ofSeconds(2),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                1_000_000,
                behind);
    }
}
