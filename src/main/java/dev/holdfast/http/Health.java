package dev.holdfast.http;

/** What the probes tell. Asked on event loops: answers at once, from what was last seen. */
public interface Health {

    /** Whether Redis answers. */
    boolean redisUp();

    /** Whether PostgreSQL answers. */
    boolean postgresUp();

    /** The version of this build. */
    String version();
}
