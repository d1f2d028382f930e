package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Optional;

/** Reservations as PostgreSQL has them, for those that Redis has dropped, and for readers of sales that have stopped. */
public interface ReservationArchive {

    /** Empty if it was never recorded. Fails with {@link Unavailable} while PostgreSQL is away. */
    Future<Optional<Reservation>> find(SaleId saleId, ReservationId id);

    /** The same with when it was recorded. Read at a moment of the sale's clock. */
    Future<Optional<Seen<Reservation>>> findRecorded(SaleId saleId, ReservationId id);
}
