package dev.holdfast.redis;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleId;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What Redis answered to a hold, from its texts to values. */
@State(Scope.Thread)
public class ReplyBenchmark {

    private static final Lane LANE = new Lane(new SaleId("demo"), 0, 1_795_218_186L);
    private static final ReservationId ID = new ReservationId("0123456789abcdefghijkl");
    private static final String HOLD = "H 1 4711 1795219200123 1795219260123 0 0123456789a c-0000000042 RED-DRESS-M 1";
    private static final String HOLD_OF_20;

    static {
        StringBuilder lines =
                new StringBuilder(HOLD.replace("RED-DRESS-M 1", "").strip());
        for (int i = 0; i < 20; i++) {
            lines.append(" RED-DRESS-%02d 1".formatted(i));
        }
        HOLD_OF_20 = lines.toString();
    }

    private final Reply held = new Reply(Script.HOLD, List.of("HELD", "1795219200123", "0", HOLD), 0);
    private final Reply outOfStock =
            new Reply(Script.HOLD, List.of("OUT_OF_STOCK", "1795219200123", "0", "1", "RED-DRESS-M", "1", "0", "0"), 0);

    /** One line. */
    @Benchmark
    public Reservation held() {
        return PackedHold.parse(held.text(3)).reservation(LANE, ID, held.number(1), false);
    }

    /** 20 lines. */
    @Benchmark
    public PackedHold heldOf20Lines() {
        return PackedHold.parse(HOLD_OF_20);
    }

    /** Sold out. */
    @Benchmark
    public Refusal outOfStock() {
        return RefusalReply.read(outOfStock);
    }
}
