package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** PostgreSQL's word on which deployment this is. Every method fails with {@link Unavailable} while PostgreSQL is away. */
public interface DeploymentBook {

    /** What PostgreSQL knows. */
    Future<Known> find();

    /** Writes the id unless there is one; answers the one that is there. */
    Future<String> begin(String id);

    /**
     * What PostgreSQL knows of the Redis that belongs to it.
     *
     * @param id empty where none was written yet
     * @param lanes some of the lanes that Redis should have, the newest first; empty where it should have none
     */
    record Known(Optional<String> id, List<Lane> lanes) {

        /** Keeps its own copy. */
        public Known {
            lanes = List.copyOf(lanes);
        }
    }
}
