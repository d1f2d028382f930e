package dev.holdfast.http;

import java.util.Optional;

/** What the probes tell. Asked on event loops: answers at once, from what was last seen. */
public interface Health {

    /** Whether Redis answers. */
    boolean redisUp();

    /** Why this node serves nothing although Redis answers, in one line; empty where it may serve. */
    Optional<String> refusal();

    /** Whether PostgreSQL answers. */
    boolean postgresUp();

    /** The version of this build. */
    String version();
}
