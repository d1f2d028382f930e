package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Optional;

/** Reservations as PostgreSQL has them, for those that Redis has dropped. */
public interface ReservationArchive {

    /** Empty if it was never recorded. Fails with {@link Unavailable} while PostgreSQL is away. */
    Future<Optional<Reservation>> find(SaleId saleId, ReservationId id);
}
