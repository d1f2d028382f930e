package dev.holdfast.http;

import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.InstantSource;

/** How sales stand: a sale without a usable lane is a sale too, and stands as recovering. */
final class Standings {

    private final ReservationDesk desk;
    private final InstantSource clock;

    Standings(ReservationDesk desk, InstantSource clock) {
        this.desk = desk;
        this.clock = clock;
    }

    /** Fails with {@link Unavailable} where Redis cannot be asked. */
    Future<SaleStanding> of(Sale sale) {
        return desk.standing(sale.id())
                .map(standing -> standing.orElseGet(() -> recovering(sale)))
                .recover(failure -> isRecovering(failure)
                        ? Future.succeededFuture(recovering(sale))
                        : Future.failedFuture(failure));
    }

    private static boolean isRecovering(Throwable failure) {
        return failure instanceof Unavailable unavailable && unavailable.reason() == Unavailable.Reason.RECOVERING;
    }

    private SaleStanding recovering(Sale sale) {
        return new SaleStanding(SaleStanding.State.RECOVERING, clock.millis() + sale.clockOffsetMs());
    }
}
