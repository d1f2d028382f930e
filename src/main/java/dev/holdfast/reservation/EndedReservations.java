package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Ended reservations in PostgreSQL by the keys of their requests, for lanes to which Redis does not have all of them back. */
public interface EndedReservations {

    /**
     * Names a request.
     *
     * @param key the reservation's, {@link ReservationId#KEY_LENGTH} characters
     */
    record Key(CustomerId customerId, String key) {}

    /**
     * What came of a request.
     *
     * @param fingerprint of the request
     */
    record Ended(Reservation reservation, String fingerprint) {}

    /**
     * For each key, in their order, the newest reservation under it that has ended and is still remembered. Fails with
     * {@link Unavailable} while PostgreSQL is away.
     */
    Future<List<Optional<Ended>>> find(Lane lane, List<Key> keys);
}
