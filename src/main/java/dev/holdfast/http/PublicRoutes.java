package dev.holdfast.http;

import dev.holdfast.reservation.Receipts;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.SaleDirectory;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** The calls of the public listener. */
public final class PublicRoutes {

    private PublicRoutes() {}

    /** Bound to the desk and the gate of one event loop. */
    public static Routes of(
            ReservationDesk desk,
            HoldGate gate,
            Receipts receipts,
            SaleDirectory directory,
            StockFeeds feeds,
            InstantSource clock) {
        var reservations = new ReservationRoutes(desk, gate, receipts);
        var sales = new SaleRoutes(desk, directory, new Standings(desk, clock));
        var stockEvents = new StockEventRoutes(feeds);
        return new Routes(Stream.of(
                        reservations.endpoints(), stockEvents.endpoints(), sales.endpoints(), ProblemPages.endpoints())
                .flatMap(List::stream)
                .toList());
    }
}
