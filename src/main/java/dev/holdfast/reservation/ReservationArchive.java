package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Optional;

/** Reservations as PostgreSQL has them, for those that Redis has dropped, and for readers while Redis cannot be asked. */
public interface ReservationArchive {

    /** Empty if it was never recorded. Fails with {@link Unavailable} while PostgreSQL is away. */
    Future<Optional<Reservation>> find(SaleId saleId, ReservationId id);

    /** The same with when it was recorded: a hold that is due is held until its end is recorded. */
    Future<Optional<Seen<Reservation>>> findRecorded(SaleId saleId, ReservationId id);
}
