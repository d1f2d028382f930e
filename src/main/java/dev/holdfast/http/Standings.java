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

    /** As it is set up where Redis cannot be asked. Fails with {@link Unavailable} where PostgreSQL is needed and away. */
    Future<SaleStanding> of(Sale sale) {
        return desk.standing(sale.id())
                .map(standing -> standing.orElseGet(() -> recovering(sale)))
                .recover(failure -> failure instanceof Unavailable unavailable
                        ? without(sale, unavailable)
                        : Future.failedFuture(failure));
    }

    private Future<SaleStanding> without(Sale sale, Unavailable failure) {
        return switch (failure.reason()) {
            case RECOVERING -> Future.succeededFuture(recovering(sale));
            case REDIS_UNAVAILABLE -> Future.succeededFuture(asSetUp(sale));
            case OUTCOME_UNKNOWN, POSTGRES_UNAVAILABLE, OVERLOADED -> Future.failedFuture(failure);
        };
    }

    private SaleStanding recovering(Sale sale) {
        return new SaleStanding(SaleStanding.State.RECOVERING, nowMs(sale), false);
    }

    private SaleStanding asSetUp(Sale sale) {
        return SaleStanding.of(sale.state(), sale.opensAtMs(), sale.closesAtMs(), nowMs(sale), false, 0);
    }

    private long nowMs(Sale sale) {
        return clock.millis() + sale.clockOffsetMs();
    }
}
