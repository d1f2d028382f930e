package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** Keeps what nodes know of Redis's clock, so that a node that starts knows what happened to it before. */
public interface ClockBook {

    /** What was kept last, and how long ago by PostgreSQL's clock; empty where nothing was. Fails with {@link Unavailable}. */
    Future<Optional<Kept>> last();

    /** Keeps this reading, unless a node that watched for longer has just kept its own. Fails with {@link Unavailable}. */
    Future<Void> keep(ClockReading reading);

    /** A reading, and its age. */
    record Kept(ClockReading reading, Duration age) {}
}
