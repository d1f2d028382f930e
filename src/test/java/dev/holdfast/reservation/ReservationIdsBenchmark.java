package dev.holdfast.reservation;

import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What names a reservation and what tells two requests of one name apart. */
@State(Scope.Thread)
public class ReservationIdsBenchmark {

    private static final SaleId SALE = new SaleId("demo");
    private static final CustomerId CUSTOMER = new CustomerId("c-0000000042");

    private final ReservationIds ids = new ReservationIds(Secrets.of("a-secret-of-all-test-nodes-0123456789"));
    private final HoldRequest request =
            new HoldRequest(SALE, CUSTOMER, Cart.of(List.of(new Line(new Sku("RED-DRESS-M"), 1))), 60, "order-4711");

    /** From sale, customer and Idempotency-Key. */
    @Benchmark
    public ReservationId idOfKey() {
        return ids.idOf(SALE, CUSTOMER, "order-4711").id();
    }

    /** By chance. */
    @Benchmark
    public ReservationId idWithoutKey() {
        return ids.idOf(SALE, CUSTOMER, null).id();
    }

    /** Of a request for one line. */
    @Benchmark
    public String fingerprint() {
        return ids.fingerprintOf(request);
    }
}
